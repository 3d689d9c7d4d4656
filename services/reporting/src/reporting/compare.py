"""Comparing two generations of the views, row for row: what is wrong, missing or extra in the one that was there."""
from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson

from chassis.database import Row, Tx
from reporting import archive
from reporting.folding import Scope
from reporting.generations import keys_of, rows_of
from reporting.views.all import VIEWS
from reporting.views.fact import Fact
from reporting.views.view import Lines

MOST = 100
"""Differences named of each view and kind; all are counted."""
MOST_FACTS = 20
Counts = dict[str, dict[str, int]]


@dataclass(frozen=True)
class Difference:
    """`kind`: WRONG, MISSING or EXTRA, as seen from what was there; `column` of a wrong row, with both values.

    `facts` are those that the row follows from, where they were looked up.
    """

    kind: str
    view: str
    tenant: str
    key: str
    part: str
    column: str | None = None
    there: Any = None
    rebuilt: Any = None
    facts: tuple[str, ...] | None = None

    def said(self) -> dict[str, Any]:
        said = {"kind": self.kind, "view": self.view, "key": self.key, "part": self.part, "column": self.column, "there": self.there,
                "rebuilt": self.rebuilt}
        return said if self.facts is None else said | {"facts": list(self.facts)}


def count(counts: Counts, one: Difference) -> int:
    """Count a difference; how many there are now of its view and kind."""
    kinds = counts.setdefault(one.view, {"wrong": 0, "missing": 0, "extra": 0})
    kinds[one.kind.lower()] += 1
    return kinds[one.kind.lower()]


@dataclass(frozen=True)
class Compared:
    """A table: what identifies a row, the JSON that it holds, its other columns."""

    rows: bool
    key: tuple[str, ...]
    json: str
    plain: tuple[str, ...]

    def of(self, generation: int) -> str:
        return rows_of(generation) if self.rows else keys_of(generation)

    @property
    def columns(self) -> tuple[str, ...]:
        return (self.json, *self.plain)

    def join(self, a: int, b: int, views: Sequence[str]) -> str:
        """Rows of one generation as `a`, with the same of another as `b`, if any."""
        same = " AND ".join(f"b.{name} = a.{name}" for name in self.key)
        return f"FROM {self.of(a)} a LEFT JOIN {self.of(b)} b ON {same} WHERE a.view IN ({listed(views)})"

    @property
    def differs(self) -> str:
        return " OR ".join(f"b.{name} <> a.{name}" for name in self.columns)


ROWS = Compared(True, ("view", "tenant", "key", "part"), "line", ("within",))
KEYS = Compared(False, ("view", "tenant", "key"), "state", ("facts", "digest"))
ABSENT = "b.key IS NULL"


def listed(views: Sequence[str]) -> str:
    """For a query: names of views are our own."""
    return ", ".join(f"'{view}'" for view in views)


def unlike(tx: Tx, there: int, rebuilt: int, views: Sequence[str]) -> list[str]:
    """The views in which anything differs, on PostgreSQL: by the XOR of the hashes of all rows, of which no two are the same, under a
    number that nobody knew before. It reads each generation once, in the order in which it lies there, and joins nothing."""
    seed = secrets.randbits(63)
    sums = [[_sums(tx, table, generation, views, seed) for table in (ROWS, KEYS)] for generation in (there, rebuilt)]
    return [view for view in views if any(before.get(view) != now.get(view) for before, now in zip(*sums, strict=True))]


def _sums(tx: Tx, table: Compared, generation: int, views: Sequence[str], seed: int) -> dict[str, tuple[int, int]]:
    """By view: how many rows, and their hashes as one."""
    columns = ", ".join(f"a.{name}" for name in (*table.key, *table.columns))
    rows = tx.execute(f"SELECT a.view, count(*) AS many, bit_xor(hash_record_extended(ROW({columns}), {seed})) AS sum "
                      f"FROM {table.of(generation)} a WHERE a.view IN ({listed(views)}) GROUP BY a.view")
    return {row["view"]: (row["many"], row["sum"]) for row in rows}


