"""Folding a batch of facts into the rows of the views, each in the tables of the generation that has it."""
from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import orjson

from chassis.database import Row as Found
from chassis.database import Tx
from reporting import archive
from reporting.generations import Served, by_generation, key_table, keys_of, row_table, rows_of
from reporting.views.all import VIEWS
from reporting.views.fact import Fact, set_digest
from reporting.views.view import Folded, Lines, Row, State, Taking, View

MOST = 2000
"""Rows a statement."""
Scope = tuple[str, str, str]
"""View, tenant, key."""


@dataclass
class Key:
    """What is kept of a key: the state of its facts, the last of them, how many, and their digest."""

    state: State = field(default_factory=dict)
    last: bytes = b""
    facts: int = 0
    digest: int = 0

    def count(self, facts: Iterable[Fact]) -> None:
        for fact in facts:
            self.add(fact)

    def add(self, fact: Fact) -> None:
        self.facts += 1
        self.digest += fact.mark
        if fact.order > self.last:
            self.last = fact.order


class Batch:
    """One batch, read once and written once. `of`: the generation of each view. `upto`: the archive sequence of its last fact."""

    def __init__(self, tx: Tx, of: Served, upto: int, views: Sequence[View] = VIEWS) -> None:
        self._tx, self._of, self._upto = tx, of, upto
        self._views = {view.name: view for view in views if view.name in of}
        self._taking = Taking(list(self._views.values()))
        self._keys: list[tuple[Any, ...]] = []
        self._rows: list[tuple[Any, ...]] = []
        self._gone: list[tuple[Any, ...]] = []

    def fold(self, facts: Sequence[Fact]) -> None:
        """Facts the generation does not hold yet, in any order."""
        new = self._scoped(facts)
        known = self._known(list(new))
        stale = [scope for scope in new if self._is_stale(scope, new[scope], known.get(scope))]
        again = self._again(stale)
        for scope, facts_of in new.items():
            key = known.get(scope) or Key()
            view = self._views[scope[0]]
            if isinstance(view, Lines):
                self._add_lines(view, scope, facts_of)
            elif scope in again:
                self._refold(view, scope, key, again[scope])
            else:
                self._advance(view, scope, key, facts_of)
            key.count(facts_of)
            self._keys.append((*scope, text(key.state), key.last, key.facts, set_digest(key.digest)))
        self._write()

    def _scoped(self, facts: Sequence[Fact]) -> dict[Scope, list[Fact]]:
        found: dict[Scope, list[Fact]] = {}
        for fact in sorted(facts, key=lambda fact: fact.order):
            for view in chain[View](*self._taking(fact)):
                if key := view.key(fact):
                    found.setdefault((view.name, fact.tenant, key), []).append(fact)
        return found

    def _known(self, scopes: Sequence[Scope]) -> dict[Scope, Key]:
        found: dict[Scope, Key] = {}
        for (view, tenant), keys in grouped(scopes).items():
            rows = self._tx.among(f"SELECT key, state, last, facts, digest FROM {keys_of(self._of[view])} WHERE view = %s "
                                  "AND tenant = %s AND key {among}", keys, (view, tenant))
            found |= {(view, tenant, row["key"]): kept(row) for row in rows}
        return found

    def _is_stale(self, scope: Scope, facts: Sequence[Fact], key: Key | None) -> bool:
        return isinstance(self._views[scope[0]], Folded) and key is not None and facts[0].order < key.last

    def _again(self, stale: Sequence[Scope]) -> dict[Scope, list[Fact]]:
        """All facts of the keys that cannot be folded on, from the archive, in canonical order."""
        found: dict[Scope, list[Fact]] = {}
        for tenant in {tenant for _, tenant, _ in stale}:
            scopes = [scope for scope in stale if scope[1] == tenant]
            about = archive.about(self._tx, tenant, sorted({key for _, _, key in scopes}), self._upto)
            found |= {scope: [fact for fact in about[scope[2]] if self._views[scope[0]].key(fact) == scope[2]] for scope in scopes}
        return found

    def _add_lines(self, view: Lines, scope: Scope, facts: Iterable[Fact]) -> None:
        self._rows += [(*scope, fact.order, *kept_row(view, view.line(fact))) for fact in facts]

    def _advance(self, view: Folded, scope: Scope, key: Key, facts: Iterable[Fact]) -> None:
        before = parts(view, key.state, scope[2])
        for fact in facts:
            view.fold(key.state, fact)
        self._change(view, scope, before, parts(view, key.state, scope[2]))

    def _refold(self, view: Folded, scope: Scope, key: Key, facts: Iterable[Fact]) -> None:
        before, key.state = parts(view, key.state, scope[2]), {}
        for fact in facts:
            view.fold(key.state, fact)
        self._change(view, scope, before, parts(view, key.state, scope[2]))

    def _change(self, view: Folded, scope: Scope, before: dict[bytes, tuple[str, str]], now: dict[bytes, tuple[str, str]]) -> None:
        self._rows += [(*scope, part, *row) for part, row in now.items() if before.get(part) != row]
        self._gone += [(*scope, part) for part in before if part not in now]

    def _write(self) -> None:
        for generation, views in by_generation(self._of).items():
            rows, keys, gone = ([one for one in found if one[0] in views] for found in (self._rows, self._keys, self._gone))
            if gone:
                self._tx.executemany(f"DELETE FROM {rows_of(generation)} WHERE view = %s AND tenant = %s AND key = %s AND part = %s", gone)
            for table, some in ((row_table(generation), rows), (key_table(generation), keys)):
                for start in range(0, len(some), MOST):
                    table.insert(self._tx, some[start:start + MOST])


def advance(tx: Tx, of: Served, sequence: int, limit: int, upto: int | None = None) -> tuple[Sequence[Fact], int]:
    """Fold the next facts into the generations of these views; those folded, and the sequence reached."""
    found = archive.after(tx, sequence, limit, upto)
    if not found:
        return (), sequence
    facts, last = [fact for _, fact in found], found[-1][0]
    Batch(tx, of, last).fold(facts)
    return facts, last


def grouped(scopes: Iterable[Scope]) -> dict[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], list[str]] = {}
    for view, tenant, key in scopes:
        found.setdefault((view, tenant), []).append(key)
    return found


def kept(row: Found) -> Key:
    return Key(orjson.loads(row["state"]), bytes(row["last"]), row["facts"], int(row["digest"], 16))


def parts(view: Folded, state: State, key: str) -> dict[bytes, tuple[str, str]]:
    return {part.encode(): kept_row(view, row) for part, row in view.rows(state, key).items()} if state else {}


def kept_row(view: View, row: Row) -> tuple[str, str]:
    """What it is listed within, and its text."""
    return row.get(view.within) or "", text(row)


def text(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
