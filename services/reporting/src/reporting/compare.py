"""Comparing two generations of the views, row for row: what is wrong, missing or extra in the one that was there."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from chassis.database import Row, Tx

MOST = 100
"""Differences named of each kind; all are counted."""


@dataclass(frozen=True)
class Difference:
    """`kind`: WRONG, MISSING or EXTRA, as seen from what was there; `column` of a wrong row, with both values."""

    kind: str
    view: str
    tenant: str
    key: str
    part: str
    column: str | None = None
    there: Any = None
    rebuilt: Any = None

    def said(self) -> dict[str, Any]:
        return {"kind": self.kind, "view": self.view, "key": self.key, "part": self.part, "column": self.column, "there": self.there,
                "rebuilt": self.rebuilt}


@dataclass(frozen=True)
class Compared:
    """A table: what identifies a row besides its generation, the JSON that it holds, its other columns."""

    table: str
    key: tuple[str, ...]
    json: str
    plain: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        return (self.json, *self.plain)

    def join(self, a: str, b: str) -> str:
        """Rows of generation %s as `a`, with the same of generation %s as `b`, if any."""
        same = " AND ".join(f"b.{name} = a.{name}" for name in self.key)
        return f"FROM {self.table} {a} LEFT JOIN {self.table} {b} ON b.generation = %s AND {same} WHERE a.generation = %s"

    @property
    def differs(self) -> str:
        return " OR ".join(f"b.{name} <> a.{name}" for name in self.columns)


TABLES = (Compared("view_row", ("view", "tenant", "key", "part"), "line", ("within",)),
          Compared("view_key", ("view", "tenant", "key"), "state", ("facts", "digest")))


def compare(tx: Tx, *, there: int, rebuilt: int) -> tuple[dict[str, dict[str, int]], list[Difference]]:
    """How many by view and kind, and the first of each."""
    counts: dict[str, dict[str, int]] = {}
    found: list[Difference] = []
    for table in TABLES:
        for kind, only, generations in (("WRONG", table.differs, (there, rebuilt)), ("MISSING", "b.key IS NULL", (there, rebuilt)),
                                        ("EXTRA", "b.key IS NULL", (rebuilt, there))):
            join = f"{table.join('a', 'b')} AND ({only})"
            for row in tx.execute(f"SELECT a.view, count(*) AS many {join} GROUP BY a.view", generations):
                by_kind = counts.setdefault(row["view"], {})
                by_kind[kind.lower()] = by_kind.get(kind.lower(), 0) + row["many"]
            if any(kind.lower() in by_kind for by_kind in counts.values()):
                found += _named(tx, table, kind, join, generations)
    return counts, found


def _named(tx: Tx, table: Compared, kind: str, join: str, generations: tuple[int, int]) -> Iterator[Difference]:
    mine, other = (", ".join(f"{side}.{name} AS {side}_{name}" for name in table.columns) for side in ("a", "b"))
    keys = ", ".join(f"a.{name}" for name in table.key)
    for row in tx.execute(f"SELECT {keys}, {mine}, {other} {join} ORDER BY {keys} LIMIT {MOST}", generations):
        part = bytes(row["part"]).decode() if "part" in row else ""
        at = (kind, row["view"], row["tenant"], row["key"], part)
        if kind == "WRONG":
            yield from _columns(at, _flat(table, row, "b"), _flat(table, row, "a"))
        else:
            value = _flat(table, row, "a")
            yield Difference(*at, there=value if kind == "EXTRA" else None, rebuilt=value if kind == "MISSING" else None)


def _columns(at: tuple[str, str, str, str, str], there: dict[str, Any], rebuilt: dict[str, Any]) -> Iterator[Difference]:
    for name in sorted(there.keys() | rebuilt.keys()):
        if there.get(name) != rebuilt.get(name):
            yield Difference(*at, column=name, there=there.get(name), rebuilt=rebuilt.get(name))


def _flat(table: Compared, row: Row, side: str) -> dict[str, Any]:
    """The JSON's fields and the other columns, by name."""
    try:
        said = orjson.loads(row[f"{side}_{table.json}"])
    except orjson.JSONDecodeError:
        said = {"(row)": row[f"{side}_{table.json}"]}
    prefix = "state." if table.json == "state" else ""
    return {prefix + name: value for name, value in said.items()} | {name: row[f"{side}_{name}"] for name in table.plain}
