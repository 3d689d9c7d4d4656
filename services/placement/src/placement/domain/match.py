"""A person proposed for a place, and the three who must agree (abbinamento; `domain.md` 9.6 Match)."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Annotated, Literal

from chassis.decide import Actor, OccurredOn, Private, Refused, refuse
from placement.domain.case import Case
from placement.domain.host import Host
from placement.domain.opportunity import Opportunity

Party = Literal["PARTICIPANT", "HOST", "TEAM"]
PARTIES = frozenset({"PARTICIPANT", "HOST", "TEAM"})
SPEAKS_FOR: Mapping[str, frozenset[str]] = {
    "PARTICIPANT": frozenset({"ORIENTATORE", "CASE_MANAGER"}),
    "HOST": frozenset({"TUTOR_AZIENDALE"}),
    "TEAM": frozenset({"CASE_MANAGER", "ORIENTATORE"}),
}
"""Whose word counts for which party."""
RejectionReason = Literal["NOT_SUITABLE", "DISTANCE", "SCHEDULE", "TASKS", "NOT_AVAILABLE", "OTHER"]


@dataclass(frozen=True)
class Criterion:
    name: str
    score: Decimal
    weight: Decimal


@dataclass(frozen=True)
class MatchProposed:
    match_id: str
    opportunity_id: str
    host_id: str
    unit_id: str
    criteria: tuple[Criterion, ...]
    proposed_by: str
    place: int
    case_id: str | None
    programme_id: str | None
    subject_id: str | None


@dataclass(frozen=True)
class MatchAccepted:
    match_id: str
    accepted_by: str


@dataclass(frozen=True)
class MatchRejected:
    match_id: str
    rejected_by: str
    reason_code: str
    opportunity_id: str
    place: int
    note: Annotated[str | None, Private("casework")]


Event = MatchProposed | MatchAccepted | MatchRejected


@dataclass(frozen=True)
class Match:
    proposed: bool = False
    rejected: bool = False
    accepted: frozenset[str] = frozenset()
    opportunity_id: str = ""
    host_id: str = ""
    unit_id: str = ""
    place: int = 0
    case_id: str | None = None
    programme_id: str | None = None
    subject_id: str | None = None

    @property
    def agreed(self) -> bool:
        """All three said yes and none has said no."""
        return self.accepted >= PARTIES and not self.rejected


@dataclass(frozen=True)
class Place:
    """The first free place of an opportunity, if there is one."""

    number: int | None = None


@dataclass(frozen=True)
class Holder:
    """The internship that was planned on a match, if any. It holds the match for good."""

    internship_id: str | None = None


def evolve(state: Match, event: Event) -> Match:
    match event:
        case MatchProposed():
            return replace(state, proposed=True, opportunity_id=event.opportunity_id, host_id=event.host_id, unit_id=event.unit_id,
                           place=event.place, case_id=event.case_id, programme_id=event.programme_id, subject_id=event.subject_id)
        case MatchAccepted():
            return replace(state, accepted=state.accepted | {event.accepted_by})
        case MatchRejected():
            return replace(state, rejected=True)


def propose_match(state: Match, *, match_id: str, case_id: str, opportunity_id: str, criteria: list[Criterion], case: Case,
                  opportunity: Opportunity, place: Place, actor: Actor, on: OccurredOn) -> list[Event]:
    """Propose a person for a place (proposta di abbinamento)."""
    if state.proposed:
        return []
    refuse(
        None if case.privacy_notice else Refused("PRIVACY_NOTICE_MISSING", "deliver the privacy notice before working on the case"),
        Refused("NO_PLACES", "every place is proposed or filled: publish another opportunity") if place.number is None else None)
    return [MatchProposed(match_id, opportunity_id, opportunity.host_id, opportunity.unit_id, tuple(criteria), actor.user,
                          place.number or 0, case_id, case.programme_id, case.subject_id)]


def accept_match(state: Match, *, match_id: str, accepted_by: Party, host: Host, actor: Actor, on: OccurredOn,
                 automated: bool = False) -> list[Event]:
    """Say yes for the participant, the host or the team (accettazione); never without a person (`automated`: a machine's yes)."""
    _open(state)
    refuse(
        None if actor.role == "SYSTEM" else _speaks(actor, accepted_by, host),
        Refused("AUTOMATED_DECISION_FORBIDDEN", "a person must decide on a match") if automated or actor.role == "SYSTEM" else None)
    return [] if accepted_by in state.accepted else [MatchAccepted(match_id, accepted_by)]


def reject_match(state: Match, *, match_id: str, rejected_by: Party, reason_code: RejectionReason, holder: Holder, host: Host,
                 actor: Actor, on: OccurredOn, note: Annotated[str | None, Private("casework")] = None) -> list[Event]:
    """Say no for the participant, the host or the team (rifiuto), before an internship is planned; the place is free again."""
    if state.rejected:
        return []
    _open(state)
    refuse(_speaks(actor, rejected_by, host),
           Refused("INVALID_TRANSITION", "an internship was planned on this match: withdraw from it, or interrupt it")
           if holder.internship_id else None)
    return [MatchRejected(match_id, rejected_by, reason_code, state.opportunity_id, state.place, note)]


def _open(state: Match) -> None:
    if not state.proposed or state.rejected:
        raise Refused("INVALID_TRANSITION", "the match was rejected" if state.rejected else "propose the match first")


def _speaks(actor: Actor, party: Party, host: Host) -> Refused | None:
    if actor.role not in SPEAKS_FOR[party]:
        return Refused("OPERATOR_NOT_AUTHORISED", f"{party} is spoken for by {', '.join(sorted(SPEAKS_FOR[party]))}")
    stranger = party == "HOST" and not host.speaks(actor.user)
    return Refused("OPERATOR_NOT_AUTHORISED", "one of the host's own tutors speaks for it") if stranger else None
