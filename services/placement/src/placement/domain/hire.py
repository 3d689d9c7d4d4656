"""A participant's contract of work (assunzione), and the action plan due where there is none (`domain.md` 9.7 NonStabilisation)."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from chassis.decide import OccurredOn, Private, Refused, Task, TaskRaised
from placement.domain.case import Case
from placement.domain.programme import Programme


@dataclass(frozen=True)
class HireRecorded:
    hire_id: str
    employer_id: str
    same_host: bool
    contract: str
    starts: date
    ends: date | None
    weekly_hours: Decimal
    first_stabilising: bool
    evidence: Annotated[str | None, Private("outcome")]
    case_id: str | None
    programme_id: str | None
    subject_id: str | None


Event = HireRecorded


@dataclass(frozen=True)
class Hire:
    recorded: bool = False
    case_id: str | None = None
    programme_id: str | None = None
    subject_id: str | None = None


@dataclass(frozen=True)
class Stabilised:
    """Whether a stabilising contract of the case is known already."""

    known: bool = False


def evolve(state: Hire, event: Event) -> Hire:
    return Hire(True, event.case_id, event.programme_id, event.subject_id)


def record_hire(state: Hire, *, hire_id: str, case_id: str, employer_id: str, same_host: bool,
                contract: Literal["PERMANENT", "FIXED_TERM", "APPRENTICESHIP", "OTHER"], starts: date, weekly_hours: Decimal,
                case: Case, programme: Programme, stabilised: Stabilised, on: OccurredOn, ends: date | None = None,
                evidence: Annotated[str | None, Private("outcome")] = None) -> list[Event]:
    """Record that a participant was hired, by any employer (assunzione)."""
    if state.recorded:
        return []
    first = contract in programme.on(on).stabilising and not stabilised.known
    return [HireRecorded(hire_id, employer_id, same_host, contract, starts, ends, weekly_hours, first, evidence, case_id,
                         case.programme_id, case.subject_id)]


def ask_for_action_plan(state: Task, *, task_id: str, cause: str, due: date, case_id: str, programme_id: str | None,
                        subject_id: str | None, stabilised: Stabilised) -> list[TaskRaised]:
    """Ask the ORIENTATORE to offer an action plan (piano d'azione): the grace days ended and no stabilising contract is known."""
    if state.raised:
        return []
    if stabilised.known:
        raise Refused("STABILISED", "the participant was hired: there is no action plan to offer")
    return [TaskRaised(task_id, "OFFER_ACTION_PLAN", "ORIENTATORE", due, cause, "assessment.ActionPlanOffered.v1", case_id,
                       programme_id, subject_id)]
