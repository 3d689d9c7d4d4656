"""Where the archive files its records, its columns and registers, held against what they say: who looks for a fact finds it there."""
from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from chassis.bulk import Table
from chassis.database import Tx
from reporting import archive
from reporting.compare import MOST, Counts, Difference, columns, count
from reporting.views.fact import Fact, read_fact

COLUMNS = tuple(name for name in archive.ARCHIVE.columns if name not in ("seq", "value", "received"))
ROWS = f"SELECT seq, value, {', '.join(COLUMNS)} FROM archive"
TENANT = 2 + COLUMNS.index("tenant")
ENTRIES = "SELECT tenant, about, seq FROM {}"
HERE, UNREAD = "registered", "value"
Entry = tuple[str, str, int]
"""Of a register: tenant, the id that is cited, archive sequence."""
One = TypeVar("One")
Counted = defaultdict[str, int]
"""How many entries, by register."""


def compared(tx: Tx) -> tuple[Counts, list[Difference]]:
    """Differences of columns and registers, by table and kind, and the first of each, what is no fact before all; each record is read
    once."""
    return _counted(differences(tx))


def of_sample(tx: Tx, seqs: Sequence[int], places: Sequence[tuple[str, int]]) -> tuple[Counts, list[Difference]]:
    """The same of these records alone; and for each place, an id and an archive sequence, of two entries of each register in a tenant of
    the records."""
    def differing() -> Iterator[Difference]:
        rows = [row for page in _pages(seqs) for row in tx.values(*tx.one_of(f"{ROWS} WHERE seq {{among}} ORDER BY seq", page))]
        for row in rows:  # one at a time: of an id there may be very many entries between two of them
            yield from _of_records(tx, [row], Counted(int))
        tenants = sorted({str(row[TENANT]) for row in rows})
        for table in archive.REGISTERS:
            chosen = {entry for n, place in enumerate(places if tenants else ())
                      for entry in _entries_at(tx, table, tenants[n % len(tenants)], *place)}
            for page in _pages(sorted(chosen)):
                yield from _of_nothing(tx, table, page)

    return _counted(differing())


def _entries_at(tx: Tx, table: Table, tenant: str, id_: str, seq: int) -> Iterator[Entry]:
    """Of the next id, the first of all where there is none beyond: the entry of the next sequence, and the last."""
    ids = (found for at in (id_, "") for found, in tx.values(
        f"SELECT about FROM {table.name} WHERE tenant = %s AND about >= %s ORDER BY about LIMIT 1", (tenant, at)))
    if (about := next(ids, None)) is not None:
        of = f"FROM {table.name} WHERE tenant = %s AND about = %s"
        for found, in (*tx.values(f"SELECT seq {of} AND seq >= %s ORDER BY seq LIMIT 1", (tenant, about, seq)),
                       *tx.values(f"SELECT max(seq) {of}", (tenant, about))):
            yield tenant, about, found


def _counted(differences: Iterator[Difference]) -> tuple[Counts, list[Difference]]:
    counts, found, unread = Counts(), list[Difference](), list[Difference]()
    for one in differences:
        many = count(counts, one)
        if one.column == UNREAD:
            unread += [one] if len(unread) < MOST else []
        elif many <= MOST:
            found.append(one)
    return counts, [*unread, *found]


def differences(tx: Tx) -> Iterator[Difference]:
    at, entries = 0, Counted(int)
    while page := tx.values(f"{ROWS} WHERE seq > %s ORDER BY seq LIMIT %s", (at, archive.MOST)):
        at = page[-1][0]
        yield from _of_records(tx, page, entries)
    for table in archive.REGISTERS:
        if tx.execute(f"SELECT count(*) AS many FROM {table.name}")[0]["many"] != entries[table.name]:
            yield from _extra(tx, table)


