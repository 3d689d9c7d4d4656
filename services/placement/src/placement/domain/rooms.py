"""Room for one more internship: of a tutor, of a unit, of a person in a programme (rules R14, R18, R31).

Each active internship holds a numbered claim of what it takes room of; what ends an internship gives its claims back.
"""
from __future__ import annotations

from dataclasses import dataclass
from datetime import date

PROMOTER_TUTOR, HOST_TUTOR, UNIT, PERSON = "promoter-tutor", "host-tutor", "unit", "active-internship"


@dataclass(frozen=True)
class Room:
    """`free`: the key of a free claim of this kind. With none, `until`: when those who hold them are to end."""

    kind: str
    free: str | None = None
    until: tuple[date, ...] = ()

    def full_from(self, day: date) -> bool:
        """Whether all places are taken on that day, as far as is planned."""
        return self.free is None and all(end >= day for end in self.until)

    @property
    def claim(self) -> str:
        return f"{self.kind} {self.free}"


@dataclass(frozen=True)
class Rooms:
    promoter: Room = Room(PROMOTER_TUTOR)
    host: Room = Room(HOST_TUTOR)
    unit: Room = Room(UNIT)
    person: Room = Room(PERSON)
