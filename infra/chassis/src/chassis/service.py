"""A service put together: from what it declares and its settings to its store, relay, hearing, reactions and deadlines."""
from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any

from chassis import relay as relaying
from chassis import saved, schema, trail
from chassis.bus import Bus, open_bus
from chassis.clock import Clock, ScenarioClock, WallClock
from chassis.consume import Consume
from chassis.database import open_database
from chassis.deadlines import Deadlines
from chassis.declare import Declared
from chassis.errors import StoreAway
from chassis.execute import Executor
from chassis.heard import HeardFacts
from chassis.heard_first import HeardFirst
from chassis.hearing import Hearing
from chassis.loader import Loader
from chassis.log import Log
from chassis.logs import described
from chassis.parking import Parking
from chassis.reactions import Reactions
from chassis.record import Codec
from chassis.relay import Relay
from chassis.saved import Place
from chassis.sealing import Sealer
from chassis.seals import SealKey
from chassis.settings import Settings
from chassis.timestamps import Authority, Stamper
from chassis.vault import Vault
from chassis.writer import Writer
from contracts.envelope import spoken
from contracts.log import LogReadmitted, SealTimestamped, TrailSealed

IDLE, LONGEST_WAIT = 1.0, 60.0
"""Seconds between two looks at what time alone brings: deadlines and seals; longer and longer while a look fails."""
logger = logging.getLogger(__name__)


def with_its_log(declared: Declared) -> Declared:
    """What every service says of its own log, and hears of the others': seals, readmissions."""
    return replace(declared, kinds=(*declared.kinds, trail.LOG), commands=(*declared.commands, *trail.COMMANDS),
                   spoken={**declared.spoken, **spoken(declared.name, TrailSealed, SealTimestamped, LogReadmitted)})


