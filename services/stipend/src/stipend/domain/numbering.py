"""The accruals of a programme are numbered from 1, for ever: the number is part of every EndToEndId."""
from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class AccrualNumbered:
    """Not spoken: it makes two accruals of a programme at once meet here."""

    programme_id: str
    number: int
    accrual_id: str


@dataclass(frozen=True)
class Numbering:
    programme_id: str | None = None
    last: int = 0


def evolve(state: Numbering, event: AccrualNumbered) -> Numbering:
    return Numbering(event.programme_id, event.number)
