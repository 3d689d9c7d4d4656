"""Rows of the live views by what they are listed within: dates in a span, several listings as one, counts."""
from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson

from chassis.database import Tx
from reporting import completeness
from reporting.generations import keys_of, rows_of, serving
from reporting.views.agenda import NO_DAY
from reporting.views.spans import days_after
from reporting.views.view import Row

CHUNK = 200
NO_END = "9999-99-99"
"""Bounds of dates are digits: a collation may pass over other signs."""
Place = tuple[str, str, str, str]
"""Where a page of dates ends: due, listing, key, part of its last row."""
BEFORE: Place = ("", "", "", "")
MINE = "WHERE view = %s AND tenant = %s"


def _served(tx: Tx, view: str, table: Callable[[int], str] = rows_of) -> str | None:
    """`FROM … WHERE`, of the table that serves a view; None before there is one."""
    generation = serving(tx, view)
    return f"FROM {table(generation)} {MINE}" if generation is not None else None


@dataclass(frozen=True)
class Dates:
    """The rows of a view listed as `<prefix> <date>`, which fall due so many days `later`."""

    view: str
    prefix: str
    later: int = 0

    @property
    def name(self) -> str:
        return f"{self.view} {self.prefix}"

    def at(self, due: str | None, bound: str) -> str:
        """What is listed at a due date; at the bound where there is none."""
        return f"{self.prefix} {days_after(due, -self.later) or bound}"


class Due(NamedTuple):
    """A row and when it falls due."""

    due: str
    listing: str
    key: str
    part: str
    row: Row

    @property
    def place(self) -> Place:
        return self.due, self.listing, self.key, self.part


def due_rows(tx: Tx, tenant: str, listings: Sequence[Dates], since: str | None, until: str | None, after: Place = BEFORE) -> Iterator[Due]:
    """The rows of several listings in the order of their due dates, `since` and `until` included, after a place.

    Reads a chunk of each listing, and another of each that is used up; within a listing in the order of the index.
    """
    yield from heapq.merge(*(_dates(tx, tenant, one, since, until, after) for one in listings), key=lambda found: found[:2])


def _dates(tx: Tx, tenant: str, of: Dates, since: str | None, until: str | None, after: Place) -> Iterator[Due]:
    on = since if after == BEFORE else after[0] if after[1] <= of.name else days_after(after[0], 1) or NO_END
    start, final = max(of.at(since, NO_DAY), of.at(on, NO_DAY)), of.at(until, NO_END)
    at = (start, after[2], after[3].encode()) if after[1] == of.name else (start, "", b"")
    if (served := _served(tx, of.view)) is None:
        return
    while rows := tx.execute(f"SELECT key, part, within, line {served} AND (within, key, part) > (%s, %s, %s) AND within <= %s "
                             "ORDER BY within, key, part LIMIT %s", (of.view, tenant, *at, final, CHUNK)):
        for row in rows:
            listed = row["within"].rpartition(" ")[2]
            if row["within"].startswith(f"{of.prefix} "):
                yield Due(days_after(listed, of.later) or listed, of.name, row["key"], bytes(row["part"]).decode(),
                          orjson.loads(row["line"]))
        at = (rows[-1]["within"], rows[-1]["key"], bytes(rows[-1]["part"]))


def programmes(tx: Tx, tenant: str) -> list[str]:
    """Every programme of which a fact of the tenant was projected; `-` stands for none."""
    return ["-", *sorted({head["programme"] for head in completeness.basis(tx, tenant)} - {""})]


def of_keys(tx: Tx, tenant: str, view: str, keys: Sequence[str]) -> dict[str, list[Row]]:
    """All rows of some keys of a view, by key."""
    return _by(tx, tenant, view, "key", keys)


def within_any(tx: Tx, tenant: str, view: str, listings: Sequence[str]) -> dict[str, list[Row]]:
    """All rows listed within each of these."""
    return _by(tx, tenant, view, "within", listings)


def _by(tx: Tx, tenant: str, view: str, column: str, values: Sequence[str]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {one: [] for one in values}
    served = _served(tx, view)
    wanted = list(found) if served else []
    rows = tx.among(f"SELECT {column} AS at, key, part, line {served} AND {column} {{among}}", wanted, (view, tenant))
    for row in sorted(rows, key=lambda row: (row["key"], bytes(row["part"]))):
        found[row["at"]].append(orjson.loads(row["line"]))
    return found


def last_occurred(tx: Tx, tenant: str, cases: Sequence[str]) -> dict[str, str]:
    """The date of the last fact of each case: what is kept of its history begins with it."""
    served = _served(tx, "case_history", keys_of)
    wanted = list(dict.fromkeys(cases)) if served else []
    rows = tx.among(f"SELECT key, last {served} AND key {{among}}", wanted, ("case_history", tenant))
    return {row["key"]: bytes(row["last"]).decode().partition(" ")[0] for row in rows}


def counts(tx: Tx, tenant: str, view: str, kind: str, within: str | None = None) -> dict[str, dict[str, int]]:
    """How many rows there are within each listing by the rest of their part, of parts that begin with `kind`; no row is read, only
    the index."""
    which, params = (" AND within = %s", (within,)) if within is not None else ("", ())
    if (served := _served(tx, view)) is None:
        return {}
    rows = tx.execute(f"SELECT within, part, count(*) AS many {served}{which} AND part >= %s AND part < %s GROUP BY within, part",
                      (view, tenant, *params, f"{kind} ".encode(), f"{kind}!".encode()))
    found: dict[str, dict[str, int]] = {}
    for row in rows:
        found.setdefault(row["within"], {})[bytes(row["part"]).decode().removeprefix(f"{kind} ")] = row["many"]
    return found


def plain(row: Row, **more: Any) -> Row:
    """A row as a reader sees it: without what it is listed within."""
    return {name: value for name, value in row.items() if name != "listed"} | more
