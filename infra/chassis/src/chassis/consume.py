"""The part of a service that hears and reacts."""
from __future__ import annotations

import asyncio
from contextlib import suppress

from chassis.bus import Bus, Listening
from chassis.errors import StoreAway
from chassis.hearing import Hearing
from chassis.reactions import Reactions

LOOK = 0.1


class Consume:
    """Listens to the topics of the hearing under the group `percorso.<service>`, and runs the reactions."""

    def __init__(self, service: str, hearing: Hearing, reactions: Reactions, bus: Bus) -> None:
        self._group, self._hearing, self._reactions, self._bus = f"percorso.{service}", hearing, reactions, bus
        self._listening: Listening | None = None
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        await asyncio.to_thread(self._hearing.prepare)
        self._hearing.heard.append(self._reactions.wake)
        await self._reactions.start()
        if self._hearing.topics:
            self._listening = await self._bus.listen(self._hearing.topics, self._group, self._hearing)
        self._task = asyncio.create_task(self._go_back())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        if self._listening is not None:
            await self._listening.stop()
        self._hearing.heard.remove(self._reactions.wake)
        await self._reactions.stop()
        self._task = self._listening = None

    async def _go_back(self) -> None:
        """To the own offsets, as soon as a source that was left alone may be heard again."""
        while True:
            await asyncio.sleep(LOOK)
            if not (self._hearing.ahead or self._hearing.stopped) or self._listening is None:
                continue
            with suppress(StoreAway):
                if await asyncio.to_thread(self._hearing.may_go_on):
                    await self._listening.again()
