"""The personalised plan (progetto personalizzato) of a case: drafted, signed by all, revised; the signed version holds."""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, Literal

from assessment.domain.evaluation import Evaluation
from assessment.domain.known import Case, Programme, Version, at_work
from chassis.decide import OccurredOn, Private, Refused, refuse
from contracts.words import Role

Method = Literal["HANDWRITTEN", "DIGITAL", "ELECTRONIC"]
Reason = Literal["CIRCUMSTANCES_CHANGED", "CRITICAL_ISSUE", "PERIODIC_REVIEW", "GOAL_REACHED", "PARTICIPANT_REQUEST", "OTHER"]


@dataclass(frozen=True)
class Goal:
    """A goal (obiettivo): the id is spoken, the text is sealed."""

    goal_id: str
    text: Annotated[str, Private("casework")]


@dataclass(frozen=True)
class Action:
    """An action of the plan (azione): the id is spoken, the text is sealed."""

    action_id: str
    text: Annotated[str, Private("casework")]


@dataclass(frozen=True)
class Signature:
    party: Role
    method: Method
    on: date


@dataclass(frozen=True)
class PlanDrafted:
    plan_id: str
    case_id: str
    programme_id: str
    subject_id: str
    policy_ref: str | None
    version: int
    evaluation_id: str
    goal_ids: tuple[str, ...]
    action_ids: tuple[str, ...]
    goals: Annotated[tuple[Goal, ...], Private("casework")]
    actions: Annotated[tuple[Action, ...], Private("casework")]
    wishes: Annotated[str, Private("casework")]


@dataclass(frozen=True)
class PlanAgreed:
    plan_id: str
    policy_ref: str | None
    version: int
    agreed_on: date
    signatures: tuple[Signature, ...]
    valid_to: date
    coherent: bool
    goal_ids: tuple[str, ...]


@dataclass(frozen=True)
class PlanRevised:
    plan_id: str
    policy_ref: str | None
    from_version: int
    to_version: int
    reason: Reason
    goal_ids: tuple[str, ...]
    action_ids: tuple[str, ...]
    goals: Annotated[tuple[Goal, ...], Private("casework")]
    actions: Annotated[tuple[Action, ...], Private("casework")]
    changes: Annotated[str, Private("casework")]


Event = PlanDrafted | PlanAgreed | PlanRevised


@dataclass(frozen=True)
class Plan:
    """`version` is the latest draft's, `agreed` that of the plan in force; 0 where there is none."""

    version: int = 0
    agreed: int = 0
    goal_ids: tuple[str, ...] = ()
    policy_ref: str | None = None
    case_id: str | None = None
    programme_id: str | None = None
    subject_id: str | None = None


def evolve(state: Plan, event: Event) -> Plan:
    match event:
        case PlanDrafted():
            return replace(state, version=event.version, goal_ids=event.goal_ids, policy_ref=event.policy_ref, case_id=event.case_id,
                           programme_id=event.programme_id, subject_id=event.subject_id)
        case PlanAgreed():
            return replace(state, agreed=event.version)
        case PlanRevised():
            return replace(state, version=event.to_version, goal_ids=event.goal_ids)


def draft_plan(state: Plan, *, plan_id: str, case_id: str, evaluation_id: str, case: Case, programme: Programme,
               evaluation: Evaluation, goals: tuple[Goal, ...], actions: tuple[Action, ...] = (),
               wishes: Annotated[str, Private("casework")] = "", policy_id: str | None = None, on: OccurredOn) -> list[Event]:
    """Draft the first version of a plan (bozza di progetto personalizzato) from a signed evaluation."""
    ids = tuple(goal.goal_id for goal in goals)
    if state.version == 1 and state.goal_ids == ids:
        return []
    refuse(
        *at_work(case),
        None if evaluation.signed and evaluation.case_id == case_id else
        Refused("EVALUATION_MISSING", "a plan rests on a signed evaluation of the same case"),
        _aimless(goals),
        Refused("STALE_VERSION", "the plan is drafted: revise it") if state.version else None,
        _inapplicable(policy_id, programme.on(on), on) if policy_id else None,
    )
    ref = programme.policy_refs[policy_id] if policy_id else None
    return [PlanDrafted(plan_id, case_id, case.programme_id, case.subject_id, ref, 1, evaluation_id, ids,
                        tuple(a.action_id for a in actions), goals, actions, wishes)]


def agree_plan(state: Plan, *, plan_id: str, version: int, case: Case, programme: Programme, signatures: tuple[Signature, ...],
               valid_to: date, coherent: bool, of_age: bool = False, on: OccurredOn) -> list[Event]:
    """Put the latest draft in force (sottoscrizione del progetto). `coherent`: with the care plan. `of_age`: the participant, once
    under 18, has come of age."""
    if not state.version:
        raise Refused("PLAN_UNKNOWN", "draft the plan first")
    if version == state.agreed:
        return []
    refuse(
        *at_work(case),
        *_unsigned(programme.on(on), {s.party for s in signatures}, minor=case.under_age and not of_age),
        None if coherent else Refused("PLAN_NOT_COHERENT", "bring it into line with the care plan first"),
        None if version == state.version else Refused("STALE_VERSION", f"the latest draft is version {state.version}"),
    )
    return [PlanAgreed(plan_id, state.policy_ref, version, on, signatures, valid_to, coherent, state.goal_ids)]


def revise_plan(state: Plan, *, plan_id: str, from_version: int, case: Case, reason: Reason, goals: tuple[Goal, ...],
                actions: tuple[Action, ...] = (), changes: Annotated[str, Private("casework")] = "",
                on: OccurredOn) -> list[Event]:
    """Draft the next version of a plan (revisione). The version in force stays so until this one is agreed."""
    if not state.version:
        raise Refused("PLAN_UNKNOWN", "draft the plan first")
    refuse(
        *at_work(case),
        _aimless(goals),
        None if from_version == state.version else Refused("STALE_VERSION", f"the latest version is {state.version}"),
    )
    return [PlanRevised(plan_id, state.policy_ref, from_version, from_version + 1, reason, tuple(g.goal_id for g in goals),
                        tuple(a.action_id for a in actions), goals, actions, changes)]


def _aimless(goals: tuple[Goal, ...]) -> Refused | None:
    return None if goals else Refused("GOALS_MISSING", "a plan has at least one goal")


def _inapplicable(policy_id: str, version: Version, on: date) -> Refused | None:
    since = version.policies.get(policy_id)
    if since is None:
        return Refused("POLICY_NOT_CONFIGURED", "the programme's configuration has no such policy on this day")
    return Refused("POLICY_NOT_IN_FORCE", f"this policy applies from {since}: name one that applies") if on < since else None


def _unsigned(version: Version, parties: set[Role], *, minor: bool) -> Iterable[Refused]:
    """A guardian signs for a minor, and may for an adult."""
    for party in version.config.get("plan_signatures", []):
        accepted = ({"GUARDIAN"} if minor else {"PARTICIPANT", "GUARDIAN"}) if party == "PARTICIPANT" else {party}
        if not accepted & parties:
            yield Refused("SIGNATURE_MISSING", "this party signs before the plan holds",
                          about="GUARDIAN" if party == "PARTICIPANT" and minor else party)
