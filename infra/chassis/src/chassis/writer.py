"""Group commit: one writer a process takes all waiting appends, commits them together, answers each caller."""
from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from chassis.commit import Outcome, commit_group
from chassis.log import Append, Log

MOST = 512


class Writer:
    """`stored` are called after each group that stored something, with its size, in the event loop."""

    def __init__(self, log: Log, now: Callable[[], datetime]) -> None:
        self._log, self._now = log, now
        self._waiting: list[tuple[Append, asyncio.Future[Outcome]]] = []
        self._thread = ThreadPoolExecutor(1, "writer")
        self._busy: asyncio.Task[None] | None = None
        self.stored: list[Callable[[int], None]] = []

    async def append(self, append: Append) -> Outcome:
        """The verdict, once what passed is durable. `StoreAway` where it is not known whether it was stored."""
        answer: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._waiting.append((append, answer))
        if self._busy is None:
            self._busy = asyncio.create_task(self._drain())
        return await answer

    def close(self) -> None:
        self._thread.shutdown()

    async def _drain(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._waiting:
                await asyncio.sleep(0)  # let those join that arrive in this turn of the loop, or ask again now that they are answered
                self._waiting.sort(key=lambda waits: -waits[0].tried)  # else one who asks again and again starves the others
                group = self._waiting[:MOST]
                del self._waiting[:len(group)]
                appends = [append for append, _ in group]
                try:
                    outcomes = await loop.run_in_executor(self._thread, commit_group, self._log, appends, self._now)
                except Exception as broken:
                    for _, answer in group:
                        if not answer.done():
                            answer.set_exception(broken)
                    continue
                for (_, answer), outcome in zip(group, outcomes, strict=True):
                    if not answer.done():
                        answer.set_result(outcome)
                for notice in self.stored:
                    notice(len(group))
        finally:
            self._busy = None
