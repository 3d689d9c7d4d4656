"""Loading a generation in bulk: keys folded from all their facts at once, into tables that have no index yet."""
from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from chassis.database import Tx
from reporting import archive
from reporting.folding import Key, Scope, kept_row, parts, text
from reporting.generations import KEY_COLUMNS, ROW_COLUMNS, keys_of, rows_of
from reporting.routes import chunks, facts_of
from reporting.views.fact import Fact, set_digest
from reporting.views.view import Folded, Lines, Taking, View

Rows = list[tuple[Any, ...]]
AT_ONCE = 20
"""Keys that are folded again at a time."""


class Loading:
    """Into one generation, of facts up to an archive sequence."""

    def __init__(self, tx: Tx, generation: int, upto: int, views: Sequence[View]) -> None:
        self._tx, self._generation, self._upto, self._views = tx, generation, upto, views

    def unit(self, routes: str) -> None:
        """What follows from the facts of a unit. A key that has facts in other units too is put together by `join`."""
        for tenant, ids in chunks(routes):
            self._write(*folded(facts_of(self._tx, tenant, ids, self._upto), self._views))

    def join(self) -> None:
        """Once all units are loaded: each key that came in several is made one."""
        keys, views = keys_of(self._generation), {view.name: view for view in self._views}
        self._tx.execute("DELETE FROM rebuild_again")
        self._tx.execute(f"INSERT INTO rebuild_again SELECT view, tenant, key FROM {keys} GROUP BY view, tenant, key HAVING count(*) > 1")
        found: dict[Scope, Key] = {}
        for *scope, last, facts, digest in self._tx.values(
                f"SELECT k.view, k.tenant, k.key, k.last, k.facts, k.digest FROM {keys} k JOIN rebuild_again g ON g.view = k.view "
                "AND g.tenant = k.tenant AND g.key = k.key"):
            key = found.setdefault((scope[0], scope[1], scope[2]), Key())
            key.last, key.facts, key.digest = max(key.last, last), key.facts + facts, key.digest + int(digest, 16)
        self._forget([name for name, view in views.items() if isinstance(view, Folded)])
        self._write([], [row_of(scope, key) for scope, key in found.items() if isinstance(views[scope[0]], Lines)])
        self._again([scope for scope in found if isinstance(views[scope[0]], Folded)], views)

    def _forget(self, folded_views: Sequence[str]) -> None:
        """The keys of which there are several, and what was folded from a part of their facts."""
        same = "EXISTS (SELECT 1 FROM rebuild_again g WHERE g.view = t.view AND g.tenant = t.tenant AND g.key = t.key)"
        self._tx.execute(f"DELETE FROM {keys_of(self._generation)} AS t WHERE {same}")
        names = ", ".join(f"'{name}'" for name in folded_views)
        if names and self._tx.execute(f"SELECT 1 AS some FROM rebuild_again WHERE view IN ({names}) LIMIT 1"):
            self._tx.execute(f"DELETE FROM {rows_of(self._generation)} AS t WHERE view IN ({names}) AND {same}")

    def _again(self, scopes: Sequence[Scope], views: dict[str, View]) -> None:
        for tenant in sorted({scope[1] for scope in scopes}):
            some = [scope for scope in scopes if scope[1] == tenant]
            for start in range(0, len(some), AT_ONCE):
                page = some[start:start + AT_ONCE]
                about = archive.about(self._tx, tenant, sorted({key for _, _, key in page}), self._upto)
                for scope in page:
                    view = views[scope[0]]
                    self._write(*folded([fact for fact in about[scope[2]] if view.key(fact) == scope[2]], [view]))

    def _write(self, rows: Rows, keys: Rows) -> None:
        for table, columns, some in ((rows_of(self._generation), ROW_COLUMNS, rows), (keys_of(self._generation), KEY_COLUMNS, keys)):
            if some:
                self._tx.copy(table, columns, some)


def folded(facts: Iterable[Fact], views: Sequence[View]) -> tuple[Rows, Rows]:
    """The rows and keys that follow from facts in canonical order, if they are all there are of their keys; the rows of a key together,
    so that they are read together."""
    lined_up, found, taking = defaultdict[Scope, Rows](list), defaultdict[Scope, Key](Key), Taking(views)
    for fact in facts:
        lines, folds = taking(fact)
        for lined in lines:
            if key := lined.key(fact):
                found[scope := (lined.name, fact.tenant, key)].add(fact)
                lined_up[scope].append((*scope, fact.order, *kept_row(lined, lined.line(fact))))
        for view in folds:
            if key := view.key(fact):
                (kept := found[view.name, fact.tenant, key]).add(fact)
                view.fold(kept.state, fact)
    rows = [row for some in lined_up.values() for row in some]
    of = {view.name: view for view in views if isinstance(view, Folded)}
    for scope, kept in found.items():
        if scope[0] in of:
            rows += [(*scope, part, *row) for part, row in parts(of[scope[0]], kept.state, scope[2]).items()]
    return rows, [row_of(scope, kept) for scope, kept in found.items()]


def row_of(scope: Scope, key: Key) -> tuple[Any, ...]:
    return (*scope, text(key.state), key.last, key.facts, set_digest(key.digest))
