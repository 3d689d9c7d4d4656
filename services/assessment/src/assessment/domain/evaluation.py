"""The multidimensional evaluation (valutazione multidimensionale) of a case by a team (équipe) that has its quorum."""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

from assessment.domain.known import Case, Programme, at_work
from chassis.decide import NewId, OccurredOn, Private, Refused, refuse
from contracts.words import OperatorId, Role

Phase = Literal["EVALUATION", "PLANNING", "COMPLEX"]
Domain = Literal["HEALTH", "WORK", "HOUSING", "FAMILY", "NETWORK", "SKILLS"]
RiskFactor = Literal[
    "LOW_SCHOOLING", "WEAK_TRAINING_CV", "WEAK_OCC_CV", "UNDEFINED_PROFILE", "DISADV_GROUP_MEMBERSHIP", "DISABILITY_SITUATION",
    "UNEQUAL_ACCESS_SERVICES", "UNEQUAL_ACCESS_INFO", "UNEQUAL_ACCESS_SOCIALISATION", "UNEQUAL_ACCESS_GUIDANCE",
    "UNEQUAL_ACCESS_WORK",
]


@dataclass(frozen=True)
class Member:
    """One of the team: an operator's pseudonym, the role and the organisation in which they sit there."""

    operator: OperatorId
    role: Role
    org: str


@dataclass(frozen=True)
class TeamConvened:
    evaluation_id: str
    case_id: str
    programme_id: str
    subject_id: str
    team_id: str
    phase: Phase
    members: tuple[Member, ...]
    template_version: int


@dataclass(frozen=True)
class MultidimensionalEvaluationCompleted:
    evaluation_id: str
    domains: tuple[Domain, ...]
    present_roles: tuple[Role, ...]
    signed_by: tuple[Role, ...]
    risk_factors: Annotated[tuple[RiskFactor, ...], Private("health")]
    findings: Annotated[str, Private("casework")]
    strengths: Annotated[str, Private("casework")]


Event = TeamConvened | MultidimensionalEvaluationCompleted


@dataclass(frozen=True)
class Evaluation:
    team: TeamConvened | None = None
    signed: tuple[str, ...] = ()
    case_id: str | None = None
    programme_id: str | None = None
    subject_id: str | None = None


def evolve(state: Evaluation, event: Event) -> Evaluation:
    match event:
        case TeamConvened():
            return replace(state, team=event, case_id=event.case_id, programme_id=event.programme_id, subject_id=event.subject_id)
        case MultidimensionalEvaluationCompleted():
            return replace(state, signed=event.signed_by)


def convene_team(state: Evaluation, *, evaluation_id: str, case_id: str, case: Case, programme: Programme, team_id: NewId,
                 phase: Phase = "EVALUATION", members: tuple[Member, ...], on: OccurredOn) -> list[Event]:
    """Convene the team that evaluates a case (convocazione dell'équipe): the roles of the programme's template, its case manager."""
    template = programme.on(on).team(phase)
    if state.team and (state.team.case_id, state.team.phase, state.team.members) == (case_id, phase, members):
        return []
    refuse(
        *at_work(case),
        Refused("EVALUATION_SIGNED", "begin another evaluation: a signed one does not change") if state.signed else None,
        Refused("EVALUATION_OF_ANOTHER_CASE", "an evaluation stays with its case") if state.case_id not in (None, case_id) else None,
        *_absent(template, {m.role for m in members}),
        _not_the_manager(case, members),
    )
    return [TeamConvened(evaluation_id, case_id, case.programme_id, case.subject_id, team_id, phase, members,
                         template["template_version"])]


def complete_evaluation(state: Evaluation, *, evaluation_id: str, case: Case, programme: Programme, domains: tuple[Domain, ...],
                        present_roles: tuple[Role, ...], signed_by: tuple[Role, ...],
                        risk_factors: Annotated[tuple[RiskFactor, ...], Private("health")] = (),
                        findings: Annotated[str, Private("casework")] = "",
                        strengths: Annotated[str, Private("casework")] = "", on: OccurredOn) -> list[Event]:
    """Complete an evaluation (valutazione multidimensionale): every role of the template convened, present and signing."""
    if state.team is None:
        raise Refused("TEAM_NOT_CONVENED", "convene the team first")
    if state.signed:
        return []
    convened = {member.role for member in state.team.members}
    refuse(*at_work(case), *_absent(programme.on(on).team(state.team.phase), convened & set(present_roles) & set(signed_by)))
    return [MultidimensionalEvaluationCompleted(evaluation_id, domains, present_roles, signed_by, risk_factors, findings, strengths)]


def _absent(template: Mapping[str, Any], there: set[Role]) -> Iterable[Refused]:
    for role in template["roles"]:
        if role not in there:
            yield Refused("TEAM_QUORUM_MISSING", "the programme's team template asks for this role", about=role)


def _not_the_manager(case: Case, members: tuple[Member, ...]) -> Refused | None:
    managers = {member.operator for member in members if member.role == "CASE_MANAGER"}
    if not managers:
        return None
    if case.manager is None:
        return Refused("NO_CASE_MANAGER", "assign the case a manager first")
    return None if managers == {case.manager} else Refused("OPERATOR_NOT_AUTHORISED", "the case is in another manager's hands")
