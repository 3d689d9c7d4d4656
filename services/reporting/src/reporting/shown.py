"""What is read of the live views."""
from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, TypeVar

import orjson

from chassis.database import Database, Tx
from reporting import archive, generations
from reporting.views.case_history import cited, cites
from reporting.views.view import Row

T = TypeVar("T")
CHUNK = 500
At = tuple[str, bytes]
"""Where a page ends: key and part of its last row."""
START: At = ("", b"")


class Shown(NamedTuple):
    key: str
    part: bytes
    row: Row

    @property
    def at(self) -> At:
        return self.key, self.part


def together(database: Database, read: Callable[[Tx], T]) -> T:
    """What `read` finds at one archive sequence, whatever the projector and a rebuild do meanwhile."""
    with database.snapshot() as tx:
        return read(tx)


def rows(tx: Tx, tenant: str, view: str, *, key: str | None = None, within: str | None = None, after: At = START,
         limit: int = CHUNK) -> list[Shown]:
    """Rows of one view in the order of (key, part), after a place."""
    if (generation := generations.serving(tx, view)) is None:
        return []
    filters, params = "", []
    for column, value in (("key", key), ("within", within)):
        if value is not None:
            filters += f" AND {column} = %s"
            params.append(value)
    found = tx.values(f"SELECT key, part, line FROM {generations.rows_of(generation)} WHERE view = %s AND tenant = %s{filters} "
                      "AND (key, part) > (%s, %s) ORDER BY key, part LIMIT %s", (view, tenant, *params, *after, limit))
    return [Shown(at, bytes(part), orjson.loads(line)) for at, part, line in found]


def every(tx: Tx, tenant: str, view: str, *, key: str | None = None, within: str | None = None, after: At = START) -> Iterator[Shown]:
    """All rows after a place, a few at a time."""
    more = True
    while more:
        chunk = rows(tx, tenant, view, key=key, within=within, after=after)
        yield from chunk
        if more := len(chunk) == CHUNK:
            after = chunk[-1].at


def one(tx: Tx, tenant: str, view: str, key: str) -> Row | None:
    """The only row of a key."""
    found = rows(tx, tenant, view, key=key, limit=1)
    return found[0].row if found else None


def count(tx: Tx, tenant: str, view: str, key: str) -> dict[str, Any]:
    """How many facts a key has in a view, and their digest."""
    generation = generations.serving(tx, view)
    found = tx.execute(f"SELECT facts, digest FROM {generations.keys_of(generation)} WHERE view = %s AND tenant = %s AND key = %s",
                       (view, tenant, key)) if generation is not None else []
    return {"facts": found[0]["facts"], "digest": found[0]["digest"]} if found else {"facts": 0, "digest": "0" * 64}


def history(tx: Tx, tenant: str, case: str) -> list[Row]:
    """The lines of a case in canonical order, and among them those of facts of no case that it cites, marked `cited`."""
    own = [(one.part, one.row) for one in every(tx, tenant, "case_history", key=case)]
    if not own:
        return []
    lines = [row for _, row in own]
    for row in lines:
        row["cited"] = False
    facts = archive.cited(tx, tenant, cites(lines), generations.sequence(tx))
    others = zip((fact.order for fact in facts), cited(facts, lines), strict=True)
    return [row for _, row in sorted([*own, *others], key=lambda found: found[0])]
