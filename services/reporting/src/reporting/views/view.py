"""What a view is: lines, one a fact, or rows folded from a key's facts."""
from __future__ import annotations

from collections.abc import Callable, Sequence
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

    def of(self, fact: Fact) -> bool:
        """Facts of every type."""
        return True


@dataclass(frozen=True)
class Folded:
    """A view whose rows follow from all the facts of a key.

    `fold(state, fact)` changes the state, facts coming in canonical order, and never raises; `rows(state, key)` are the key's rows
    by their part, which orders them. `key(fact)` must be among the ids that the fact cites, so that it can be folded again.
    `of(fact)`: whether facts of its source, type and kind of aggregate, of which alone it asks, have a key at all.
    """

    name: str
    of: Callable[[Fact], bool]
    key: Callable[[Fact], str | None]
    fold: Callable[[State, Fact], None]
    rows: Callable[[State, str], dict[str, Row]]
    within: str = "programme"
    """The field of a row by which rows are listed."""


View = Lines | Folded


class Taking(dict[tuple[str, str, str], tuple[list[Lines], list[Folded]]]):
    """Which of these views take facts of a source, type and kind of aggregate: asked of the first such fact."""

    def __init__(self, views: Sequence[View]) -> None:
        self._views = views

    def __call__(self, fact: Fact) -> tuple[list[Lines], list[Folded]]:
        kind = (fact.source, fact.type, fact.aggregatetype)
        if (found := self.get(kind)) is None:
            of = [view for view in self._views if view.of(fact)]
            found = self[kind] = ([view for view in of if isinstance(view, Lines)], [view for view in of if isinstance(view, Folded)])
        return found
