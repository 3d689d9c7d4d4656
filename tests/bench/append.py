"""Row 1: single-event commands a second, against the library's own save."""
from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

from bench import library, pad
from chassis.execute import Call, Executor

CALLERS = 32
NOTES = 8
"""Notes a pad: a command loads three or four events on average."""


async def ours(office: Executor, pads: int, callers: int = CALLERS) -> float:
    """Commands a second of so many callers, each with so many pads, one after another."""
    async def caller() -> None:
        subject = f"subject-{uuid4()}"
        for _ in range(pads):
            mine = str(uuid4())
            for _ in range(NOTES):
                await office.carry_out(pad.ADD, pad.note(mine, subject), pad.ACTOR, Call(f"bari/me/addNote/{uuid4()}", b"d" * 32, mine))

    begun = time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(callers)))
    return callers * pads * NOTES / (time.perf_counter() - begun)


def theirs(app: library.Pads, pads: int, threads: int) -> float:
    """The same through the library, with so many threads."""
    def caller(_: int) -> None:
        subject = f"subject-{uuid4()}"
        for _ in range(pads):
            mine = str(uuid4())
            for _ in range(NOTES):
                app.add_note(**pad.note(mine, subject))

    begun = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(caller, range(threads)))
    return threads * pads * NOTES / (time.perf_counter() - begun)
