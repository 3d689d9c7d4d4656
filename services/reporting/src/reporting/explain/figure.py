"""A figure: what a fact, or a view, says that something comes to; and the expression that it must equal."""
from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from reporting.views.fact import Fact

Expression = dict[str, Any]
"""As in `verifier.expressions`."""


@dataclass(frozen=True)
class Figure:
    """`value`: whole cents, or how many. `of`: the field of a fact that says it. `cites`: other fields that belong to it, with what
    they say. `policy`: the rules that were applied, by reference and place. `occurred`: the day that puts it into a period."""

    kind: str
    about: str
    value: int
    expression: Expression
    occurred: str = ""
    of: Expression | None = None
    policy: Expression | None = None
    cites: tuple[Expression, ...] = field(default=())

    def said(self) -> dict[str, Any]:
        """As JSON; absent where there is nothing."""
        found = {"kind": self.kind, "about": self.about, "value": self.value, "occurred": self.occurred or None, "of": self.of,
                 "policy": self.policy, "cites": list(self.cites) or None, "expression": self.expression}
        return {name: value for name, value in found.items() if value is not None}

    def places(self) -> set[str]:
        """The facts that it rests on."""
        return {leaf["fact"] for leaf in leaves([self.expression, self.of, self.policy, *self.cites])}


def leaf(fact: Fact, pointer: str) -> Expression:
    """A field of a fact, by a JSON Pointer into its record."""
    return {"fact": fact.place, "field": pointer}


def cite(fact: Fact, *names: str) -> tuple[Expression, ...]:
    """Fields of a payload that are there, with what they say."""
    return tuple({**leaf(fact, f"/data/{name}"), "value": fact.get(name)} for name in names if fact.get(name) is not None)


def number(text: str | int, why: str) -> Expression:
    """A constant, and why it is one."""
    return {"number": str(text), "why": why}


def op(name: str, *of: Expression) -> Expression:
    return {"op": name, "of": list(of)}


def total(name: str, parts: Iterable[Expression]) -> Expression:
    """An operation over any number of parts; of one, the part itself; of none, 0."""
    found = list(parts)
    return found[0] if len(found) == 1 else op(name, *found) if found else number(0, "there is none")


def leaves(found: Iterable[Any], kind: str = "fact") -> Iterator[Mapping[str, Any]]:
    """All fields of facts in expressions; or leaves of another kind."""
    for one in found:
        if isinstance(one, Mapping):
            if kind in one:
                yield one
            of = one.get("of")
            yield from leaves(of if isinstance(of, list) else [of], kind)
