"""Row 1: single-event commands a second of 32 callers, loading, command log and sealing on, against the library's own save."""
from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
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
    async def caller(notes: list[dict[str, Any]]) -> None:
        for note in notes:
            await office.carry_out(pad.ADD, note, pad.ACTOR, Call(f"bari/me/addNote/{note['note_id']}", b"d" * 32, note["note_id"]))

    asked = [notes(pads) for _ in range(CALLERS)]
    begun = time.perf_counter()
    await asyncio.gather(*map(caller, asked))
    return CALLERS * pads * NOTES / (time.perf_counter() - begun)


async def theirs(app: library.Pads, threads: ThreadPoolExecutor, pads: int) -> float:
    """As many threads: the library is not asynchronous, and it is at its best with one a caller."""
    def caller(notes: list[dict[str, Any]]) -> None:
        for note in notes:
            app.add_note(**note)

    asked, loop = [notes(pads) for _ in range(CALLERS)], asyncio.get_running_loop()
    begun = time.perf_counter()
    await asyncio.gather(*(loop.run_in_executor(threads, caller, some) for some in asked))
    return CALLERS * pads * NOTES / (time.perf_counter() - begun)


def notes(pads: int) -> list[dict[str, Any]]:
    """What one caller asks, one after another: so many pads of one person."""
    return [pad.note(mine, subject) for subject in (str(uuid4()),) for mine in (str(uuid4()) for _ in range(pads)) for _ in range(NOTES)]
