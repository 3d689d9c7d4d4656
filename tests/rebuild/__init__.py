"""A town: facts of many people, as reporting hears them, for the tests of its rebuilds."""
from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2] / "services/reporting/tests/views"))

from case_told import CASE, SUBJECT, tell
from facts_made import Said, Speaker

from chassis.database import Database, Tx, open_database
from chassis.schema import migrate
from reporting import archive, generations, shown
from reporting.archive import Archive
from reporting.folding import text
from reporting.loading import folded
from reporting.projector import Projector
from reporting.service import TABLES
from reporting.views.all import VIEWS

SHARED = ("002", "h1", "k1")
"""What all people have to do with: programme, host, commitment."""


class Town(Speaker):
    """Tells the same case of one person after another: each has ids of their own."""

    person = 0

    def say(self, kind: str, of: str, aggregate: str, data: Mapping[str, Any], *, occurred: str = "2025-01-10", **attributes: str) -> str:
        return super().say(kind, of, self._own(aggregate), self._own(dict(data)), occurred=occurred, **self._own(attributes))

    def _own(self, value: Any) -> Any:
        match value:
            case dict():
                return {name: self._own(one) if name.endswith(("_id", "orders", "case", "subject", "cause")) else one
                        for name, one in value.items()}
            case list():
                return [self._own(one) for one in value]
            case str() if value in (CASE, SUBJECT):
                return f"{value[:24]}{self.person:06x}{value[-6:]}"
            case str() if value not in SHARED:
                return f"{value}-{self.person}"
        return value


def town(people: int) -> list[Said]:
    made = Town()
    for made.person in range(people):
        tell(made)
    return made.spoken


def reporting(url: str) -> Projector:
    """Archive and views over a database, without a service around them."""
    database = open_database(url, service="reporting")
    migrate(database, TABLES)
    return Projector(database, Archive(lambda: datetime(2026, 1, 1, tzinfo=UTC)))


def hear(projector: Projector, some: list[Said]) -> None:
    with projector.database.locked() as tx:
        projector.archive(tx, some)


def wrong(tx: Tx, case: str) -> str:
    """What is wrong in what a reader is shown of a case, by the facts at the archive sequence that the views are at; empty if nothing."""
    facts = archive.about(tx, "bari", [case], generations.sequence(tx))[case]
    expected, keys = folded(facts, [view for view in VIEWS if view.name in ("case_history", "payment_ledger")])
    for view in ("case_history", "payment_ledger"):
        found = [(one.key, one.part, one.row) for one in shown.every(tx, "bari", view, key=case)]
        wanted = sorted((key, part, line) for name, _, key, part, _, line in expected if (name, key) == (view, case))
        if [(key, part, text(row)) for key, part, row in found] != wanted:
            return f"{view} of {case}: {len(found)} rows, where {len(wanted)} follow from {len(facts)} facts"
    counted = {key[0]: (key[5], key[6]) for key in keys if key[2] == case}
    said = shown.count(tx, "bari", "case_history", case)
    return "" if counted.get("case_history", (0, "0" * 64)) == (said["facts"], said["digest"]) else f"the count of {case}"


def everything(database: Database) -> dict[str, list[Any]]:
    """All rows and keys of every view that serves, in order."""
    def rows(tx: Tx, table: Callable[[int], str], view: str, generation: int) -> list[Any]:
        return sorted(tuple(map(str, row.values())) for row in tx.execute(f"SELECT * FROM {table(generation)} WHERE view = %s", (view,)))

    with database.reading() as tx:
        return {f"{view} {table.__name__}": rows(tx, table, view, generation) for view, generation in generations.served(tx).items()
                for table in (generations.rows_of, generations.keys_of)}
