"""The archive (archivio): every record heard, its bytes verbatim, in one sequence of commit order. It is only ever appended to."""
from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any, Protocol

from chassis.bulk import Table
from chassis.clock import stamp
from chassis.database import Row, Tx
from reporting.views.fact import Fact, read_fact

TABLES = (
    "CREATE TABLE IF NOT EXISTS archive (seq {big} PRIMARY KEY, place TEXT NOT NULL UNIQUE, source TEXT NOT NULL, "
    "incarnation {big} NOT NULL, position {big} NOT NULL, trail_number {big} NOT NULL, type TEXT NOT NULL, tenant TEXT NOT NULL, "
    "programme TEXT, case_id TEXT, subject TEXT, aggregatetype TEXT NOT NULL, aggregate TEXT NOT NULL, sequence {big} NOT NULL, "
    "occurred TEXT NOT NULL, recorded TEXT NOT NULL, id TEXT NOT NULL, value {bytes} NOT NULL, received TEXT NOT NULL)",
    "CREATE INDEX IF NOT EXISTS archive_trail ON archive (tenant, source, incarnation, programme, trail_number)",
    "CREATE TABLE IF NOT EXISTS archive_about (tenant TEXT NOT NULL, about TEXT NOT NULL, seq {big} NOT NULL, "
    "PRIMARY KEY (tenant, about, seq))",
    "CREATE TABLE IF NOT EXISTS archive_of_no_case (tenant TEXT NOT NULL, about TEXT NOT NULL, seq {big} NOT NULL, "
    "PRIMARY KEY (tenant, about, seq))",
    "INSERT INTO archive_of_no_case SELECT b.tenant, b.about, b.seq FROM archive_about b JOIN archive a ON a.seq = b.seq "
    "WHERE a.case_id IS NULL AND a.type NOT LIKE '%.Private.v1' AND NOT EXISTS (SELECT 1 FROM archive_of_no_case)",
)
ARCHIVE = Table("archive", {
    "seq": "bigint", "place": "text", "source": "text", "incarnation": "bigint", "position": "bigint", "trail_number": "bigint",
    "type": "text", "tenant": "text", "programme": "text", "case_id": "text", "subject": "text", "aggregatetype": "text",
    "aggregate": "text", "sequence": "bigint", "occurred": "text", "recorded": "text", "id": "text", "value": "bytea",
    "received": "text"})
REGISTERS = ABOUT, OF_NO_CASE = tuple(
    Table(name, {"tenant": "text", "about": "text", "seq": "bigint"}) for name in ("archive_about", "archive_of_no_case"))
"""By the ids that facts cite: all facts; those of no case that are not silent, of a host, a person: few, however many cases cite them."""
Numbered = tuple[int, Fact, bytes]
"""Archive sequence, fact, record's value."""
MOST = 1000
"""Records a statement."""
MOST_AMONG = 400
"""Ids a statement."""


class Valued(Protocol):
    """A record as it came over the bus."""

    @property
    def value(self) -> bytes: ...


