"""The plan for active job search (piano d'azione per la ricerca attiva di lavoro): offered after an internship that led to no job."""
from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Annotated, Literal

from assessment.domain.known import Case, Programme, Version, at_work
from chassis.decide import OccurredOn, Private, Refused, refuse

Outcome = Literal["STEPS_DONE_JOB_FOUND", "STEPS_DONE_NO_JOB", "JOB_FOUND", "ABANDONED", "OTHER"]


@dataclass(frozen=True)
class PlanStep:
    """A step (passo): its id and day are spoken, the text is sealed."""

    step_id: str
    by_when: date
    text: Annotated[str, Private("casework")]


@dataclass(frozen=True)
class ActionPlanOffered:
    action_plan_id: str
    case_id: str
    programme_id: str
    subject_id: str
    offered_on: date


@dataclass(frozen=True)
class ActionPlanDeclined:
    action_plan_id: str
    declined_on: date
    reason: Annotated[str, Private("casework")]


@dataclass(frozen=True)
class Due:
    """When a step is to be done."""

    step_id: str
    by_when: date


@dataclass(frozen=True)
class ActionPlanAgreed:
    action_plan_id: str
    agreed_on: date
    voluntary: bool
    steps: tuple[Due, ...]
    step_texts: Annotated[tuple[PlanStep, ...], Private("casework")]


@dataclass(frozen=True)
class ActionPlanClosed:
    action_plan_id: str
    closed_on: date
    outcome: Outcome
    note: Annotated[str, Private("casework")]


Event = ActionPlanOffered | ActionPlanDeclined | ActionPlanAgreed | ActionPlanClosed


@dataclass(frozen=True)
class ActionPlan:
    status: Literal["NONE", "OFFERED", "DECLINED", "AGREED", "CLOSED"] = "NONE"
    case_id: str | None = None
    programme_id: str | None = None
    subject_id: str | None = None


def evolve(state: ActionPlan, event: Event) -> ActionPlan:
    match event:
        case ActionPlanOffered():
            return replace(state, status="OFFERED", case_id=event.case_id, programme_id=event.programme_id,
                           subject_id=event.subject_id)
        case ActionPlanDeclined():
            return replace(state, status="DECLINED")
        case ActionPlanAgreed():
            return replace(state, status="AGREED")
        case ActionPlanClosed():
            return replace(state, status="CLOSED")


def offer_action_plan(state: ActionPlan, *, action_plan_id: str, case_id: str, case: Case, programme: Programme,
                      on: OccurredOn) -> list[Event]:
    """Offer an action plan (proposta del piano d'azione) once the internship has ended without a stable job."""
    if state.status != "NONE":
        return []
    rule = programme.on(on).action_plan
    ended = [day for internship, day in case.internships.items() if day and internship in case.begun]
    open_one = not ended or None in case.internships.values()
    refuse(
        *at_work(case),
        None if rule.get("offered") else Refused("ACTION_PLAN_NOT_IN_PROGRAMME", "this programme offers no action plan"),
        Refused("INTERNSHIP_NOT_ENDED", "an action plan follows the internship") if open_one else None,
        _stabilised(case, programme.on(on)),
        Refused("GRACE_DAYS_RUNNING", f"the host may still hire: {rule.get('grace_days', 15)} days from the end")
        if ended and on < max(ended) + timedelta(days=rule.get("grace_days", 15)) else None,
    )
    return [ActionPlanOffered(action_plan_id, case_id, case.programme_id, case.subject_id, on)]


def decline_action_plan(state: ActionPlan, *, action_plan_id: str, reason: Annotated[str, Private("casework")] = "",
                        on: OccurredOn) -> list[Event]:
    """Record that the participant declines (rinuncia); it has no consequences."""
    if state.status == "DECLINED":
        return []
    if state.status != "OFFERED":
        raise Refused("ACTION_PLAN_NOT_OFFERED", "only an open offer can be declined")
    return [ActionPlanDeclined(action_plan_id, on, reason)]


def agree_action_plan(state: ActionPlan, *, action_plan_id: str, case: Case, programme: Programme, steps: tuple[PlanStep, ...],
                      on: OccurredOn) -> list[Event]:
    """Agree the steps with the participant (condivisione del piano d'azione), who may also do so after having declined."""
    if state.status == "AGREED":
        return []
    if state.status not in ("OFFERED", "DECLINED"):
        raise Refused("ACTION_PLAN_NOT_OFFERED", "offer the action plan first")
    refuse(
        *at_work(case),
        _stabilised(case, programme.on(on)),
        None if steps else Refused("STEPS_MISSING", "an action plan has at least one step"),
    )
    return [ActionPlanAgreed(action_plan_id, on, True, tuple(Due(s.step_id, s.by_when) for s in steps), steps)]


def close_action_plan(state: ActionPlan, *, action_plan_id: str, outcome: Outcome,
                      note: Annotated[str, Private("casework")] = "", on: OccurredOn) -> list[Event]:
    """Close an agreed action plan (chiusura) with what came of it."""
    if state.status == "CLOSED":
        return []
    if state.status != "AGREED":
        raise Refused("ACTION_PLAN_NOT_AGREED", "only an agreed action plan can be closed")
    return [ActionPlanClosed(action_plan_id, on, outcome, note)]


def _stabilised(case: Case, version: Version) -> Refused | None:
    stable = case.hired_with & set(version.action_plan.get("stabilising_contracts", []))
    return Refused("STABILISED", "the participant has been hired") if stable else None
