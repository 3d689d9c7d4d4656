"""The part of a service that hears and reacts."""
from __future__ import annotations

import asyncio
from contextlib import suppress

from chassis.bus import Bus, BusAway, Listening, TopicMissing
from chassis.errors import StoreAway
from chassis.hearing import Hearing
from chassis.reactions import Reactions

LOOK = 0.1
MEASURE = 15.0
"""Seconds between two looks at how far the topics go."""


class Consume:
    """Listens to the topics of the hearing under the group `percorso.<service>`, and runs the reactions."""

    def __init__(self, service: str, hearing: Hearing, reactions: Reactions, bus: Bus) -> None:
        self._group, self._hearing, self._reactions, self._bus = f"percorso.{service}", hearing, reactions, bus
        self._listening: Listening | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self.lag: dict[str, dict[int, int]] = {}
        """Records not yet heard, by topic and partition, as of the last look."""

    async def start(self) -> None:
        await asyncio.to_thread(self._hearing.prepare)
        self._hearing.heard.append(self._reactions.wake)
        await self._reactions.start()
        if self._hearing.topics:
            self._listening = await self._bus.listen(self._hearing.topics, self._group, self._hearing)
        self._tasks = [asyncio.create_task(self._go_back()), asyncio.create_task(self._measure())]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        if self._listening is not None:
            await self._listening.stop()
        self._hearing.heard.remove(self._reactions.wake)
        await self._reactions.stop()
        self._tasks, self._listening = [], None

    async def _go_back(self) -> None:
        """To the own offsets, as soon as a source that was left alone may be heard again."""
        while True:
            await asyncio.sleep(LOOK)
            if not (self._hearing.ahead or self._hearing.stopped) or self._listening is None:
                continue
            with suppress(StoreAway):
                if await asyncio.to_thread(self._hearing.may_go_on):
                    await self._listening.again()

    async def _measure(self) -> None:
        while True:
            with suppress(StoreAway, BusAway, TopicMissing):
                self.lag = {topic: await self._behind(topic) for topic in self._hearing.topics}
            await asyncio.sleep(MEASURE)

    async def _behind(self, topic: str) -> dict[int, int]:
        topic_id = await self._bus.topic_id(topic)
        bounds, own = await self._bus.bounds(topic), await asyncio.to_thread(self._hearing.places)
        return {part: end - max(first, own.get((topic_id, part), 0)) for part, (first, end) in bounds.items()}