def _of_records(tx: Tx, page: Sequence[Any], entries: Counted) -> Iterator[Difference]:
    """Of records in order of their sequence; `entries` counts those that there are of them, by register."""
    facts = {seq: _read(value) for seq, value, *_ in page}
    for seq, _, *there in page:
        yield from _wrong(dict(zip(COLUMNS, there, strict=True)), facts[seq])
    for table in archive.REGISTERS:
        wanted = {entry: fact.place for seq, fact in facts.items() if fact for entry in _entries(table, seq, fact)}
        entries[table.name] += len(wanted)
        there_are = _there(tx, table, wanted, page[0][0], page[-1][0])
        for entry in sorted(wanted.keys() - there_are):
            yield Difference("MISSING", table.name, entry[0], entry[1], wanted[entry], rebuilt=HERE)
            entries[table.name] -= 1


def places(tx: Tx) -> dict[str, int]:
    """Records that are filed where they do not belong, or not where they do: the archive sequence of each, by its place there."""
    wrong = {one.key if one.view == "archive" else one.part for one in differences(tx)}
    return {row["place"]: row["seq"] for page in _pages(sorted(wrong))
            for row in tx.among("SELECT place, seq FROM archive WHERE place {among}", page)}


def _read(value: Any) -> Fact | None:
    try:
        return read_fact(bytes(value))
    except (KeyError, ValueError, TypeError):
        return None


def _wrong(there: dict[str, Any], fact: Fact | None) -> Iterator[Difference]:
    if fact is None:
        yield Difference("WRONG", "archive", str(there["tenant"]), str(there["place"]), "", column=UNREAD, there="not a fact")
        return
    row = archive.row(0, fact, b"", "")
    said = {name: value for name, value in zip(archive.ARCHIVE.columns, row, strict=True) if name in COLUMNS}
    if there != said:
        yield from columns(("WRONG", "archive", fact.tenant, fact.place, ""), there, said)


def _entries(table: Table, seq: int, fact: Fact) -> list[Entry]:
    return [(fact.tenant, about, seq) for about in archive.registered(table, fact)]


def _there(tx: Tx, table: Table, wanted: dict[Entry, str], first: int, last: int) -> set[Entry]:
    """The entries of these ids for these records."""
    by_tenant = defaultdict[str, set[str]](set)
    for tenant, about, _ in wanted:
        by_tenant[tenant].add(about)
    return {(tenant, row["about"], row["seq"]) for tenant, ids in by_tenant.items() for page in _pages(sorted(ids))
            for row in tx.among(f"SELECT about, seq FROM {table.name} WHERE tenant = %s AND seq BETWEEN %s AND %s AND about {{among}}",
                                page, (tenant, first, last))}


def _extra(tx: Tx, table: Table) -> Iterator[Difference]:
    """Entries of records that do not cite what they are registered under, or that are not there."""
    at: tuple[Any, ...] = ("", "", 0)
    while page := tx.values(f"{ENTRIES.format(table.name)} WHERE (tenant, about, seq) > (%s, %s, %s) "
                            "ORDER BY tenant, about, seq LIMIT %s", (*at, archive.MOST_AMONG)):
        at = tuple(page[-1])
        yield from _of_nothing(tx, table, page)


def _of_nothing(tx: Tx, table: Table, page: Sequence[Any]) -> Iterator[Difference]:
    """Those of these entries for which there is no record; of what is no fact nobody can say what it cites."""
    facts = {row["seq"]: _read(row["value"]) for row in tx.execute(
        *tx.one_of("SELECT seq, value FROM archive WHERE seq {among}", sorted({seq for _, _, seq in page})))} if page else {}
    for entry in map(tuple, page):
        fact = facts.get(entry[2])
        if entry[2] not in facts or (fact and entry not in _entries(table, entry[2], fact)):
            yield Difference("EXTRA", table.name, entry[0], entry[1], fact.place if fact else str(entry[2]), there=HERE)


def _pages(some: Sequence[One]) -> Iterator[Sequence[One]]:
    return (some[start:start + archive.MOST_AMONG] for start in range(0, len(some), archive.MOST_AMONG))
