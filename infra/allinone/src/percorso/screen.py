"""What is written to: the screen; and, on the error stream, the progress of long work: a bar on a terminal, else JSON lines."""
from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

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
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        bar = shown.add_task(what, total=None)
        yield lambda doing, done, of: shown.update(bar, description=doing, completed=done, total=of)


def _lines(what: str) -> Watch:
    """A line a second at most."""
    said = time.monotonic()

    def watch(doing: str, done: int, of: int | None) -> None:
        nonlocal said
        if time.monotonic() - said >= EVERY_S:
            said = time.monotonic()
            sys.stderr.write(json.dumps({"work": what, "doing": doing.strip(), "done": done, "of": of}) + "\n")

    return watch
