"""Those who load the units of a generation: this process, or several of their own, each taking the next unit that nobody has.

`python -m reporting.workers` is one of them: on its input it is told where, and when its input ends it ends too.
"""
from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from chassis.database import Database, Tx, open_database
from chassis.errors import StoreAway
from reporting.loading import Loading
from reporting.views.all import VIEWS
from reporting.views.view import View

LOOK_S = 0.2
TRIES = 5
Watch = Callable[[str, int, int], None]
"""Told what is being done, how much is done, of how much."""


class Superseded(Exception):
    """The generation is gone: another rebuild has begun."""


class WorkerFailed(Exception):
    """A worker ended before all was done; its words."""


def building(tx: Tx, generation: int) -> tuple[int, list[View]]:
    """The archive sequence that a generation is at, and the views it is to have."""
    rows = tx.execute("SELECT sequence, views FROM view_built WHERE generation = %s", (generation,))
    if not rows:
        raise Superseded(f"the generation {generation} is gone: another rebuild has begun")
    names = json.loads(rows[0]["views"])["views"]
    return rows[0]["sequence"], [view for view in VIEWS if view.name in names]


def load_next(database: Database, generation: int) -> bool:
    """Load the next unit that nobody has; False where there is none. It is loaded whole or not at all."""
    skip = " FOR UPDATE SKIP LOCKED" if database.dialect == "postgres" else ""
    with database.transaction() as tx:
        upto, views = building(tx, generation)
        rows = tx.execute("SELECT unit, routes FROM rebuild_unit WHERE generation = %s AND done = 0 ORDER BY unit LIMIT 1" + skip,
                          (generation,))
        for row in rows:
            Loading(tx, generation, upto, views).unit(row["routes"])
            tx.execute("UPDATE rebuild_unit SET done = 1 WHERE generation = %s AND unit = %s", (generation, row["unit"]))
        return bool(rows)


def loaded(database: Database, generation: int) -> tuple[int, int]:
    """Facts of the units that are loaded, and of all."""
    with database.reading() as tx:
        rows = tx.execute("SELECT coalesce(sum(facts * done), 0) AS done, coalesce(sum(facts), 0) AS of_all FROM rebuild_unit "
                          "WHERE generation = %s", (generation,))
    return int(rows[0]["done"]), int(rows[0]["of_all"])


def load(database: Database, generation: int, workers: int, watch: Watch) -> None:
    """Load what is not loaded yet, with so many workers; one of them is this process itself."""
    url = getattr(database, "url", None)
    if workers > 1 and url:
        said: list[str] = []
        with _started(url, generation, workers, said) as processes:
            while any(process.poll() is None for process in processes):
                watch("facts loaded", *loaded(database, generation))
                time.sleep(LOOK_S)
        done, of = loaded(database, generation)
        if done < of:
            raise WorkerFailed(next(filter(None, said), "a worker was ended from outside"))
    else:
        while load_next(database, generation):
            watch("facts loaded", *loaded(database, generation))


@contextmanager
def _started(url: str, generation: int, workers: int, said: list[str]) -> Iterator[list[subprocess.Popen[str]]]:
    """Workers at work. In the end their input ends, and they with it; `said`: the last words of each."""
    command = [sys.executable, "-m", "reporting.workers"]
    processes = [subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(workers)]
    try:
        for process in processes:
            assert process.stdin is not None
            process.stdin.write(json.dumps({"url": url, "generation": generation}) + "\n")
            process.stdin.flush()
        yield processes
    finally:
        said += [process.communicate()[1].strip().rpartition("\n")[2] for process in processes]


def main() -> None:
    told = json.loads(sys.stdin.readline())
    gc.freeze()  # what is imported stays: it is not looked through again and again while facts come and go
    gc.disable()
    threading.Thread(target=_end_with_input, daemon=True).start()
    database, tries = open_database(told["url"], service="reporting"), 0
    while True:
        try:
            if not load_next(database, told["generation"]):
                return
            gc.collect()
            tries = 0
        except StoreAway:
            tries += 1
            if tries >= TRIES:
                raise
            time.sleep(tries)


def _end_with_input() -> None:
    """Whoever started it is gone: what it has not committed is given up."""
    sys.stdin.read()
    os._exit(1)


if __name__ == "__main__":
    main()
