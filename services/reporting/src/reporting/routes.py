"""Which facts belong together, so that a rebuild can share the archive out: those of a case, of its person, of an aggregate of neither."""
from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from chassis.database import Tx
from reporting import archive
from reporting.views.fact import Fact, read_fact

A_UNIT, MOST_UNITS = 10_000, 4096
"""Facts of a unit, about; and how many units there are at most, about."""
A_CHUNK, MOST_IDS = 4000, 400
"""Facts and ids that are held in memory at once, about: a person's facts are never cut apart."""
ROUTE = "coalesce(a.case_id, a.subject, a.aggregate)"


@dataclass
class Group:
    """The facts of one person and all their cases, or of one aggregate of nobody: `ids` are those by which they are found.

    `first`: the archive sequence of the first of them.
    """

    tenant: str
    ids: list[str]
    facts: int = 0
    first: int = 0


@dataclass
class Groups:
    """Ids that a fact names together belong to one group."""

    _parent: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    _facts: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)

    def add(self, tenant: str, ids: Sequence[str], facts: int, first: int) -> None:
        root, *others = [self._root((tenant, one)) for one in ids]
        for other in others:
            if other != root:
                self._parent[other] = root
                self._count(root, *self._facts.pop(other, (0, first)))
        self._count(root, facts, first)

    def _count(self, root: tuple[str, str], facts: int, first: int) -> None:
        there, since = self._facts.get(root, (0, first))
        self._facts[root] = (there + facts, min(since, first))

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
            found.setdefault(root, Group(at[0], [], *self._facts[root])).ids.append(at[1])
        return found.values()


def groups(tx: Tx, upto: int) -> Iterable[Group]:
    """All groups of the archive up to a sequence."""
    found = Groups()
    nobody = "CASE WHEN case_id IS NULL AND subject IS NULL THEN aggregate END"
    rows = tx.values(f"SELECT tenant, case_id, subject, {nobody}, count(*), min(seq) FROM archive WHERE seq <= %s "
                     f"GROUP BY tenant, case_id, subject, {nobody}", (upto,))
    for tenant, case, subject, aggregate, facts, first in rows:
        found.add(tenant, [one for one in (case, subject, aggregate) if one], facts, first)
    return found.all()


def units(found: Iterable[Group], facts: int) -> Iterator[tuple[int, str, int]]:
    """(unit, its groups as JSON, how many facts), as the groups begin: those of one time lie together, and have hosts in common."""
    size, some, many, unit = max(A_UNIT, facts // MOST_UNITS), list[Group](), 0, 0
    for one in sorted(found, key=lambda one: (one.tenant, one.first, one.ids)):
        some.append(one)
        many += one.facts
        if many >= size:
            yield unit, _said(some), many
            some, many, unit = [], 0, unit + 1
    if some:
        yield unit, _said(some), many


def _said(some: Iterable[Group]) -> str:
    return orjson.dumps([[one.tenant, one.ids, one.facts] for one in some]).decode()


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
    """The facts that are found by these ids up to a sequence, in canonical order. One that is about several of them is read once."""
    found: list[tuple[Any, ...]] = []
    for start in range(0, len(ids), archive.MOST_AMONG):
        some = ids[start:start + archive.MOST_AMONG]
        about, params = tx.one_of("SELECT DISTINCT seq FROM archive_about WHERE tenant = %s AND seq <= %s AND about {among}", some,
                                  (tenant, upto))
        found += tx.values(*tx.one_of(f"SELECT a.value FROM ({about}) b JOIN archive a ON a.seq = b.seq WHERE {ROUTE} {{among}}", some,
                                      params))
    return sorted((read_fact(value) for (value,) in found), key=lambda fact: fact.order)
