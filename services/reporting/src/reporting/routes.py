"""Which facts belong together, so that a rebuild can share the archive out: those of a case, of its person, of an aggregate of neither."""
from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from chassis.database import Tx
from reporting import archive
from reporting.views.fact import Fact, read_fact

A_UNIT, MOST_UNITS = 10_000, 4096
"""Facts of a unit, about; and how many units there are at most."""
A_CHUNK, MOST_IDS = 4000, 400
"""Facts and ids that are held in memory at once, about: a person's facts are never cut apart."""
ROUTE = "coalesce(a.case_id, a.subject, a.aggregate)"


@dataclass
class Group:
    """The facts of one person and all their cases, or of one aggregate of nobody: `ids` are those by which they are found."""

    tenant: str
    ids: list[str]
    facts: int = 0


@dataclass
class Groups:
    """Ids that a fact names together belong to one group."""

    _parent: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    _facts: dict[tuple[str, str], int] = field(default_factory=dict)

    def add(self, tenant: str, ids: Sequence[str], facts: int) -> None:
        first, *others = [self._root((tenant, one)) for one in ids]
        for other in others:
            if other != first:
                self._parent[other] = first
                self._facts[first] = self._facts.get(first, 0) + self._facts.pop(other, 0)
        self._facts[first] = self._facts.get(first, 0) + facts

    def _root(self, at: tuple[str, str]) -> tuple[str, str]:
        path = []
        while (parent := self._parent.setdefault(at, at)) != at:
            path.append(at)
            at = parent
        self._parent |= dict.fromkeys(path, at)
        return at

    def all(self) -> Iterable[Group]:
        found: dict[tuple[str, str], Group] = {}
        for at in sorted(self._parent):
            root = self._root(at)
            found.setdefault(root, Group(at[0], [], self._facts[root])).ids.append(at[1])
        return found.values()


def groups(tx: Tx, upto: int) -> Iterable[Group]:
    """All groups of the archive up to a sequence."""
    found = Groups()
    nobody = "CASE WHEN case_id IS NULL AND subject IS NULL THEN aggregate END"
    rows = tx.values(f"SELECT tenant, case_id, subject, {nobody}, count(*) FROM archive WHERE seq <= %s "
                     f"GROUP BY tenant, case_id, subject, {nobody}", (upto,))
    for tenant, case, subject, aggregate, facts in rows:
        found.add(tenant, [one for one in (case, subject, aggregate) if one], facts)
    return found.all()


def units(found: Iterable[Group], facts: int) -> Iterator[tuple[int, str, int]]:
    """(unit, its groups as JSON, how many facts), by hash of the group's first id."""
    of = max(1, min(MOST_UNITS, facts // A_UNIT))
    shared: dict[int, list[Group]] = {}
    for one in found:
        shared.setdefault(zlib.crc32(f"{one.tenant}/{one.ids[0]}".encode()) % of, []).append(one)
    for unit, some in shared.items():
        text = orjson.dumps([[one.tenant, one.ids, one.facts] for one in some]).decode()
        yield unit, text, sum(one.facts for one in some)


def chunks(said: str) -> Iterator[tuple[str, list[str]]]:
    """The groups of a unit, a few at a time: tenant, ids."""
    now: Group | None = None
    for tenant, ids, facts in orjson.loads(said):
        if now is not None and (now.tenant != tenant or now.facts + facts > A_CHUNK or len(now.ids) + len(ids) > MOST_IDS):
            yield now.tenant, now.ids
            now = None
        now = now or Group(tenant, [])
        now.ids, now.facts = now.ids + ids, now.facts + facts
    if now is not None:
        yield now.tenant, now.ids


def facts_of(tx: Tx, tenant: str, ids: Sequence[str], upto: int) -> list[Fact]:
    """The facts that are found by these ids up to a sequence, in canonical order."""
    sql = (f"SELECT a.value FROM archive_about b JOIN archive a ON a.seq = b.seq WHERE b.tenant = %s AND b.seq <= %s AND b.about {{among}} "
           f"AND {ROUTE} = b.about")
    found: list[tuple[Any, ...]] = []
    for start in range(0, len(ids), archive.MOST_AMONG):
        found += tx.values(*tx.one_of(sql, ids[start:start + archive.MOST_AMONG], (tenant, upto)))
    return sorted((read_fact(value) for (value,) in found), key=lambda fact: fact.order)
