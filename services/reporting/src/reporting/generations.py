"""Generations of the views: each has tables of its own, and each view is read from the one that serves it.

A rebuild fills another beside them and switches; the one before is kept until the next rebuild begins.
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence

from chassis.bulk import Table
from chassis.database import Database, Tx
from chassis.schema import TYPES
from reporting.views.all import VIEWS

TABLES = (
    *(f"DROP TABLE IF EXISTS {name}" for name in ("view_row", "view_key", "view_generation")),  # of before generations had their own
    "CREATE TABLE IF NOT EXISTS view_at (one INTEGER PRIMARY KEY, sequence {big} NOT NULL)",
    "CREATE TABLE IF NOT EXISTS view_served (view TEXT PRIMARY KEY, generation {big} NOT NULL)",
    "CREATE TABLE IF NOT EXISTS view_built (generation {big} PRIMARY KEY, sequence {big} NOT NULL, state TEXT NOT NULL, "
    "purpose TEXT NOT NULL, views TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS view_number (one INTEGER PRIMARY KEY, generation {big} NOT NULL)",
    "CREATE TABLE IF NOT EXISTS rebuild_unit (generation {big} NOT NULL, unit {big} NOT NULL, routes TEXT NOT NULL, facts {big} NOT NULL, "
    "done INTEGER NOT NULL, PRIMARY KEY (generation, unit))",
    "CREATE TABLE IF NOT EXISTS rebuild_again (view TEXT NOT NULL, tenant TEXT NOT NULL, key TEXT NOT NULL)",
)
LOCK = int.from_bytes(b"percorso"[:7], "big")
"""The projector's lock on PostgreSQL; on SQLite the transaction is the lock."""
KEY = {"view": "text", "tenant": "text", "key": "text"}
KEY_COLUMNS = KEY | {"state": "text", "last": "bytea", "facts": "bigint", "digest": "text"}
ROW_COLUMNS = KEY | {"part": "bytea", "within": "text", "line": "text"}
TEXT = {"postgres": 'TEXT COLLATE "C"', "sqlite": "TEXT"}
Served = dict[str, int]
"""The generation that serves each view."""
STANDING = "SELECT s.view, s.generation, a.sequence FROM view_served s CROSS JOIN view_at a"
"""What serves, and where it is: both are there from the first fact on."""


def lock(tx: Tx, database: Database) -> None:
    """Until the end of the transaction nobody else moves a generation."""
    if database.dialect == "postgres":
        tx.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))


def sequence(tx: Tx) -> int:
    """The archive sequence that the views which serve are at."""
    rows = tx.once(STANDING)
    return int(rows[0]["sequence"]) if rows else 0


def served(tx: Tx) -> Served:
    return {row["view"]: row["generation"] for row in tx.once(STANDING)}


def serving(tx: Tx, view: str) -> int | None:
    """The generation that serves a view; None before the first fact was folded."""
    return served(tx).get(view)


def ensure(tx: Tx, dialect: str) -> tuple[Served, int]:
    """What serves, and its sequence; the first generation is made when it is first asked for, under the lock."""
    found = served(tx)
    if not found:
        generation = new(tx, dialect)
        index(tx, generation)
        serve(tx, [view.name for view in VIEWS], generation)
        move(tx, 0)
        found = served(tx)
    return found, sequence(tx)


def serve(tx: Tx, views: Sequence[str], generation: int) -> None:
    for view in views:
        tx.execute("INSERT INTO view_served (view, generation) VALUES (%s, %s) ON CONFLICT (view) DO UPDATE SET generation = "
                   "excluded.generation", (view, generation))


def move(tx: Tx, to: int) -> None:
    """The views that serve are at this archive sequence now."""
    tx.execute("INSERT INTO view_at (one, sequence) VALUES (1, %s) ON CONFLICT (one) DO UPDATE SET sequence = excluded.sequence", (to,))


def new(tx: Tx, dialect: str, sequence: int = 0, state: str = "DONE", purpose: str = "", views: str = "") -> int:
    """The next generation: its tables, empty, without indexes; and what it is for, if it is to be filled from an archive sequence on."""
    tx.execute("INSERT INTO view_number (one, generation) VALUES (1, 1) ON CONFLICT (one) DO UPDATE SET generation = "
               "view_number.generation + 1")
    generation: int = tx.execute("SELECT generation FROM view_number WHERE one = 1")[0]["generation"]
    types = TYPES[dialect] | {"text": TEXT[dialect]}
    key = "view {text} NOT NULL, tenant {text} NOT NULL, key {text} NOT NULL"
    more = {keys_of: "state TEXT NOT NULL, last {bytes} NOT NULL, facts {big} NOT NULL, digest TEXT NOT NULL",
            rows_of: "part {bytes} NOT NULL, within {text} NOT NULL, line TEXT NOT NULL"}
    for table, columns in more.items():
        tx.execute(f"CREATE TABLE {table(generation)} ({f'{key}, {columns}'.format(**types)})")
    tx.execute("INSERT INTO view_built (generation, sequence, state, purpose, views) VALUES (%s, %s, %s, %s, %s)",
               (generation, sequence, state, purpose, views))
    return generation


def index(tx: Tx, generation: int) -> None:
    """Its indexes: after the rows, where there are many."""
    for statement in indexes(generation):
        tx.execute(statement)


def indexes(generation: int) -> tuple[str, ...]:
    """The statements that make them, the longest first: each may be run by itself, and again."""
    keys, rows = keys_of(generation), rows_of(generation)
    return (f"CREATE INDEX IF NOT EXISTS {rows}_within ON {rows} (view, tenant, within, key, part)",
            f"CREATE UNIQUE INDEX IF NOT EXISTS {rows}_one ON {rows} (view, tenant, key, part)",
            f"CREATE UNIQUE INDEX IF NOT EXISTS {keys}_one ON {keys} (view, tenant, key)")


def looked_at(generation: int, dialect: str) -> tuple[str, ...]:
    """The statements by which the planner gets to know what is in its tables: by what rows are found, not what they say."""
    columns = {rows_of: " (view, tenant, key, part, within)", keys_of: " (view, tenant, key)"}
    return tuple(f"ANALYZE {table(generation)}{of if dialect == 'postgres' else ''}" for table, of in columns.items())


def drop(tx: Tx, generation: int) -> None:
    for table in (keys_of(generation), rows_of(generation)):
        tx.execute(f"DROP TABLE IF EXISTS {table}")
    for table in ("rebuild_unit", "view_built"):
        tx.execute(f"DELETE FROM {table} WHERE generation = %s", (generation,))


def keys_of(generation: int) -> str:
    """The table of its keys, a row each: state, last fact, how many facts and their digest."""
    return f"view_key_{generation:d}"


def rows_of(generation: int) -> str:
    return f"view_row_{generation:d}"


def key_table(generation: int) -> Table:
    return Table(keys_of(generation), KEY_COLUMNS, "ON CONFLICT (view, tenant, key) DO UPDATE SET state = excluded.state, last = "
                 "excluded.last, facts = excluded.facts, digest = excluded.digest")


def row_table(generation: int) -> Table:
    return Table(rows_of(generation), ROW_COLUMNS, "ON CONFLICT (view, tenant, key, part) DO UPDATE SET within = excluded.within, "
                 "line = excluded.line")


def by_generation(views: Mapping[str, int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for view, generation in views.items():
        found.setdefault(generation, []).append(view)
    return found
