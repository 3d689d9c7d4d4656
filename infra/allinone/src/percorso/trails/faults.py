"""What verification names: the first fault of a source, where it is, and of which kind."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["changed", "missing", "reordered", "inserted", "cut off", "wrongly signed", "seal missing", "unknown key", "unreadable",
               "behind"]
"""`behind`: not a loss as long as reporting hears on."""
Trail = tuple[str, str]
"""Tenant, programme; an empty programme: the trail of none."""


@dataclass(frozen=True)
class Fault:
    """`position` in `incarnation`: of the fact that is at fault; where `upto` is greater, it lies between the two, bounds included."""

    source: str
    place: str
    """Where it was found: `log`, `archive`, `topic`; `database`, where nothing of it can be read."""
    what: Kind
    incarnation: int
    position: int
    why: str
    trail: Trail | None = None
    upto: int = 0

    @property
    def where(self) -> str:
        at = f"{self.incarnation}/{self.position}"
        return f"{at} to {self.upto}" if self.upto > self.position else at

    def sentence(self) -> str:
        of = f", trail {self.trail[1] or 'of none'} of {self.trail[0]}" if self.trail else ""
        at = f", position {self.where}" if self.incarnation or self.position else ""
        return f"{self.source}, {self.place}{at}{of}: {self.what.upper()}: {self.why}."

    def said(self) -> dict[str, Any]:
        tenant, programme = self.trail or (None, None)
        return {"source": self.source, "place": self.place, "what": self.what, "incarnation": self.incarnation,
                "position": self.position, "upto": self.upto or self.position, "tenant": tenant, "programme": programme or None,
                "why": self.why}


class Broken(Exception):
    """A trail does not come to a head (number, hash) that is known of it: the fault lies after `good` (number, position, hash), up to the
    position `upto`; `lacks`: of a trail that ends before that number, the number of the first fact that is not there."""

    def __init__(self, trail: Trail, good: tuple[int, int, bytes], upto: int, known: tuple[int, bytes], why: str, *,
                 lacks: int = 0) -> None:
        self.trail, self.good, self.upto, self.known, self.why, self.lacks = trail, good, upto, known, why, lacks
        super().__init__(why)


class Named(Exception):
    """A fault whose place is known at once. `lacks`: the number of the fact of the trail that is missing before it."""

    def __init__(self, what: Kind, position: int, why: str, trail: Trail | None = None, lacks: int = 0) -> None:
        self.what, self.position, self.why, self.trail, self.lacks = what, position, why, trail, lacks
        super().__init__(why)
