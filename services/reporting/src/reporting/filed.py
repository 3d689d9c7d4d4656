"""Where the archive files its records, its columns and registers, held against what they say: who looks for a fact finds it there."""
from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from chassis.bulk import Table
from chassis.database import Tx
from reporting import archive
from reporting.compare import MOST, Counts, Difference, columns
from reporting.views.fact import Fact, read_fact

COLUMNS = tuple(name for name in archive.ARCHIVE.columns if name not in ("seq", "value", "received"))
ROWS = f"SELECT seq, value, {', '.join(COLUMNS)} FROM archive"
TENANT = 2 + COLUMNS.index("tenant")
ENTRIES = "SELECT tenant, about, seq FROM {}"
HERE, UNREAD = "registered", "value"
Entry = tuple[str, str, int]
"""Of a register: tenant, the id that is cited, archive sequence."""
One = TypeVar("One", str, int)
Entries = defaultdict[str, int]
"""How many, by register."""


def compared(tx: Tx) -> tuple[Counts, list[Difference]]:
    """Differences of columns and registers, by table and kind, and the first of each, what is no fact before all; each record is read
    once."""
    return _counted(differences(tx))


def sampled(tx: Tx, seqs: Sequence[int], places: Sequence[str]) -> tuple[Counts, list[Difference]]:
    """The same of these records alone; and of an entry of each register from each of these places on, in the tenant of a record."""
    def differing() -> Iterator[Difference]:
        rows = [row for page in _pages(seqs) for row in tx.values(*tx.one_of(f"{ROWS} WHERE seq {{among}}", page))]
        for row in rows:
            yield from _of_records(tx, [row], Entries(int))
        tenants = [row[TENANT] for row in rows] or [""]
        for table in archive.REGISTERS:
            beyond = [(tenants[n % len(tenants)], place) for n, place in enumerate(places)]
            entries = {tuple(entry) for at in beyond for entry in tx.values(
                f"{ENTRIES.format(table.name)} WHERE (tenant, about) >= (%s, %s) ORDER BY tenant, about, seq LIMIT 1", at)}
            yield from _of_nothing(tx, table, sorted(entries))

    return _counted(differing())


def _counted(differences: Iterator[Difference]) -> tuple[Counts, list[Difference]]:
    counts, found, unread = Counts(), list[Difference](), list[Difference]()
    for one in differences:
        kinds = counts.setdefault(one.view, {"wrong": 0, "missing": 0, "extra": 0})
        kinds[one.kind.lower()] += 1
        if one.column == UNREAD:
            unread += [one] if len(unread) < MOST else []
        elif kinds[one.kind.lower()] <= MOST:
            found.append(one)
    return counts, [*unread, *found]


def differences(tx: Tx) -> Iterator[Difference]:
    at, entries = 0, Entries(int)
    while page := tx.values(f"{ROWS} WHERE seq > %s ORDER BY seq LIMIT %s", (at, archive.MOST)):
        at = page[-1][0]
        yield from _of_records(tx, page, entries)
    for table in archive.REGISTERS:
        if tx.execute(f"SELECT count(*) AS many FROM {table.name}")[0]["many"] != entries[table.name]:
            yield from _extra(tx, table)


def _of_records(tx: Tx, page: Sequence[Any], entries: Entries) -> Iterator[Difference]:
    """Of records in order of their sequence, none between left out; `entries` counts those that there are of them, by register."""
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
    """Those of these entries for which there is no record."""
    facts = {row["seq"]: _read(row["value"]) for row in tx.execute(
        *tx.one_of("SELECT seq, value FROM archive WHERE seq {among}", sorted({seq for _, _, seq in page})))} if page else {}
    for entry in map(tuple, page):
        fact = facts.get(entry[2])
        if fact is None or entry not in _entries(table, entry[2], fact):
            yield Difference("EXTRA", table.name, entry[0], entry[1], fact.place if fact else str(entry[2]), there=HERE)


def _pages(some: Sequence[One]) -> Iterator[Sequence[One]]:
    return (some[start:start + archive.MOST_AMONG] for start in range(0, len(some), archive.MOST_AMONG))
