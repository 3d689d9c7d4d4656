"""A moment (istante di conoscenza): what had been recorded by an instant and was true on a date; every view folded as of it.

The same folds as the live views, over fewer facts: a view is a function of the set of a key's facts.
"""
from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import orjson

from chassis.database import Tx
from reporting import archive, shown
from reporting.basis import Basis, packed
from reporting.shown import START, At, Shown
from reporting.views.all import VIEWS
from reporting.views.case_history import cited, cites, line
from reporting.views.fact import Fact, read_fact, set_digest
from reporting.views.view import Folded, Row, State, View

KEYS = 100
"""Keys whose facts are in memory at once."""
LAST = b"\xff"
"""After every part of a key."""
BY_NAME = {view.name: view for view in VIEWS}
NARROWED = {"payment_ledger": "AND a.source = 'stipend'", **{
    view: f"AND a.aggregatetype = '{kind}'" for view, kind in (
        ("commitments", "commitment"), ("entitlements", "entitlement"), ("participations", "participation"), ("programmes", "programme"))}}
"""What need not be read of a key's facts, since the view is not about it."""


@dataclass(frozen=True)
class Moment:
    """`recorded_as_of`: an instant, as facts carry it; `true_on`: a date in Rome; None: no bound. `basis`: what had come of each trail."""

    basis: Basis | None = None
    recorded_as_of: str | None = None
    true_on: str | None = None

    def knows(self, fact: Fact) -> bool:
        return ((self.recorded_as_of is None or fact.recorded <= self.recorded_as_of)
                and (self.true_on is None or fact.occurred <= self.true_on) and (self.basis is None or self.basis.holds(fact)))

    @property
    def token(self) -> str:
        """The basis and what is asked of it in one word; it is the same moment wherever it is taken."""
        return packed(self.basis or Basis({}), self.recorded_as_of, self.true_on)

    @property
    def said(self) -> dict[str, str]:
        """As it was asked."""
        asked = {"recorded_as_of": self.recorded_as_of, "true_on": self.true_on}
        return {name: value for name, value in asked.items() if value is not None}


def known(facts: Iterable[Fact], moment: Moment) -> list[Fact]:
    """The facts known at a moment, in canonical order."""
    return sorted((fact for fact in facts if moment.knows(fact)), key=lambda fact: fact.order)


def folded(view: View, key: str, facts: Iterable[Fact]) -> list[tuple[bytes, Row]]:
    """The rows of a key by their parts, in order, from its facts in canonical order: those that the live view would have."""
    own = [fact for fact in facts if view.key(fact) == key]
    if not isinstance(view, Folded):
        return [(fact.order, plain(view.line(fact))) for fact in own]
    state: State = {}
    for fact in own:
        view.fold(state, fact)
    rows = view.rows(state, key) if state else {}
    return sorted((part.encode(), plain(row)) for part, row in rows.items())


def plain(row: Row) -> Row:
    """As it is read from a table."""
    found: Row = orjson.loads(orjson.dumps(row, option=orjson.OPT_SORT_KEYS))
    return found


def facts_of(tx: Tx, tenant: str, keys: Sequence[str], moment: Moment, narrowed: str = "") -> dict[str, list[Fact]]:
    """What was known at a moment about each of these ids."""
    by, params = _by(moment)
    found: dict[str, list[Fact]] = {key: [] for key in keys}
    rows = tx.among(f"SELECT b.about, a.value FROM archive_about b JOIN archive a ON a.seq = b.seq WHERE b.tenant = %s {by} {narrowed} "
                    "AND b.about {among}", list(found), (tenant, *params))
    for row in rows:
        found[row["about"]].append(read_fact(bytes(row["value"])))
    return {key: known(facts, moment) for key, facts in found.items()}


def _by(moment: Moment) -> tuple[str, tuple[str, ...]]:
    bounds = [("a.recorded", moment.recorded_as_of), ("a.occurred", moment.true_on)]
    set_ = [(name, value) for name, value in bounds if value is not None]
    return "".join(f" AND {name} <= %s" for name, _ in set_), tuple(value for _, value in set_)


def rows(tx: Tx, tenant: str, view: str, keys: Sequence[str], moment: Moment) -> Iterator[Shown]:
    """The rows of these keys at a moment, key after key."""
    for key, facts in facts_of(tx, tenant, keys, moment, NARROWED.get(view, "")).items():
        yield from (Shown(key, part, row) for part, row in folded(BY_NAME[view], key, facts))


def every(tx: Tx, tenant: str, view: str, moment: Moment, *, key: str | None = None, within: str | None = None,
          after: At = START) -> Iterator[Shown]:
    """The rows of a view at a moment after a place, in the order of (key, part), some keys at a time.

    A key that had rows then has rows now, within the same: a case, a participation, a commitment keeps its programme.
    """
    field = BY_NAME[view].within
    place = (after[0], LAST) if after[0] else START
    first = [[key]] if key is not None else [[after[0]]] if after[0] else []
    for keys in first if key is not None else chain(first, keys_of(tx, tenant, view, within, place)):
        for found in rows(tx, tenant, view, keys, moment):
            if (found.key != after[0] or found.part > after[1]) and (within is None or found.row.get(field) == within):
                yield found


def keys_of(tx: Tx, tenant: str, view: str, within: str | None, after: At) -> Iterator[list[str]]:
    """The keys of the live view after a place, `KEYS` at a time, the last time fewer."""
    keys: list[str] = []
    for one in shown.every(tx, tenant, view, within=within, after=after):
        if not keys or one.key != keys[-1]:
            if len(keys) == KEYS:
                yield keys
                keys = []
            keys.append(one.key)
    if keys:
        yield keys


def history(tx: Tx, tenant: str, case: str, moment: Moment) -> tuple[list[Row], dict[str, object]]:
    """The lines of a case at a moment, and among them those of facts of no case that it cited by then; how many facts, their digest."""
    own = [fact for fact in facts_of(tx, tenant, [case], moment)[case] if fact.case == case]
    lines = [(fact.order, plain(line(fact)) | {"cited": False}) for fact in own]
    count: dict[str, object] = {"facts": len(own), "digest": set_digest(sum(fact.mark for fact in own))}
    if not own:
        return [], count
    said = [row for _, row in lines]
    others = known(archive.cited(tx, tenant, cites(said), archive.head(tx)), moment)
    lines += zip((fact.order for fact in others), cited(others, said), strict=True)
    return [row for _, row in sorted(lines, key=lambda found: found[0])], count