class Archive:
    """`append` runs inside the hearing's transaction, under the writers' lock: so the sequence is the order of commit."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now

    def append(self, tx: Tx, records: Sequence[Valued]) -> None:
        """Append the records that are not there yet; what is heard again changes nothing."""
        for start in range(0, len(records), MOST):
            self._append(tx, records[start:start + MOST])

    def _append(self, tx: Tx, records: Sequence[Valued]) -> None:
        read = {fact.place: (fact, record.value) for record in records for fact in (read_fact(record.value),)}
        there = {row["place"] for row in tx.among("SELECT place FROM archive WHERE place {among}", list(read))}
        new = [one for place, one in read.items() if place not in there]
        if not new:
            return
        _insert(tx, [(seq, fact, value) for seq, (fact, value) in enumerate(new, head(tx) + 1)], stamp(self._now()))


def load(tx: Tx, after: int, values: Sequence[bytes], received: str) -> None:
    """Append many records in bulk, none of which is there yet."""
    numbered = [(seq, read_fact(value), value) for seq, value in enumerate(values, after + 1)]
    for table, rows in _rows(numbered, received):
        tx.copy(table.name, table.columns, rows)


def put(tx: Tx, numbered: Sequence[tuple[int, bytes]], received: str) -> None:
    """Records at sequences that are free."""
    _insert(tx, [(seq, read_fact(value), value) for seq, value in numbered], received)


def head(tx: Tx) -> int:
    """The greatest archive sequence; 0 for an empty archive."""
    found: int = tx.execute("SELECT coalesce(max(seq), 0) AS head FROM archive")[0]["head"]
    return found


def after(tx: Tx, sequence: int, limit: int, upto: int | None = None) -> list[tuple[int, Fact]]:
    """The facts after a sequence, in order, `limit` at most."""
    where, params = ("AND seq <= %s", (sequence, upto, limit)) if upto is not None else ("", (sequence, limit))
    rows = tx.execute(f"SELECT seq, value FROM archive WHERE seq > %s {where} ORDER BY seq LIMIT %s", params)
    return [(row["seq"], _fact(row)) for row in rows]


def about(tx: Tx, tenant: str, ids: Sequence[str], upto: int) -> dict[str, list[Fact]]:
    """The facts about each of these ids up to a sequence, in canonical order."""
    found: dict[str, list[Fact]] = {one: [] for one in ids}
    rows = tx.among("SELECT b.about, a.value FROM archive_about b JOIN archive a ON a.seq = b.seq "
                    "WHERE b.tenant = %s AND b.seq <= %s AND b.about {among}", list(found), (tenant, upto))
    for row in rows:
        found[row["about"]].append(_fact(row))
    return {one: sorted(facts, key=lambda fact: fact.order) for one, facts in found.items()}


def at(tx: Tx, place: str) -> list[Fact]:
    """The fact of a place, if it was archived."""
    return [_fact(row) for row in tx.execute("SELECT value FROM archive WHERE place = %s", (place,))]


def cited(tx: Tx, tenant: str, ids: Sequence[str], upto: int) -> list[Fact]:
    """The facts of no case about these ids up to a sequence, in canonical order; not what is silent: of a programme or a commitment that
    is about somebody else."""
    rows = tx.among("SELECT seq, value FROM archive WHERE seq IN (SELECT seq FROM archive_of_no_case WHERE tenant = %s AND seq <= %s "
                    "AND about {among})", ids, (tenant, upto))
    return sorted({row["seq"]: _fact(row) for row in rows}.values(), key=lambda fact: fact.order)


def trail(tx: Tx, key: tuple[str, str, int, str], number: int, limit: int) -> list[tuple[int, str]]:
    """(number, recorded) of the facts of a trail (tenant, source, incarnation, programme or "") after a number, in order."""
    tenant, source, incarnation, programme = key
    which, params = ("programme = %s", (programme,)) if programme else ("programme IS NULL", ())
    rows = tx.execute(f"SELECT trail_number, recorded FROM archive WHERE tenant = %s AND source = %s AND incarnation = %s AND {which} "
                      "AND trail_number > %s ORDER BY trail_number LIMIT %s", (tenant, source, incarnation, *params, number, limit))
    return [(row["trail_number"], row["recorded"]) for row in rows]


def newest(tx: Tx, tenant: str, about: str, kind: str, limit: int) -> list[Fact]:
    """The last facts of a type about an id, the newest first."""
    rows = tx.execute("SELECT a.value FROM archive_about b JOIN archive a ON a.seq = b.seq WHERE b.tenant = %s AND b.about = %s "
                      "AND a.type = %s ORDER BY b.seq DESC LIMIT %s", (tenant, about, kind, limit))
    return [_fact(row) for row in rows]


def _insert(tx: Tx, numbered: Sequence[Numbered], received: str) -> None:
    for table, rows in _rows(numbered, received):
        if rows:
            table.insert(tx, rows)


def _rows(numbered: Sequence[Numbered], received: str) -> Iterator[tuple[Table, list[tuple[Any, ...]]]]:
    yield ARCHIVE, [row(seq, fact, value, received) for seq, fact, value in numbered]
    for table in REGISTERS:
        yield table, [(fact.tenant, about, seq) for seq, fact, _ in numbered for about in registered(table, fact)]


def registered(table: Table, fact: Fact) -> Sequence[str]:
    """The ids under which a fact stands in a register."""
    return fact.cites() if table is ABOUT or (fact.case is None and not fact.type.endswith(".Private.v1")) else ()


def row(seq: int, fact: Fact, value: bytes, received: str) -> tuple[Any, ...]:
    return (seq, fact.place, fact.source, fact.incarnation, fact.position, fact.trail_number, fact.type, fact.tenant, fact.programme,
            fact.case, fact.subject, fact.aggregatetype, fact.aggregate, fact.sequence, fact.occurred, fact.recorded, fact.id, value,
            received)


def _fact(row: Row) -> Fact:
    return read_fact(bytes(row["value"]))

