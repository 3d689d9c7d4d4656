"""An export of evidence (esportazione delle prove): that somebody took a bundle of a programme out of the house, and which."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NewType

from chassis.decide import Refused, refuse
from reporting.domain.programme import Programme

Sha256 = NewType("Sha256", str)
"""A SHA-256, 64 lower-case hexadecimal digits."""


@dataclass(frozen=True)
class TrailEnd:
    """The head of one trail in the bundle: the number of its last fact, its hash. `programme` None: the trail of none."""

    source: str
    incarnation: int
    number: int
    head: Sha256
    programme: str | None = None

    @property
    def trail(self) -> tuple[str, int, str | None]:
        return self.source, self.incarnation, self.programme


@dataclass(frozen=True)
class Archived:
    """The heads that the archive has, of those that an export names."""

    heads: frozenset[TrailEnd] = frozenset()


@dataclass(frozen=True)
class AuditEvidenceExported:
    export_id: str
    programme_id: str
    since: date | None
    until: date | None
    facts: int
    root_hash: Sha256
    basis: tuple[TrailEnd, ...]


Event = AuditEvidenceExported


@dataclass(frozen=True)
class Export:
    exported: AuditEvidenceExported | None = None
    programme_id: str | None = None


def evolve(state: Export, event: Event) -> Export:
    return Export(event, event.programme_id)


def export_evidence(state: Export, *, export_id: str, programme_id: str, root_hash: Sha256, facts: int, basis: tuple[TrailEnd, ...],
                    programme: Programme, archived: Archived, since: date | None = None, until: date | None = None) -> list[Event]:
    """Put on record that a bundle was exported (fascicolo di prova): its root hash, its period, the heads that it rests on."""
    exported = AuditEvidenceExported(export_id, programme_id, since, until, facts, root_hash, basis)
    if state.exported == exported:
        return []
    refuse(
        Refused("ALREADY_EXPORTED", "this export is of another bundle; give a new one an id of its own") if state.exported else None,
        None if programme.current else Refused("PROGRAMME_NOT_ACTIVE", "there is no such programme"),
        Refused("EVIDENCE_EMPTY", "a bundle rests on one trail or more, each with its head") if not basis or facts < 1 else None,
        Refused("PERIOD_INVALID", "a period ends on or after the day it begins") if since and until and until < since else None,
        Refused("BASIS_AMBIGUOUS", "a bundle has one head of each trail") if len({end.trail for end in basis}) < len(basis) else None,
        _not_held(next((end for end in basis if end not in archived.heads or end.programme not in (None, programme_id)), None)),
    )
    return [exported]


def _not_held(end: TrailEnd | None) -> Refused | None:
    """A head that is not the archive's, or of another programme, would put on record a bundle that nobody can have exported."""
    if end is None:
        return None
    trail = f"{end.source}, incarnation {end.incarnation}, {f'programme {end.programme}' if end.programme else 'no programme'}"
    return Refused("BASIS_NOT_HELD", f"the archive has no such head of the programme's: {trail}, number {end.number}")