def compare(tx: Tx, *, there: int, rebuilt: int, views: Sequence[str]) -> tuple[Counts, list[Difference]]:
    """How many by view and kind, and the first of each. Both are at one archive sequence."""
    counts: Counts = {}
    found: list[Difference] = []
    for table in (ROWS, KEYS):
        before, now = (counted(tx, table.of(generation), views) for generation in (there, rebuilt))
        of = {view: {"wrong": 0, "missing": 0} for view in views}
        for row in tx.execute(f"SELECT a.view, CASE WHEN {ABSENT} THEN 'missing' ELSE 'wrong' END AS kind, count(*) AS many "
                              f"{table.join(rebuilt, there, views)} AND ({ABSENT} OR {table.differs}) GROUP BY 1, 2"):
            of[row["view"]][row["kind"]] = row["many"]
        for view, kinds in of.items():
            kinds["extra"] = before.get(view, 0) - (now.get(view, 0) - kinds["missing"])
            by_kind = counts.setdefault(view, {"wrong": 0, "missing": 0, "extra": 0})
            for kind, many in kinds.items():
                by_kind[kind] += many
                found += _named(tx, table, kind.upper(), view, there, rebuilt) if many else ()
    order = {view: at for at, view in enumerate(view.name for view in VIEWS)}
    return {view: kinds for view, kinds in counts.items() if any(kinds.values())}, sorted(found, key=lambda one: order[one.view])


def counted(tx: Tx, table: str, views: Sequence[str]) -> dict[str, int]:
    rows = tx.execute(f"SELECT view, count(*) AS many FROM {table} WHERE view IN ({listed(views)}) GROUP BY view")
    return {row["view"]: row["many"] for row in rows}


def _named(tx: Tx, table: Compared, kind: str, view: str, there: int, rebuilt: int) -> Iterator[Difference]:
    a, b = (there, rebuilt) if kind == "EXTRA" else (rebuilt, there)
    which = f"NOT {ABSENT} AND ({table.differs})" if kind == "WRONG" else ABSENT
    mine, other = (", ".join(f"{side}.{name} AS {side}_{name}" for name in table.columns) for side in ("a", "b"))
    keys = ", ".join(f"a.{name}" for name in table.key)
    for row in tx.execute(f"SELECT {keys}, {mine}, {other} {table.join(a, b, [view])} AND {which} ORDER BY {keys} LIMIT {MOST}"):
        part = bytes(row["part"]).decode() if "part" in row else ""
        at = (kind, row["view"], row["tenant"], row["key"], part)
        if kind == "WRONG":
            yield from columns(at, _flat(table, row, "b"), _flat(table, row, "a"))
        else:
            value = _flat(table, row, "a")
            yield Difference(*at, there=value if kind == "EXTRA" else None, rebuilt=value if kind == "MISSING" else None)


def columns(at: tuple[str, str, str, str, str], there: dict[str, Any], rebuilt: dict[str, Any]) -> Iterator[Difference]:
    for name in sorted(there.keys() | rebuilt.keys()):
        if there.get(name) != rebuilt.get(name):
            yield Difference(*at, column=name, there=there.get(name), rebuilt=rebuilt.get(name))


def _flat(table: Compared, row: Row, side: str) -> dict[str, Any]:
    """The JSON's fields and the other columns, by name."""
    return flat(row[f"{side}_{table.json}"], "" if table.rows else "state.") | {name: row[f"{side}_{name}"] for name in table.plain}


def flat(json: str, prefix: str = "") -> dict[str, Any]:
    """The fields of a row's text by name; the whole of it where it is not JSON any more."""
    try:
        said = orjson.loads(json)
    except orjson.JSONDecodeError:
        said = {"(row)": json}
    return {prefix + name: value for name, value in said.items()}


def with_facts(tx: Tx, one: Difference, upto: int) -> Difference:
    """The difference with the facts that its row follows from: the line's own, else those of its key."""
    view = next(view for view in VIEWS if view.name == one.view)
    of = of_line(tx, one.part) if isinstance(view, Lines) and one.part else of_key(tx, (one.view, one.tenant, one.key), upto)
    said = [f"{fact.type} {fact.place} {fact.id}" for fact in of if view.key(fact) == one.key]
    more = [f"and {len(said) - MOST_FACTS} more"] if len(said) > MOST_FACTS else []
    return replace(one, facts=(*said[:MOST_FACTS], *more))


def of_line(tx: Tx, part: str) -> list[Fact]:
    """The fact of a line, by its place, which ends its part."""
    said = part.split(" ")
    if len(said) != 5 or not (said[3] + said[4]).isdecimal():
        return []
    return archive.at(tx, f"{said[2]}/{int(said[3])}/{int(said[4])}")


def of_key(tx: Tx, scope: Scope, upto: int) -> list[Fact]:
    return archive.about(tx, scope[1], [scope[2]], upto)[scope[2]]
