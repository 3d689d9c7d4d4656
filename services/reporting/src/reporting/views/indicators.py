"""Indicators (indicatori): which codes a participation counts for, by a programme's catalogue; figures are sums of one row a person."""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from reporting.views.view import Row

RESULTS = {"IMMEDIATE": "immediate", "SIX_MONTH": "six_month"}


def codes(participation: Row, catalogue: Mapping[str, Any]) -> list[str]:
    """The codes of the catalogue that a participation counts for, in the catalogue's order.

    An incomplete record counts only in the totals, that is where `sum_of` is given (`domain.md` 4.1).
    """
    indicators = catalogue.get("indicators", ())
    entry = participation.get("entry")
    plain = {one["code"] for one in indicators if entry and entry.get("complete", True) and _at_entry(one, entry)}
    found = [one["code"] for one in indicators if one["code"] in plain or _result(one, participation)
             or (entry and one.get("sum_of") and (not entry.get("complete", True) or plain & set(one["sum_of"])))]
    return found


def figures(participations: Iterable[Row], catalogue: Mapping[str, Any]) -> list[Row]:
    """For each indicator: its value by gender, and in all."""
    values: dict[str, dict[str, int]] = {one["code"]: {} for one in catalogue.get("indicators", ())}
    for one in participations:
        gender = str((one.get("entry") or {}).get("gender") or "UNKNOWN")
        for code in codes(one, catalogue):
            values[code][gender] = values[code].get(gender, 0) + 1
    return [{"code": one["code"], "title_it": one.get("title_it"), "title_en": one.get("title_en"), "moment": one.get("moment"),
             "by_gender": dict(sorted(values[one["code"]].items())), "total": sum(values[one["code"]].values())}
            for one in catalogue.get("indicators", ())]


def _at_entry(indicator: Mapping[str, Any], entry: Mapping[str, Any]) -> bool:
    conditions = indicator.get("conditions") or ()
    return indicator.get("moment") == "ENTRY" and bool(conditions) and all(_holds(one, entry) for one in conditions)


def _result(indicator: Mapping[str, Any], participation: Row) -> bool:
    result = participation.get(RESULTS.get(indicator.get("moment", ""), "")) or {}
    return indicator["code"] in (result.get("codes") or ())


def _holds(condition: Mapping[str, Any], entry: Mapping[str, Any]) -> bool:
    """A field that is absent holds no condition."""
    value, wanted = entry.get(condition["field"]), condition.get("values") or ()
    if value is None or not wanted:
        return False
    if condition["op"] in ("EQ", "IN"):
        return _text(value) in wanted
    try:
        number, bound = Decimal(_text(value)), Decimal(wanted[0])
    except InvalidOperation:
        return False
    return {"GE": number >= bound, "LE": number <= bound, "GT": number > bound, "LT": number < bound}.get(condition["op"], False)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
