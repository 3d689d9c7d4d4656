"""What is written to: the screen; and, on the error stream, the progress of long work: a bar on a terminal, else JSON lines."""
from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

screen = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else 150)
Watch = Callable[[str, int, int | None], None]
"""Told what is being done, how much is done, of how much (None: not known yet)."""
EVERY_S = 1.0


@contextmanager
def progress(what: str) -> Iterator[Watch]:
    """Shows how far the work of the block is; nothing of it stays on a terminal."""
    if not sys.stderr.isatty():
        yield _lines(what)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"),
               TimeElapsedColumn(), TimeRemainingColumn())
    pace = Pace()
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        bar = shown.add_task(what, total=None, rate="")

        def watch(doing: str, done: int, of: int | None) -> None:
            rate = pace.of(doing, done)
            shown.update(bar, description=doing, completed=done, total=of, rate=f"{rate:,.0f}/s" if rate else "")

        yield watch


class Pace:
    """How fast what is being done goes on, since it was begun, a second."""

    def __init__(self) -> None:
        self._doing, self._began, self._first = "", 0.0, 0

    def of(self, doing: str, done: int) -> float:
        now = time.monotonic()
        if doing != self._doing:
            self._doing, self._began, self._first = doing, now, done
        return (done - self._first) / max(now - self._began, 0.001)


def _lines(what: str) -> Watch:
    """A line a second at most: `rate` a second, `end` in how many seconds at that rate."""
    said, pace = time.monotonic(), Pace()

    def watch(doing: str, done: int, of: int | None) -> None:
        nonlocal said
        rate = pace.of(doing, done)
        if time.monotonic() - said >= EVERY_S:
            said = time.monotonic()
            sys.stderr.write(json.dumps({
                "work": what, "doing": doing.strip(), "done": done, "of": of, "rate": round(rate, 1),
                "end": round((of - done) / rate, 1) if of and rate else None}) + "\n")

    return watch
