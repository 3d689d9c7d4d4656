"""What a participation counts for (indicatori), as expressions: 1 for each indicator, over its entry data and the catalogue."""
from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from reporting.explain.accrual import CONFIGURES
from reporting.explain.figure import Expression, Figure, cite, leaf, number, op
from reporting.views import participations
from reporting.views.fact import Fact
from reporting.views.indicators import RESULTS, codes
from reporting.views.view import State

COMPARED = {"GE": "ge", "LE": "le", "GT": "gt", "LT": "lt"}


def catalogue_of(programme: Sequence[Fact]) -> tuple[Fact, Mapping[str, Any]] | None:
    """The catalogue in force, and the fact that spells it: the last in canonical order."""
    last = max((fact for fact in programme if fact.name in CONFIGURES and isinstance(fact.get("config"), dict)),
               key=lambda fact: fact.order, default=None)
    return (last, last.get("config").get("catalogue") or {}) if last else None


def figures_of_participation(facts: Iterable[Fact], programme: Sequence[Fact]) -> list[Figure]:
    """One for each indicator that it counts for: `indicator CODE GENDER`, 1."""
    found = catalogue_of(programme)
    told = sorted(facts, key=lambda fact: fact.order)
    state: State = {}
    for fact in told:
        participations.fold(state, fact)
    if not found or not state:
        return []
    own = {fact.id: fact for fact in told}
    return list(_figures(participations.rows(state, told[0].aggregate)[""], own, *found))


def _figures(row: Mapping[str, Any], own: Mapping[str, Fact], config: Fact, catalogue: Mapping[str, Any]) -> Iterable[Figure]:
    of, entry = _Indicators(config, catalogue), own.get(row.get("entry_fact", ""))
    gender = str((row.get("entry") or {}).get("gender") or "UNKNOWN")
    for code in codes(dict(row), catalogue):
        moment = str(of.by_code[code].get("moment"))
        rests_on = own.get(row.get(f"{RESULTS[moment]}_fact", "")) if moment in RESULTS else entry
        if rests_on is None:
            continue
        expression = of.result(code, rests_on) if moment in RESULTS else of.at_entry(code, rests_on)
        about = cite(entry, "gender", "entry_date") if entry else ()
        result = cite(rests_on, "status", "source") if moment in RESULTS else ()
        yield Figure(f"indicator {code} {gender}", rests_on.aggregate, 1, expression, rests_on.occurred, cites=(*about, *result))


class _Indicators:
    def __init__(self, config: Fact, catalogue: Mapping[str, Any]) -> None:
        self.config, indicators = config, catalogue.get("indicators", ())
        self.by_code = {one["code"]: one for one in indicators}
        self._at = {one["code"]: f"/data/config/catalogue/indicators/{at}" for at, one in enumerate(indicators)}

    def result(self, code: str, fact: Fact) -> Expression:
        """The result's codes name it."""
        return op("one_of", leaf(self.config, f"{self._at[code]}/code"), leaf(fact, "/data/codes"))

    def at_entry(self, code: str, entry: Fact) -> Expression:
        """All of its conditions hold, of a complete record; or one of those that it sums up, of any record."""
        parts = self.by_code[code].get("sum_of") or ()
        if not parts:
            return self._plain(code, entry)
        complete = leaf(entry, "/data/complete") if entry.get("complete") is not None else number(1, "complete unless it is said")
        incomplete = op("subtract", number(1, "one person"), complete)
        return op("maximum", incomplete, *(self._plain(part, entry) for part in parts if self._holds(part, entry)))

    def _plain(self, code: str, entry: Fact) -> Expression:
        conditions = self.by_code[code].get("conditions") or ()
        at = f"{self._at[code]}/conditions"
        held = [self._condition(one, leaf(entry, f"/data/{one['field']}"), f"{at}/{n}/values") for n, one in enumerate(conditions)]
        complete = [leaf(entry, "/data/complete")] if entry.get("complete") is not None else []
        return op("product", number(1, "one person"), *complete, *held)

    def _holds(self, code: str, entry: Fact) -> bool:
        """Whether its conditions are about fields that are there."""
        conditions = self.by_code.get(code, {}).get("conditions") or ()
        return bool(conditions) and all(entry.get(one["field"]) is not None for one in conditions)

    def _condition(self, condition: Mapping[str, Any], value: Expression, values: str) -> Expression:
        if condition["op"] in COMPARED:
            return op(COMPARED[condition["op"]], value, leaf(self.config, f"{values}/0"))
        return op("one_of", value, leaf(self.config, values))
