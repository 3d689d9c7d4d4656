"""The ranges of a log, digested by workers side by side and taken in order: a chain has one thread, its digests need not.

A worker is this module as a process of its own. What it is to read comes by its input, what it found goes by its output: a pipe holds a
little and no more, so that none runs ahead of the chain, and memory stays what it is whatever the length of the log.
"""
from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress

from chassis.errors import StoreAway
from percorso.trails.rows import Digested, Where, digested

SPAN = 4000
"""Positions a range."""
MANY = 10
"""Ranges from which on it pays to start workers: each needs a moment to begin."""
WORKERS = min(4, os.cpu_count() or 1)


class WorkerLost(Exception):
    """A worker ended before its time: it was stopped."""


@contextmanager
def ranges(where: Where, after: int, upto: int) -> Iterator[Iterator[Digested]]:
    """The rows of a log after a position, up to another, in order; workers begin at once. `StoreAway` where they cannot be read."""
    begins = range(after, upto, SPAN)
    if len(begins) < MANY or WORKERS == 1:
        with closing(digested(where, _spans(begins, upto))) as found:
            yield found
        return
    workers = [_worker(where, begins[number::WORKERS], upto) for number in range(WORKERS)]
    try:
        yield (_said(workers[number % WORKERS]) for number, _ in enumerate(begins))
    finally:
        for worker in workers:
            worker.kill()
            worker.communicate()


def _spans(begins: range, upto: int) -> Iterator[tuple[int, int]]:
    return ((begin, min(begin + SPAN, upto)) for begin in begins)


def _worker(where: Where, begins: range, upto: int) -> subprocess.Popen[bytes]:
    worker = subprocess.Popen([sys.executable, "-m", "percorso.trails.ranges"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert worker.stdin is not None
    with suppress(BrokenPipeError), worker.stdin as told:
        pickle.dump((tuple(where), begins, upto), told)  # not by its arguments: an address may hold a password
    worker.stdin = None
    return worker


def _said(worker: subprocess.Popen[bytes]) -> Digested:
    assert worker.stdout is not None
    try:
        found: Digested | StoreAway = pickle.load(worker.stdout)  # of a process of our own
    except (EOFError, pickle.UnpicklingError):
        raise WorkerLost("One who reads the log ended before its time. Is there room in memory?") from None
    if isinstance(found, StoreAway):
        raise found
    return found


def main() -> None:
    where, begins, upto = pickle.load(sys.stdin.buffer)
    try:
        for found in digested(Where(*where), _spans(begins, upto)):
            _say(found)
    except StoreAway as away:
        _say(away)


def _say(found: Digested | StoreAway) -> None:
    pickle.dump(found, sys.stdout.buffer, protocol=pickle.HIGHEST_PROTOCOL)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
