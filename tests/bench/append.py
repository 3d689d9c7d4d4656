"""Row 1: single-event commands a second of 32 callers, loading, command log and sealing on, against the library's own save."""
from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

from bench import library, pad
from bench.place import Place
from bench.row import Ratio, Sizes, paired
from chassis.execute import Call, Executor

CALLERS = 32
NOTES = 8
"""Notes a pad: a command loads three or four events on average."""


async def measure(place: Place, sizes: Sizes) -> Ratio:
    with place.database() as url, pad.office(url) as office, library.pads(url) as app, ThreadPoolExecutor(CALLERS) as threads:
        groups: list[int] = []
        office.writer.stored.append(groups.append)
        pairs = await paired(sizes.rounds, lambda: ours(office, sizes.pads), lambda: theirs(app, threads, sizes.baseline_pads))
    return Ratio(f"append, {CALLERS} callers", "commands/s", 10, pairs, {"group": round(sum(groups) / len(groups), 1)})


async def ours(office: Executor, pads: int) -> float:
    async def caller() -> None:
        subject = f"subject-{uuid4()}"
        for _ in range(pads):
            mine = str(uuid4())
            for _ in range(NOTES):
                await office.carry_out(pad.ADD, pad.note(mine, subject), pad.ACTOR, Call(f"bari/me/addNote/{uuid4()}", b"d" * 32, mine))

    begun = time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(CALLERS)))
    return CALLERS * pads * NOTES / (time.perf_counter() - begun)


async def theirs(app: library.Pads, threads: ThreadPoolExecutor, pads: int) -> float:
    """As many threads: the library is not asynchronous, and it is at its best with one a caller."""
    def caller() -> None:
        subject = f"subject-{uuid4()}"
        for _ in range(pads):
            mine = str(uuid4())
            for _ in range(NOTES):
                app.add_note(**pad.note(mine, subject))

    loop, begun = asyncio.get_running_loop(), time.perf_counter()
    await asyncio.gather(*(loop.run_in_executor(threads, caller) for _ in range(CALLERS)))
    return CALLERS * pads * NOTES / (time.perf_counter() - begun)
