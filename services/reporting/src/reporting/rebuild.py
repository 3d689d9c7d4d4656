"""Rebuilding views from the archive, beside those that serve; then comparing, at the same archive sequence, and switching.

Each step is recorded with what it did: a rebuild that was killed is gone on with by the next one that is begun. Nothing here has a
bus, a log or a command to speak through.
"""
from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from chassis.database import Database, Tx
from chassis.saved import Keeper
from reporting import filed, generations
from reporting.compare import Counts, Difference, compare, counted, unlike, with_facts
from reporting.folding import advance
from reporting.loading import Loading
from reporting.routes import groups, units
from reporting.views import all as views_all
from reporting.views.all import ALL
from reporting.workers import Watch, building, load, loaded

BATCH = 5000
TRIES = 5
"""How often the comparison waits for a moment in which both generations are at one sequence; then it holds the projector."""
INDEX_MEMORY = "256MB"
PATIENCE, PAUSE_S = 5, 0.1
"""How often the lock is asked for again: that of a process which has just ended is not always free at once."""


class AlreadyRunning(Exception):
    """A rebuild or a comparison of these views is under way, here or in another process."""


@dataclass(frozen=True)
class Report:
    """`rows` by view, as rebuilt; `differences`: the first of each view, and how many there are by view and kind."""

    generation: int
    facts: int
    rows: dict[str, int]
    counts: Counts
    differences: list[Difference] = field(default_factory=list)
    views: Sequence[str] = ALL

    @property
    def equal(self) -> bool:
        return not any(sum(kinds.values()) for kinds in self.counts.values())

    def said(self, tenant: str | None = None) -> dict[str, Any]:
        """For a reader of one tenant: counts of all, rows of his own; of all tenants for who may reach the database."""
        views = {view: {"rows": self.rows.get(view, 0), "wrong": 0, "missing": 0, "extra": 0, **self.counts.get(view, {})}
                 for view in self.views}
        return {"equal": self.equal, "generation": self.generation, "facts": self.facts, "views": views,
                "archive": {table: kinds for table, kinds in self.counts.items() if table not in self.views},
                "differences": [one.said() for one in self.differences if tenant in (None, one.tenant)]}


