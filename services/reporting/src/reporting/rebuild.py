"""Rebuilding all views from the archive, beside those that serve; then comparing, at the same archive sequence, and switching."""
from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any

from chassis.database import Database, Tx
from reporting.compare import Difference, compare
from reporting.projector import advance, ensure_live, live, lock
from reporting.views.all import VIEWS

BATCH = 5000


class AlreadyRunning(Exception):
    """A rebuild is under way in this process."""


class Superseded(Exception):
    """The generation is gone: another rebuild has begun."""


@dataclass(frozen=True)
class Report:
    """`rows` by view, as rebuilt; `differences`: the first of each view, and how many there are by view and kind."""

    generation: int
    facts: int
    rows: dict[str, int]
    counts: dict[str, dict[str, int]]
    differences: list[Difference] = field(default_factory=list)

    @property
    def equal(self) -> bool:
        return not any(sum(kinds.values()) for kinds in self.counts.values())

    def said(self, tenant: str) -> dict[str, Any]:
        """For a reader of one tenant: counts of all, rows of his own."""
        views = {view.name: {"rows": self.rows.get(view.name, 0), "wrong": 0, "missing": 0, "extra": 0,
                             **self.counts.get(view.name, {})} for view in VIEWS}
        return {"equal": self.equal, "generation": self.generation, "facts": self.facts, "views": views,
                "differences": [one.said() for one in self.differences if one.tenant == tenant]}


class Rebuilds:
    """One at a time; `progress` shows how far it is: facts done, of how many."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.progress: dict[str, Any] = {"running": False, "done": 0, "of": 0}
        self._one = threading.Lock()

    def run(self) -> Report:
        """Rebuild, compare, switch. The old rows serve until the end."""
        if not self._one.acquire(blocking=False):
            raise AlreadyRunning
        try:
            return self._run()
        finally:
            self.progress["running"] = False
            self._one.release()

    def _run(self) -> Report:
        generation, target = self._begin()
        self.progress = {"running": True, "done": 0, "of": target}
        done = 0
        while done < target:
            done = self._build(generation, target)
            self.progress["done"] = done
        return self._switch(generation)

    def _begin(self) -> tuple[int, int]:
        """A new, empty generation; what an interrupted rebuild left is dropped."""
        with self.database.transaction() as tx:
            lock(tx, self.database)
            current, target = ensure_live(tx)
            greatest = tx.execute("SELECT max(generation) AS greatest FROM view_generation")[0]["greatest"]
            for table in ("view_row", "view_key", "view_generation"):
                tx.execute(f"DELETE FROM {table} WHERE generation <> %s", (current,))
            tx.execute("INSERT INTO view_generation (generation, sequence, live) VALUES (%s, 0, 0)", (greatest + 1,))
        return greatest + 1, target

    def _build(self, generation: int, target: int) -> int:
        with self.database.transaction() as tx:
            advance(tx, generation, self._at(tx, generation), BATCH, target)
            return self._at(tx, generation)

    def _at(self, tx: Tx, generation: int) -> int:
        rows = tx.execute("SELECT sequence FROM view_generation WHERE generation = %s AND live = 0", (generation,))
        if not rows:
            raise Superseded(f"the generation {generation} is gone: another rebuild has begun")
        sequence: int = rows[0]["sequence"]
        return sequence

    def _switch(self, generation: int) -> Report:
        """Under the projector's lock: the rest of the facts, the comparison, the switch."""
        with self.database.transaction() as tx:
            lock(tx, self.database)
            current, sequence = live(tx)
            while advance(tx, generation, self._at(tx, generation), BATCH, sequence):
                pass
            counts, differences = compare(tx, there=current, rebuilt=generation)
            rows = tx.execute("SELECT view, count(*) AS rows_of FROM view_row WHERE generation = %s GROUP BY view", (generation,))
            tx.execute("UPDATE view_generation SET live = CASE WHEN generation = %s THEN 1 ELSE 0 END", (generation,))
            for table in ("view_row", "view_key", "view_generation"):
                tx.execute(f"DELETE FROM {table} WHERE generation = %s", (current,))
        return Report(generation, sequence, {row["view"]: row["rows_of"] for row in rows}, counts, differences)
