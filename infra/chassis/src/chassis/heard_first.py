"""After a start nothing sealed is opened before the erasures that the topic holds were heard: the database may have been set back."""
from __future__ import annotations

import asyncio
from contextlib import suppress

from chassis.bus import Bus, BusAway, TopicMissing
from chassis.errors import StoreAway
from chassis.hearing import Hearing
from chassis.topics import topic_of
from chassis.vault import Vault

WAITS = "erasures are heard first"
UNASKED = "whether there are erasures to be heard is not known while the bus does not answer"
PROMPT, LOOK, AGAIN = 2.0, 0.05, 1.0
"""Seconds: how long a start waits for it, between two looks, before the bus is asked again."""


class HeardFirst:
    """Looks at the service's own offsets: whichever of its processes hears, all know.

    `reason` why the service is not ready. Where the bus is away, nobody can know: the service is ready for what needs no key, and what is
    sealed stays shut.
    """

    def __init__(self, erases: str, hearing: Hearing, bus: Bus, vault: Vault) -> None:
        self._topic = topic_of(erases.partition(".")[0]) if erases else ""
        self._hearing, self._bus, self._vault = hearing, bus, vault
        self._task: asyncio.Task[None] | None = None
        self.reason: str | None = None

    async def start(self) -> None:
        """Shut what is sealed; return once it is open, or after a moment."""
        if self._topic:
            self.reason = self._vault.shut = WAITS
            self._task = asyncio.create_task(self._open())
            await asyncio.wait({self._task}, timeout=PROMPT)

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        self._task = None

    async def _open(self) -> None:
        topic_id, ends = await self._ends()
        self.reason = self._vault.shut = WAITS
        while not await self._heard(topic_id, ends):
            await asyncio.sleep(LOOK)
        await asyncio.to_thread(self._vault.look)
        self.reason = self._vault.shut = None

    async def _ends(self) -> tuple[str, dict[int, int]]:
        while True:
            with suppress(BusAway, TopicMissing):
                topic_id, bounds = await self._bus.topic_id(self._topic), await self._bus.bounds(self._topic)
                return topic_id, {part: end for part, (first, end) in bounds.items() if end > first}
            self.reason, self._vault.shut = None, UNASKED
            await asyncio.sleep(AGAIN)

    async def _heard(self, topic_id: str, ends: dict[int, int]) -> bool:
        with suppress(StoreAway):
            own = await asyncio.to_thread(self._hearing.places)
            return all(own.get((topic_id, part), 0) >= end for part, end in ends.items())
        return False
