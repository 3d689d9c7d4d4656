"""An expression as a person reads it: its numbers, and only the branch that was taken."""
from __future__ import annotations

from typing import Any

from reporting.explain.figure import Expression
from reporting.verifier.expressions import Unexplained, Values

SIGNS = {"sum": " + ", "product": " × ", "ratio": " ÷ ", "subtract": " − ", "ge": " ≥ ", "le": " ≤ ", "gt": " > ", "lt": " < "}
NAMES = {"minimum": "the least of", "maximum": "the greatest of", "at_most": "not more than"}


def formula(expression: Expression, values: Values) -> str:
    """Such as `half up(60000 × 72 ÷ 120)`. `Unexplained` where a number is not there."""
    if "op" in expression:
        return _operation(expression["op"], expression["of"], values)
    if "number" in expression:
        return str(expression["number"])
    return str(values.field(expression) if "fact" in expression else values.of(expression))


def _operation(name: str, of: list[Any], values: Values) -> str:
    if name == "if_at_least":
        first, second = values.of(of[0]), values.of(of[1])
        taken = of[2] if first >= second else of[3]
        return f"{formula(taken, values)} [as {formula(of[0], values)} {'≥' if first >= second else '<'} {formula(of[1], values)}]"
    if name in ("same", "day"):
        return formula(of[0], values)
    if name == "day_after_months":
        return f"{formula(of[1], values)} months after {formula(of[0], values)}"
    if name == "count":
        return f"count of {len(of)}"
    if name == "half_up":
        return f"half up({formula(of[0], values)})"
    said = [_part(one, values) for one in of]
    if name == "one_of":
        return f"{said[0]} among {said[1]}"
    return SIGNS[name].join(said) if name in SIGNS else f"{NAMES.get(name, name)}({', '.join(said)})"


def _part(expression: Expression, values: Values) -> str:
    said = formula(expression, values)
    bare = expression.get("op") in (None, "half_up", "product", "minimum", "maximum", "same", "at_most")
    return said if bare else f"({said})"


def explained(expression: Expression, values: Values) -> tuple[str, str | None, str | None]:
    """The formula, what it comes to, and why it does not where it has no value."""
    try:
        return formula(expression, values), str(values.of(expression)), None
    except Unexplained as why:
        return "", None, str(why)