class Service:
    """One service. `start` some of its parts, `stop` them all; what it is made of may be used without."""

    def __init__(self, declared: Declared, settings: Settings, clock: Clock, bus: Bus | None) -> None:
        self.declared, self.settings, self.clock = with_its_log(declared), settings, clock
        self.database = open_database(settings.database_url, service=declared.name)
        self.log, self.vault = Log(self.database), Vault(self.database, settings.master_key, settings.master_key_before)
        codec = Codec(declared.name, self.declared.kinds, self.declared.spoken, declared.silent, self.vault)
        self.writer = Writer(self.log, clock.now)
        self.executor = Executor(self.declared, self.log, codec, self.writer, Loader(self.log, codec), clock.now)
        self._own_bus = bus is None
        self.bus = bus or open_bus(settings.bus)
        self.part = declared.parts(self) if declared.parts else None
        self.hearing = Hearing(self._hears(), self.database, clock.now, sources=getattr(self.part, "sources", ()),
                               archive=getattr(self.part, "archive", None))
        self.parking, self.reactions = Parking(self.database, self.hearing), Reactions(self.executor, self.database, declared.reactions)
        self.deadlines = Deadlines(self.executor, declared.deadlines)
        self.relay = Relay(declared.name, self.log, self.bus, self.executor.halt)
        key, before = (SealKey(seed) if seed else None for seed in (settings.seal_key, settings.seal_key_before))
        self.sealer = Sealer(self.executor, self._relayed, key, before)
        self.consume = Consume(declared.name, self.hearing, self.reactions, self.bus)
        self.executor.heard_about = HeardFacts(self.database).about
        self.executor.parked = self.parking.about
        self.hearing.erased.append(self.vault.look)
        self.heard_first = HeardFirst(declared.erases, self.hearing, self.bus, self.vault)
        self._tasks: list[asyncio.Task[None]] = []
        self._started: set[str] = set()

    async def start(self, *parts: str) -> None:
        """Start `relay`, `consume`, `deadlines`, or some of them; without the relay, its halt is watched. ValueError: another's key."""
        with suppress(StoreAway):
            await asyncio.to_thread(self.vault.check)
        self._started = set(parts)
        if "consume" in parts:
            if self.part is not None:
                self.hearing.heard.append(self.part.on_batch)
                await self.part.start()
            await self.consume.start()
        if "relay" in parts:
            self.writer.stored.append(self.relay.wake)
            await self.relay.start()
            if not isinstance(self.clock, ScenarioClock):
                self._every(self.sealer.catch_up)
                if url := self.settings.tsa_url:
                    authority = Authority(url, self.settings.tsa_ca_file)
                    self._every(Stamper(self.executor, self.sealer.own, self._relayed, authority).catch_up)
        else:
            self._tasks.append(asyncio.create_task(relaying.watch(self.log, self.executor.halt)))
        if "deadlines" in parts and self.declared.deadlines:
            self._every(self.deadlines.catch_up)
        self._every(partial(asyncio.to_thread, self.vault.look))  # another process of the service may have heard of an erasure
        await self.heard_first.start()

    async def stop(self) -> None:
        await self.heard_first.stop()
        for task in self._tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        if "consume" in self._started:
            await self.consume.stop()
            if self.part is not None:
                await self.part.stop()
        if "relay" in self._started:
            await self.relay.stop()
        if self._own_bus:
            await self.bus.stop()
        self.executor.close()
        self.database.close()

    def place(self) -> Place:
        """How far this service has spoken, whichever of its processes did."""
        return self.relay.place if self.relay.taken else saved.look(self.database)

    def status(self) -> dict[str, Any]:
        """How far the service is. `ahead`, the sources that wait for the clock, is known to the process that hears alone."""
        place = self.place()
        return {"service": self.declared.name, "log": self.log.head(), "relayed": place.position, "spoken": place.spoken(),
                "heard": {source: {part: at[1] for part, at in parts.items()} for source, parts in self.hearing.passed().items()},
                "reactions": self.reactions.ready(), "deadlines": self.deadlines.waiting(), "parked": self.parking.count(),
                "views": self.part.status() if self.part is not None else {"behind": 0}, "halted": self.executor.halted,
                "stopped": self.hearing.not_heard(), "ahead": dict(self.hearing.ahead), "lag": self.consume.lag,
                "now": self.clock.now().isoformat()}

    def ready(self) -> list[str]:
        """Why commands or reads cannot be taken now; nothing where they can. `StoreAway` where the database is away."""
        self.log.head()
        return [why for why in (self.executor.halted, self.heard_first.reason) if why]

    def _relayed(self) -> Place:
        """How far this process has spoken; nothing where it does not."""
        return self.relay.place if self.relay.agreed else Place()

    def _hears(self) -> Declared:
        """The listed types, and the seals of every other source that is listened to."""
        named = {name.partition(".")[0] for name in self.declared.hears}
        sources = named.union(getattr(self.part, "sources", ())) - {self.declared.name}
        return replace(self.declared, hears=(*self.declared.hears, *(f"{source}.TrailSealed.v1" for source in sorted(sources))))

    def _every(self, do: Callable[[], Awaitable[Any]]) -> None:
        self._tasks.append(asyncio.create_task(_again_and_again(do)))


async def _again_and_again(do: Callable[[], Awaitable[Any]]) -> None:
    wait = IDLE
    while True:
        try:
            await do()
            wait = IDLE
        except Exception as trouble:
            logger.warning("what time brings is looked at again in %s s: %s", wait, described(trouble))
            wait = min(2 * wait, LONGEST_WAIT)
        await asyncio.sleep(wait)


def build(declared: Declared, settings: Settings, clock: Clock | None = None, bus: Bus | None = None) -> Service:
    """A service over its database and bus; nothing of it runs yet."""
    return Service(declared, settings, clock or (ScenarioClock() if settings.clock == "scenario" else WallClock()), bus)


def migrate(declared: Declared, settings: Settings) -> None:
    """Make the tables that are missing."""
    database = open_database(settings.database_url, service=declared.name)
    try:
        schema.migrate(database, declared.tables, settings.grant_to, declared.makes_tables, declared.only_added)
    finally:
        database.close()


__all__: Sequence[str] = ("Service", "build", "migrate")
