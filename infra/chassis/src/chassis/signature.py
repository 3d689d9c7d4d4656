"""A decision's keyword-only arguments, told apart by their annotations: given by the caller, or filled in."""
from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, get_args, get_type_hints

from chassis.decide import Actor, Mark


@dataclass(frozen=True)
class Argument:
    """`fills` is `body` (path or body), `actor`, `minted`, `today`, `occurred` (a body field too) or `look`."""

    name: str
    hint: Any
    fills: str
    default: Any = inspect.Parameter.empty


def arguments(decision: Callable[..., Any], looks: Mapping[Any, Any]) -> tuple[Argument, ...]:
    hints = get_type_hints(decision, include_extras=True)
    asked = [p for p in inspect.signature(decision).parameters.values() if p.kind is p.KEYWORD_ONLY]
    return tuple(Argument(p.name, hints[p.name], _fills(hints[p.name], looks), p.default) for p in asked)


def _fills(hint: Any, looks: Mapping[Any, Any]) -> str:
    if hint is Actor:
        return "actor"
    marks = [m.what for m in get_args(hint)[1:] if isinstance(m, Mark)]
    if marks:
        return marks[0]
    try:
        return "look" if hint in looks else "body"
    except TypeError:
        return "body"
