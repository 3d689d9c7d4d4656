"""What a view is: lines, one a fact, or rows folded from a key's facts."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from reporting.views.fact import Fact

State = dict[str, Any]
"""What a key's facts amount to so far: JSON values only."""
Row = dict[str, Any]


@dataclass(frozen=True)
class Lines:
    """A view with one row a fact: `line(fact)` under `key(fact)`, in canonical order."""

    name: str
    key: Callable[[Fact], str | None]
    line: Callable[[Fact], Row]
    within: str = "programme"


@dataclass(frozen=True)
class Folded:
    """A view whose rows follow from all the facts of a key.

    `fold(state, fact)` changes the state, facts coming in canonical order, and never raises; `rows(state, key)` are the key's rows
    by their part, which orders them. `key(fact)` must be among the ids that the fact cites, so that it can be folded again.
    """

    name: str
    key: Callable[[Fact], str | None]
    fold: Callable[[State, Fact], None]
    rows: Callable[[State, str], dict[str, Row]]
    within: str = "programme"
    """The field of a row by which rows are listed."""


View = Lines | Folded
