"""What changed between two moments: rows of the views, column for column, and the facts that changed them."""
from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from chassis.database import Tx
from reporting import basis as bases
from reporting.moment import BY_NAME, NARROWED, Moment, facts_of, folded, known
from reporting.views.case_history import line
from reporting.views.fact import Fact, read_fact
from reporting.views.view import Row

VIEWS = ("payment_ledger", "commitments", "entitlements", "participations", "programmes")
"""The views that say what became of a programme, or of a case; of their facts themselves the histories tell."""
NAMED = ("id", "type", "occurred", "recorded", "causation", "it", "en")
"""What is said of a fact that changed a row."""
MOST = 20_000
"""New facts of a programme that are looked through for one answer."""
Rows = dict[str, Row]
Cell = tuple[str, str | None]
"""Part of a key's rows, and column; None where the whole row came or went."""


class TooMany(Exception):
    """More than `MOST` facts lie between the two moments."""


@dataclass(frozen=True)
class Between:
    """Two moments: `before` knows nothing that `after` does not."""

    before: Moment
    after: Moment

    def new(self, facts: Iterable[Fact]) -> list[Fact]:
        """Those that only the later moment knows, as they were recorded."""
        found = (fact for fact in facts if self.after.knows(fact) and not self.before.knows(fact))
        return sorted(found, key=lambda fact: (fact.recorded, fact.order))


def of_case(tx: Tx, tenant: str, case: str, between: Between) -> list[Fact]:
    """The facts of a case that are new between two moments."""
    return between.new(fact for fact in facts_of(tx, tenant, [case], between.after)[case] if fact.case == case)


def of_programme(tx: Tx, tenant: str, programme: str, between: Between) -> list[Fact]:
    """The facts of a programme that are new between two moments. `TooMany` if they are."""
    before, after = between.before, between.after
    values: list[bytes] = []
    for trail in after.basis.trails if after.basis else ():
        if trail[2] == programme:
            old = before.basis.trails.get(trail) if before.basis and before.recorded_as_of is None else None
            values += bases.beyond(tx, tenant, trail, old, (before.recorded_as_of, after.recorded_as_of), MOST + 1 - len(values))
    if len(values) > MOST:
        raise TooMany
    return between.new(map(read_fact, values))


def scopes(facts: Iterable[Fact]) -> list[tuple[str, str]]:
    """View and key of all that these facts can have changed, in order."""
    found = {(view, key) for fact in facts for view in VIEWS if (key := BY_NAME[view].key(fact))}
    return sorted(found, key=lambda scope: (VIEWS.index(scope[0]), scope[1]))


def changes(tx: Tx, tenant: str, scoped: Sequence[tuple[str, str]], between: Between) -> Iterator[dict[str, Any]]:
    """What changed in the rows of these keys: a column with both values, or a row that came or went; each with its facts."""
    for view, key in scoped:
        after = facts_of(tx, tenant, [key], between.after, NARROWED.get(view, ""))[key]
        before = known(after, between.before)
        causes = _causes(view, key, before, between.new(after))
        for (part, column), was, now in _differing(_rows(view, key, before), _rows(view, key, after)):
            because = [fact for cell, facts in causes.items() if cell[0] == part and column in (None, cell[1]) for fact in facts]
            yield {"view": view, "key": key, "part": part, "column": column, "before": was, "after": now, "facts": _named(because)}


def _causes(view: str, key: str, before: Sequence[Fact], new: Iterable[Fact]) -> dict[Cell, list[Fact]]:
    """The facts that changed each cell, taken up one by one as they were recorded."""
    found: dict[Cell, list[Fact]] = {}
    there, rows = list(before), _rows(view, key, before)
    for fact in new:
        there = sorted([*there, fact], key=lambda one: one.order)
        then = _rows(view, key, there)
        for cell, _, _ in _differing(rows, then):
            found.setdefault(cell, []).append(fact)
        rows = then
    return found


def _rows(view: str, key: str, facts: Iterable[Fact]) -> Rows:
    return {part.decode(): row for part, row in folded(BY_NAME[view], key, facts)}


def _differing(was: Rows, now: Rows) -> Iterator[tuple[Cell, Any, Any]]:
    for part in sorted(was.keys() | now.keys()):
        old, new = was.get(part), now.get(part)
        if old is None or new is None:
            yield (part, None), old, new
            continue
        for column in sorted(old.keys() | new.keys()):
            if old.get(column) != new.get(column):
                yield (part, column), old.get(column), new.get(column)


def _named(facts: Iterable[Fact]) -> list[dict[str, Any]]:
    """Each once, as they were recorded."""
    said = {fact.id: line(fact) for fact in sorted(facts, key=lambda fact: (fact.recorded, fact.order))}
    return [{name: one[name] for name in NAMED if name in one} for one in said.values()]
