"""The relay: speaks the log to the service's topic, in order, one relay a service; the log is the outbox (`design.md` 5)."""
from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

import orjson

from chassis import saved
from chassis.agree import disagreement
from chassis.bus import Bus, BusAway, Message, TopicMissing, partition_of
from chassis.errors import StoreAway
from chassis.log import Entry, Log
from chassis.logs import described
from chassis.saved import Keeper, Place, Spoken
from chassis.topics import topic_of
from chassis.wire import Added, joined, trail_next, trail_start

TABLES = saved.TABLES
PAGE = 1000
IDLE, STANDBY, LONGEST_WAIT = 0.5, 1.0, 10.0
LOOK_AGAIN = 5.0
"""Seconds after which the lock and the topic's id are looked at again before speaking."""
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Page:
    """What is to be spoken next, and the place once it is acknowledged."""

    messages: dict[int, list[Message]]
    after: Place
    size: int


class Relay:
    """`halt(reason)` makes the service refuse commands, `halt(None)` lifts it: both are the operator's doing, noticed here."""

    def __init__(self, service: str, log: Log, bus: Bus, halt: Callable[[str | None], None], page: int = PAGE) -> None:
        self._service, self._log, self._bus, self._halt, self._page = service, log, bus, halt, page
        self.topic = topic_of(service)
        self._keeper = Keeper(log.database, service)
        self._topic_id, self._looked = "", 0.0
        self.place = Place()
        self.taken = self.agreed = False
        self.halted: str | None = None
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        self._task = None
        self._keeper.free()
        self.taken = False

    def wake(self, _stored: int = 0) -> None:
        """To be called when the writer has stored something."""
        self._wake.set()

    @property
    def relayed(self) -> int:
        return self.place.position

    def spoken(self) -> dict[int, int]:
        """The last position spoken to each partition."""
        return self.place.spoken()

    async def once(self) -> int:
        """Speak one page, save the place; the number of facts spoken. 0 too where another relay has the lock, or at a halt."""
        if not await self.ready():
            return 0
        try:
            page = await asyncio.to_thread(self._compose)
            if page is None:
                return 0
            await self._bus.speak(self.topic, page.messages)
            await asyncio.to_thread(self._save, page)
        except Exception:
            self.taken = False  # whatever it was: the lock and what topic and log say are looked at anew
            raise
        return page.size

    async def ready(self) -> bool:
        """Whether this relay has the lock, and topic and log agree. At a halt the lock is given back, for the operator's tools."""
        if self.taken and time.monotonic() - self._looked > LOOK_AGAIN:
            self.taken = await asyncio.to_thread(self._keeper.held)
            self.agreed = self.agreed and self.taken and await self._same_topic()
            self._looked = time.monotonic()
        if not self.taken:
            self.agreed = False
            self.taken = await asyncio.to_thread(self._keeper.take)
        if self.taken and not self.agreed:
            await self._agree()
        return self.taken and self.agreed

    async def _same_topic(self) -> bool:
        try:
            return await self._bus.topic_id(self.topic) == self._topic_id
        except TopicMissing:
            return False

    async def _agree(self) -> None:
        self.place = await asyncio.to_thread(saved.look, self._log.database)
        try:
            self._topic_id = await self._bus.topic_id(self.topic)
            why = await disagreement(self._bus, self.topic, self._log, self.place)
        except TopicMissing:
            if not self.place.partitions:
                raise
            why = f"{self.topic} is gone"
        self._looked = time.monotonic()
        if why != self.place.halted:
            await asyncio.to_thread(self._note, why)
        self.halted, self.agreed = why, why is None
        self._halt(why)
        if why:
            logger.error("the relay stops, and commands are refused until an operator decides: %s", why)
            self._keeper.free()
            self.taken = False

    def _note(self, why: str | None) -> None:
        with self._keeper.saving() as tx:
            tx.execute("INSERT INTO relay_place (one, position, halted) VALUES (1, 0, %s) "
                       "ON CONFLICT (one) DO UPDATE SET halted = excluded.halted", (why,))
        self.place = replace(self.place, halted=why)

    def _compose(self) -> Page | None:
        entries = self._log.read(self.place.position, self._page)
        return compose(self._service, entries, self.place, self._topic_id) if entries else None

    def _save(self, page: Page) -> None:
        with self._keeper.saving() as tx:
            saved.save(tx, self.place, page.after)
        self.place = page.after

    async def _run(self) -> None:
        wait = IDLE
        while True:
            self._wake.clear()
            try:
                spoken = await self.once()
                wait = IDLE if self.taken else STANDBY
            except Exception as trouble:
                usual = isinstance(trouble, BusAway | TopicMissing | StoreAway)
                logger.warning("the relay begins again from what it has saved: %s", described(trouble), exc_info=not usual)
                spoken, wait = 0, min(2 * wait, LONGEST_WAIT)
                self.taken = False
                await asyncio.sleep(wait)
            if not spoken:
                with suppress(TimeoutError):
                    async with asyncio.timeout(wait):
                        await self._wake.wait()


def key_of(fact: dict[str, str]) -> bytes:
    """The key of a fact: its case, else its aggregate."""
    return (fact.get("case") or fact["aggregate"]).encode()


def compose(service: str, entries: Sequence[Entry], place: Place, topic_id: str) -> Page:
    """The records for these entries of the log: bytes as stored, with position, `after` and trail."""
    trails, partitions = dict(place.trails), dict(place.partitions)
    messages: dict[int, list[Message]] = {}
    for entry in entries:
        stored = entry.parts.fact
        fact = orjson.loads(stored)
        trail = (fact["tenant"], fact.get("programme", ""))
        number, head = trails.get(trail) or (0, trail_start(service, place.incarnation, *trail))
        head = trail_next(head, number + 1, entry.position, stored)
        trails[trail] = (number + 1, head)
        key = key_of(fact)
        part = partition_of(key)
        before = partitions.get(part)
        added = Added(place.incarnation, entry.position, before.position if before else 0, number + 1, head.hex())
        messages.setdefault(part, []).append((key, joined(stored, added)))
        partitions[part] = Spoken(topic_id, place.incarnation, entry.position)
    return Page(messages, Place(place.incarnation, entries[-1].position, trails, partitions), len(entries))


async def watch(log: Log, halt: Callable[[str | None], None], every: float = STANDBY) -> None:
    """For a process of the service that has no relay: refuse commands while the relay has stopped."""
    while True:
        with suppress(StoreAway):
            halt((await asyncio.to_thread(saved.look, log.database)).halted)
        await asyncio.sleep(every)
