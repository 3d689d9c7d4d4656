"""Expressions over fields of facts: exact, without a clock, without a word of any programme.

An expression is JSON: `{"fact": place, "field": JSON Pointer}`, `{"number": "0.70", "why": …}`, `{"total": kind}` (the sum of the
figures of a kind), `{"every": type, "field": pointer}` (the sum over all facts of a type of the programme's trail; without a field,
their number), or `{"op": name, "of": [expressions]}`.
"""
from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from functools import lru_cache
from typing import Any, Union

from reporting.verifier.fault import pointed

MOST_NODES = 20_000
MOST_NESTED = 60
MOST_BITS = 4096
SMALL = 1 << 62
DECIMAL = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,30})?")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


Exact = Union[int, Fraction]  # noqa: UP007 (Python 3.9)


class Unexplained(Exception):
    """The expression has no value: what is lacking, in words."""


class Values:
    """Evaluates. `fact(place)` is what a fact says, or `LookupError`; `every` by "type pointer": sums over all facts of a type.

    `totals`: sums of figures by kind; None where an expression may rest on single facts alone. `summed`: what was asked of `every`.
    """

    def __init__(self, fact: Callable[[str], Any], totals: Mapping[str, Exact] | None, every: Mapping[str, int]) -> None:
        self._fact, self._totals, self._every = fact, totals, every
        self._nodes, self._apart, self._rests = 0, ("", ""), False
        self.summed: set[str] = set()

    def of(self, expression: Any) -> Exact:
        """The number that an expression comes to."""
        self._nodes = 0
        return self._number(expression, 0)

    def explained(self, expression: Any, of: Any) -> Exact:
        """The same, where what is read for it is more than constants, and the field `of` that says the number."""
        self._apart = (of["fact"], of["field"]) if isinstance(of, dict) else ("", "")
        self._rests = False
        found = self.of(expression)
        if not self._rests:
            raise Unexplained("its expression rests on nothing but constants and itself")
        return found

    def field(self, expression: Any) -> Any:
        """What a leaf names, as it was spoken."""
        try:
            place, pointer = expression["fact"], expression["field"]
            if not self._rests and (place, pointer) != self._apart:
                self._rests = True
            return pointed(self._fact(place), pointer)
        except (LookupError, TypeError, AttributeError):
            raise Unexplained(f"{_leaf(expression)} is not there") from None

    def _number(self, expression: Any, depth: int) -> Exact:
        self._nodes += 1
        if self._nodes > MOST_NODES or depth > MOST_NESTED or not isinstance(expression, dict):
            raise Unexplained("it is no expression, or too large a one")
        if "op" in expression:
            return self._operation(expression, depth + 1)
        if "fact" in expression:
            said = self.field(expression)
            return said if type(said) is int else _as_number(said, expression)
        if "number" in expression:
            return _as_number(expression["number"], None)
        return self._total(expression)

    def _total(self, expression: Any) -> Exact:
        if self._totals is None or not ("total" in expression or "every" in expression):
            raise Unexplained("it is no expression that may stand here")
        self._rests = True
        if "total" in expression:
            return self._totals.get(expression["total"], 0)
        name = f"{expression['every']} {expression.get('field', '')}"
        if name not in self._every:
            raise Unexplained(f"{name} is not among the sums of the manifest")
        self.summed.add(name)
        return self._every[name]

    def _operation(self, expression: Any, depth: int) -> Exact:
        name, of = expression["op"], expression.get("of")
        if not isinstance(of, list) or not of:
            raise Unexplained(f"{name} is of nothing")
        if name == "count":
            for leaf in of:
                self.field(leaf)
            return len(of)
        if name == "one_of":
            return self._one_of(of)
        if name == "if_at_least" and len(of) == 4:
            first, second = (self._number(one, depth) for one in of[:2])
            return self._number(of[2] if first >= second else of[3], depth)
        if name in ("day", "day_after_months"):
            return self._day(name, of)
        found = _combined(name, [self._number(one, depth) for one in of])
        if type(found) is int and -SMALL < found < SMALL:
            return found
        if max(found.numerator.bit_length(), found.denominator.bit_length()) > MOST_BITS:
            raise Unexplained("its numbers grow without end")
        return found

    def _one_of(self, of: Sequence[Any]) -> Exact:
        """1 where the first leaf's value is among the values of the second, a list; else 0. Compared as text."""
        among = self.field(of[1]) if len(of) == 2 else None
        if not isinstance(among, list):
            raise Unexplained("one_of is of a value and a list")
        return int(_text(self.field(of[0])) in [_text(one) for one in among])

    def _day(self, name: str, of: Sequence[Any]) -> Exact:
        """A date as a number of days; some months later, the same day or the last of a shorter month."""
        said = self.field(of[0]) if isinstance(of[0], dict) and "fact" in of[0] else None
        if not isinstance(said, str) or not DAY.fullmatch(said):
            raise Unexplained("it is no date")
        day = date.fromisoformat(said)
        if name == "day_after_months":
            months = self._number(of[1], 0) if len(of) == 2 else Fraction(1, 2)
            if months.denominator != 1 or not 0 <= months <= 1200:
                raise Unexplained("it is no number of months")
            year, month = divmod(day.year * 12 + day.month - 1 + int(months), 12)
            day = date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
        return day.toordinal()


def _combined(name: str, values: Sequence[Exact]) -> Exact:
    first, rest = values[0], values[1:]
    if name == "sum":
        return sum(values)
    if name == "product":
        product: Exact = first
        for one in rest:
            product = product * one
        return product
    if name in ("minimum", "maximum"):
        return min(values) if name == "minimum" else max(values)
    if name == "same":
        if any(one != first for one in rest):
            raise Unexplained(f"{' and '.join(map(str, values))} should be the same")
        return first
    if name == "half_up" and not rest:
        return half_up(first)
    if len(values) == 2:
        return _of_two(name, first, rest[0])
    raise Unexplained(f"there is no operation {str(name)[:40]} of {len(values)} values")


def _of_two(name: str, first: Exact, second: Exact) -> Exact:
    if name == "subtract":
        return first - second
    if name == "ratio":
        if second == 0:
            raise Unexplained("it divides by 0")
        return Fraction(first) / second
    if name == "at_most":
        if first > second:
            raise Unexplained(f"{first} is more than {second}")
        return first
    compared = {"ge": first >= second, "le": first <= second, "gt": first > second, "lt": first < second}
    if name not in compared:
        raise Unexplained(f"there is no operation {str(name)[:40]}")
    return int(compared[name])


def half_up(value: Exact) -> int:
    """To a whole number; a half away from zero."""
    if type(value) is int:
        return value
    twice = 2 * abs(Fraction(value)) + 1
    rounded = twice.numerator // (twice.denominator * 2)
    return rounded if value >= 0 else -rounded


def _as_number(said: Any, leaf: Any) -> Exact:
    """`leaf`: the field that says it; None for a constant."""
    if isinstance(said, int):
        return int(said)
    found = _decimal(said) if isinstance(said, str) else None
    if found is None:
        raise Unexplained(f"{_leaf(leaf) if leaf else 'a constant'} is no number")
    return found


@lru_cache(maxsize=1024)
def _decimal(said: str) -> Exact | None:
    """The same few hours and rates are said again and again."""
    if not DECIMAL.fullmatch(said):
        return None
    return Fraction(said) if "." in said else int(said)


def _text(said: Any) -> str:
    return str(said).lower() if isinstance(said, bool) else str(said)


def _leaf(expression: Any) -> str:
    return f"{expression.get('field')} of {expression.get('fact')}" if isinstance(expression, dict) else "a leaf"