class Rebuilds:
    """One at a time, over all processes; `progress` shows how far it is: what is done, how much, of how much, how fast."""

    def __init__(self, database: Database, workers: int = 1, watch: Watch | None = None) -> None:
        self.database, self._usually, self._workers, self._watch = database, workers, workers, watch
        self.progress: dict[str, Any] = {"running": False, "done": 0, "of": 0}
        self._one = threading.Lock()
        self._began = (0.0, 0)

    def run(self, views: Sequence[str] = ALL, workers: int | None = None) -> Report:
        """Rebuild, compare, switch. The old rows serve until the end, and are kept until the next rebuild."""
        with self.alone(workers):
            generation = self._built("REBUILD", views)
            report = self._compared(generation, views)
            self._switch(generation, views)
            return report

    def parity(self, views: Sequence[str] = ALL, workers: int | None = None) -> Report:
        """Rebuild to the side and compare, the archive's columns and registers too; what serves is left as it is. Of an archive in which
        there is what is no fact, that is all that is said."""
        with self.alone(workers):
            self._tell("records compared", 0, 1)
            with self.database.snapshot() as tx:
                counts, found = filed.compared(tx)
            self._tell("records compared", 1, 1)
            if any(one.column == filed.UNREAD for one in found):
                return Report(0, 0, {}, counts, found, views)
            generation = self._built("PARITY", views)
            report = self._compared(generation, views)
            with self.database.transaction() as tx:
                generations.drop(tx, generation)
            return replace(report, counts=report.counts | counts, differences=[*report.differences, *found])

    @contextmanager
    def alone(self, workers: int | None = None) -> Iterator[None]:
        """With so many workers this time. `AlreadyRunning` where somebody else is at it."""
        keeper = Keeper(self.database, "reporting", "rebuild")
        if not self._one.acquire(blocking=False):
            raise AlreadyRunning
        try:
            if not _taken(keeper):
                raise AlreadyRunning
            self._workers, self.progress = workers or self._usually, {"running": True, "doing": "", "done": 0, "of": 0}
            yield
        finally:
            keeper.free()
            self.progress["running"] = False
            self._one.release()

    def _built(self, purpose: str, views: Sequence[str]) -> int:
        """A generation with all its rows and indexes, at some archive sequence. It goes on where an earlier one was cut off."""
        generation = self._begin(purpose, views)
        for state, step in (("BEGUN", self._share_out), ("LOADING", self._load), ("LOADED", self._join), ("JOINED", self._index)):
            if self._state(generation) == state:
                step(generation)
        self._follow(generation)
        return generation

    def _begin(self, purpose: str, views: Sequence[str]) -> int:
        """The generation to go on with, else a new one; all others that serve nobody are dropped."""
        what = json.dumps({"views": list(views), "code": code()})
        with self.database.transaction() as tx:
            generations.lock(tx, self.database)
            of, sequence = generations.ensure(tx, self.database.dialect)
            mine = None
            for row in tx.execute("SELECT generation, state, purpose, views FROM view_built"):
                if (row["purpose"], row["views"]) == (purpose, what) and row["state"] != "DONE":
                    mine = row["generation"]
                elif row["generation"] not in of.values():
                    generations.drop(tx, row["generation"])
            return mine or generations.new(tx, self.database.dialect, sequence, "BEGUN", purpose, what)

    def _state(self, generation: int) -> str:
        with self.database.reading() as tx:
            return str(tx.execute("SELECT state FROM view_built WHERE generation = %s", (generation,))[0]["state"])

    def _now(self, tx: Tx, generation: int, state: str) -> None:
        tx.execute("UPDATE view_built SET state = %s WHERE generation = %s", (state, generation))

    def _share_out(self, generation: int) -> None:
        with self.database.transaction() as tx:
            upto, _ = building(tx, generation)
            for unit, routes, facts in units(groups(tx, upto), upto):
                tx.execute("INSERT INTO rebuild_unit (generation, unit, routes, facts, done) VALUES (%s, %s, %s, %s, 0)",
                           (generation, unit, routes, facts))
            self._now(tx, generation, "LOADING")

    def _load(self, generation: int) -> None:
        self._tell("facts loaded", *loaded(self.database, generation))
        load(self.database, generation, self._workers, self._tell)
        with self.database.transaction() as tx:
            self._now(tx, generation, "LOADED")

    def _join(self, generation: int) -> None:
        self._tell("keys joined", 0, 1)
        with self._step(generation, "keys joined", "JOINED") as tx:
            upto, views = building(tx, generation)
            Loading(tx, generation, upto, views).join()

    def _index(self, generation: int) -> None:
        """On PostgreSQL as many at once as there are workers."""
        self._tell("indexes made", 0, 1)
        if self.database.dialect == "postgres":
            with ThreadPoolExecutor(self._workers) as threads:
                list(threads.map(self._one_index, generations.indexes(generation)))
        with self._step(generation, "indexes made", "READY") as tx:
            generations.index(tx, generation)
            for statement in generations.looked_at(generation, self.database.dialect):
                tx.execute(statement)

    def _one_index(self, statement: str) -> None:
        with self.database.transaction() as tx:
            tx.execute(f"SET LOCAL maintenance_work_mem = '{INDEX_MEMORY}'")
            tx.execute(statement)

    @contextmanager
    def _step(self, generation: int, doing: str, state: str) -> Iterator[Tx]:
        with self.database.transaction() as tx:
            yield tx
            self._now(tx, generation, state)
        self._tell(doing, 1, 1)

    def _follow(self, generation: int) -> None:
        """To where the views that serve are; they go on meanwhile."""
        more = True
        while more:
            with self.database.transaction() as tx:
                more = self._advance(tx, generation)

    def _advance(self, tx: Tx, generation: int) -> bool:
        """One batch of the facts that the views which serve have and this generation has not; whether there were any."""
        at, views = building(tx, generation)
        facts, at = advance(tx, {view.name: generation for view in views}, at, BATCH, generations.sequence(tx))
        tx.execute("UPDATE view_built SET sequence = %s WHERE generation = %s", (at, generation))
        return bool(facts)

    def _compared(self, generation: int, views: Sequence[str]) -> Report:
        self._tell("views compared", 0, len(views))
        report = self._at_one_sequence(generation, views)
        self._tell("views compared", len(views), len(views))
        return report

    def _at_one_sequence(self, generation: int, views: Sequence[str]) -> Report:
        """In a snapshot in which both are at the same; the projector goes on meanwhile."""
        for _ in range(TRIES):
            with self.database.transaction() as tx:
                generations.lock(tx, self.database)
                self._level(tx, generation)
            with self.database.snapshot() as tx:
                if building(tx, generation)[0] == generations.sequence(tx):
                    return self._report(tx, generation, views)
        with self.database.transaction() as tx:
            generations.lock(tx, self.database)
            self._level(tx, generation)
            return self._report(tx, generation, views)

    def _level(self, tx: Tx, generation: int) -> None:
        while self._advance(tx, generation):
            pass

    def _report(self, tx: Tx, generation: int, views: Sequence[str]) -> Report:
        counts: Counts = {}
        found: list[Difference] = []
        upto, of = generations.sequence(tx), generations.served(tx)
        for there, some in generations.by_generation({view: of[view] for view in views if view in of}).items():
            unequal = unlike(tx, there, generation, some) if self.database.dialect == "postgres" else some
            if unequal:
                by_kind, named = compare(tx, there=there, rebuilt=generation, views=unequal)
                counts, found = counts | by_kind, found + named
        rows = counted(tx, generations.rows_of(generation), views)
        counts |= {view: {"missing": rows.get(view, 0)} for view in views if view not in of}
        if found:
            found[0] = with_facts(tx, found[0], upto)
        return Report(generation, upto, rows, counts, found, views)

    def _switch(self, generation: int, views: Sequence[str]) -> None:
        """Under the projector's lock: the rest of the facts, the switch."""
        with self.database.transaction() as tx:
            generations.lock(tx, self.database)
            self._level(tx, generation)
            generations.serve(tx, views, generation)
            self._now(tx, generation, "DONE")
            tx.execute("DELETE FROM rebuild_unit WHERE generation = %s", (generation,))

    def _tell(self, doing: str, done: int, of: int) -> None:
        """`rate` is that of what is being done since it was begun here, a second; `left_s` how long it takes at that."""
        now = time.monotonic()
        if self.progress.get("doing") != doing:
            self._began = (now, done)
        rate = (done - self._began[1]) / max(now - self._began[0], 0.001)
        self.progress = {"running": True, "doing": doing, "done": done, "of": of, "rate": round(rate),
                         "left_s": round((of - done) / rate, 1) if rate > 0 else None}
        if self._watch is not None:
            self._watch(doing, done, of)


def make_new_views(database: Database) -> None:
    """Views that this version has and the one before had not: until then nothing is shown of them."""
    with database.reading() as tx:
        of = generations.served(tx)
    if of and (new := [view for view in ALL if view not in of]):
        Rebuilds(database).run(new)


@cache
def code() -> str:
    """What the views are made of: rows that other code has made are not gone on with."""
    files = sorted(Path(views_all.__file__).parent.glob("*.py"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]




def _taken(keeper: Keeper) -> bool:
    for _ in range(PATIENCE):
        if keeper.take():
            return True
        time.sleep(PAUSE_S)
    return False
