"""Erasure of a person's data (cancellazione, art. 17 GDPR), once nothing obliges to keep them; and what does: periods and legal holds."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import MAXYEAR, date
from typing import Literal

from chassis.decide import Actor, OccurredOn, Refused, refuse
from intake.domain.referral import Brought
from intake.domain.subject import Event, LegalHoldPlaced, LegalHoldReleased, Subject, SubjectErased

LegalGround = Literal["NO_LONGER_NECESSARY", "CONSENT_WITHDRAWN", "OBJECTION", "UNLAWFUL_PROCESSING", "LEGAL_OBLIGATION"]
"""Art. 17 (1) GDPR, letters a to e."""
HoldReason = Literal["PROCEEDINGS", "AUTHORITY_REQUEST", "AUDIT", "OTHER"]
"""What suspends the end of a retention period (`domain.md` 4.5)."""


@dataclass(frozen=True)
class Kept:
    """A case of the person, or a referral that became none: until when its programme has it kept. None: it has not ended."""

    until: date | None = None


@dataclass(frozen=True)
class Keeping:
    """Everything of the person that is kept; empty for one whom no referral brought."""

    kept: tuple[Kept, ...] = ()

    def on(self, day: date) -> bool:
        """Whether something still has to be kept on that day; the last day of a period included."""
        return any(one.until is None or day <= one.until for one in self.kept)


def kept_until(ended: date, years: int) -> date:
    """Whole years from 31 December of the year in which it ended, when nothing was owed any more (art. 82 CPR; `domain.md` 4.5).

    A number that leads beyond the calendar keeps for ever.
    """
    return date(min(ended.year + max(years, 0), MAXYEAR), 12, 31)


def erase_subject(state: Subject, *, subject_id: str, legal_ground: LegalGround, erased_on: OccurredOn, keeping: Keeping,
                  actor: Actor) -> list[Event]:
    """Erase a person's data in all services, for ever; the caller approves it (cancellazione dei dati personali)."""
    if state.erased:
        return []
    _known(state, bool(keeping.kept))
    refuse(
        Refused("RETENTION_ACTIVE", "a case of this person is open, or its programme still has it kept; restrict its use until then")
        if keeping.on(erased_on) else None,
        Refused("LEGAL_HOLD", "what is recorded of this person is needed for a claim or an inspection; release the hold first")
        if state.holds else None,
    )
    return [SubjectErased(subject_id, legal_ground, actor.user, erased_on)]


def place_legal_hold(state: Subject, *, subject_id: str, hold_id: str, reason: HoldReason, placed_on: OccurredOn,
                     brought: Brought) -> list[Event]:
    """Keep a person's data beyond their period, until the hold is released (blocco per contenzioso o controllo)."""
    if hold_id in state.holds:
        return []
    if hold_id in state.released:
        raise Refused("HOLD_RELEASED", "this hold was released: place another, under an id of its own")
    _known(state, bool(brought.referral_ids))
    if state.erased:
        raise Refused("SUBJECT_ERASED", "this person's data was erased: there is nothing left to hold")
    return [LegalHoldPlaced(subject_id, hold_id, placed_on, reason)]


def release_legal_hold(state: Subject, *, subject_id: str, hold_id: str, released_on: OccurredOn) -> list[Event]:
    """Release a hold (revoca del blocco)."""
    if hold_id in state.released:
        return []
    if hold_id not in state.holds:
        raise Refused("HOLD_UNKNOWN", "no such hold is placed on this person")
    if released_on < (placed_on := state.holds[hold_id]):
        raise Refused("INTERVAL_INVALID", f"the hold was placed on {placed_on}: it is not released before")
    return [LegalHoldReleased(subject_id, hold_id, released_on)]


def _known(state: Subject, referred: bool) -> None:
    if state.subject_id is None and not referred:
        raise Refused("SUBJECT_UNKNOWN", "no referral brought this person; use the subject id that its receipt returned")
