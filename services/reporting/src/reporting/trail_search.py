"""Finding facts of a programme's trail: by case, actor, type, or when they were recorded, each through an index of its own.

A page reads `MOST` facts at most; where few of them are wanted it holds fewer than it may, and the next goes on from there.
"""
from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from chassis.database import Tx
from reporting import archive, generations, shown
from reporting.views.fact import Fact, read_fact
from reporting.views.programme_trail import trail_line
from reporting.views.view import Row

TABLES = (
    "CREATE INDEX IF NOT EXISTS archive_by_type ON archive (tenant, programme, type, occurred, recorded)",
    "CREATE INDEX IF NOT EXISTS archive_by_recorded ON archive (tenant, programme, recorded)",
)
VIEW = "programme_trail"
MOST = 2000
"""Facts read for a page, or as many as the page may hold."""
CHUNK = 500
Order = Literal["occurred", "recorded"]


@dataclass(frozen=True)
class Wanted:
    """Bounds are included; instants as they are stamped, dates as they are spoken."""

    recorded_from: str = ""
    recorded_to: str = ""
    occurred_from: str = ""
    occurred_to: str = ""
    types: tuple[str, ...] = ()
    actor: str = ""
    case: str = ""

    @property
    def order(self) -> Order:
        """Canonical; of what was recorded in a period, and nothing narrower, the order of recording."""
        narrower = self.case or self.actor or self.types
        return "recorded" if (self.recorded_from or self.recorded_to) and not narrower else "occurred"

    def fits(self, row: Row) -> bool:
        return ((not self.types or row["type"] in self.types) and self.actor in ("", row["actor"]) and self.case in ("", row.get("case"))
                and self.recorded_from <= row["recorded"] <= (self.recorded_to or row["recorded"])
                and self.occurred_from <= row["occurred"] <= (self.occurred_to or row["occurred"]))


class Found(NamedTuple):
    """A line, and its place in the order of the search."""

    place: bytes
    row: Row


class Page(NamedTuple):
    """`after`: where the next page goes on; None on the last."""

    rows: list[Row]
    after: bytes | None
    read: int


def page(tx: Tx, tenant: str, programme: str, wanted: Wanted, after: bytes, limit: int) -> Page:
    """A page of what is wanted of a programme's facts, after a place."""
    start = max(after, wanted.occurred_from.encode() if wanted.order == "occurred" else b"")
    rows: list[Row] = []
    most, read, place = max(MOST, limit), 0, start
    for found in _candidates(tx, tenant, programme, wanted, start):
        if len(rows) == limit or read == most:
            return Page(rows, place, read)
        if wanted.order == "occurred" and wanted.occurred_to and found.row["occurred"] > wanted.occurred_to:
            break
        read, place = read + 1, found.place
        rows += [found.row] if wanted.fits(found.row) else []
    return Page(rows, None, read)


def _candidates(tx: Tx, tenant: str, programme: str, wanted: Wanted, after: bytes) -> Iterator[Found]:
    """Through the narrowest index there is for what is wanted."""
    at = (tenant, programme, generations.sequence(tx))
    if wanted.case:
        facts = archive.about(tx, tenant, [wanted.case], at[2])[wanted.case]
        yield from (_found(fact) for fact in facts if fact.programme == programme and fact.order > after)
    elif wanted.actor:
        yield from _of_actor(tx, tenant, programme, wanted.actor, after)
    elif wanted.types:
        yield from heapq.merge(*(_of_type(tx, at, kind, after) for kind in wanted.types), key=lambda found: found.place)
    elif wanted.order == "recorded":
        yield from _of_period(tx, at, wanted, after)
    else:
        rows = shown.every(tx, tenant, VIEW, key=programme, after=(programme, after))
        yield from (Found(one.part, one.row) for one in rows)


def _of_actor(tx: Tx, tenant: str, programme: str, actor: str, after: bytes) -> Iterator[Found]:
    """The view lists its lines within their actor."""
    rows = shown.every(tx, tenant, VIEW, key=programme, within=actor, after=(programme, after))
    yield from (Found(one.part, one.row) for one in rows)


def _of_type(tx: Tx, at: tuple[str, str, int], kind: str, after: bytes) -> Iterator[Found]:
    occurred, _, rest = after.decode().partition(" ")
    tenant, programme, sequence = at
    place, since = after, (occurred, rest.partition(" ")[0])
    while True:
        found = _facts(tx.execute(
            "SELECT value FROM archive WHERE tenant = %s AND programme = %s AND type = %s AND (occurred, recorded) >= (%s, %s) "
            "AND seq <= %s ORDER BY occurred, recorded, source, incarnation, position LIMIT %s",
            (tenant, programme, kind, *since, sequence, CHUNK)))
        yield from (_found(fact) for fact in found if fact.order > place)
        if len(found) < CHUNK:
            return
        place, since = found[-1].order, (found[-1].occurred, found[-1].recorded)


def _of_period(tx: Tx, at: tuple[str, str, int], wanted: Wanted, after: bytes) -> Iterator[Found]:
    tenant, programme, sequence = at
    place, since = after, max(wanted.recorded_from, after.decode().partition(" ")[0])
    which, params = ("AND recorded <= %s ", (wanted.recorded_to,)) if wanted.recorded_to else ("", ())
    while True:
        found = _facts(tx.execute(
            f"SELECT value FROM archive WHERE tenant = %s AND programme = %s AND recorded >= %s {which}AND seq <= %s "
            "ORDER BY recorded, source, incarnation, position LIMIT %s", (tenant, programme, since, *params, sequence, CHUNK)))
        yield from (one for fact in found if (one := Found(_by_recorded(fact), trail_line(fact))).place > place)
        if len(found) < CHUNK:
            return
        place, since = _by_recorded(found[-1]), found[-1].recorded


def _by_recorded(fact: Fact) -> bytes:
    """The canonical order without the date."""
    return fact.order.partition(b" ")[2]


def _found(fact: Fact) -> Found:
    return Found(fact.order, trail_line(fact))


def _facts(rows: list[Any]) -> list[Fact]:
    return [read_fact(bytes(row["value"])) for row in rows]
