"""What assessment has heard about a case and about its programme."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from chassis.decide import Heard, Refused


@dataclass(frozen=True)
class Case:
    """A case (presa in carico) as the other services told it. `internships`: the day each one ended, None while it has not."""

    case_id: str = ""
    programme_id: str = ""
    subject_id: str = ""
    notice: bool = False
    manager: str | None = None
    under_age: bool = False
    closed: bool = False
    internships: Mapping[str, date | None] = field(default_factory=dict)
    hired_with: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Programme:
    """A programme as reporting told it. `policy_refs`: the reference of each policy, by its id."""

    programme_id: str = ""
    config_version: int = 0
    config: Mapping[str, Any] = field(default_factory=dict)
    policy_refs: Mapping[str, str] = field(default_factory=dict)

    def team(self, phase: str) -> Mapping[str, Any]:
        """The team template of a phase; without one, no role is required."""
        templates: list[Mapping[str, Any]] = self.config.get("teams", [])
        return next((t for t in templates if t["phase"] == phase), {"template_version": 0, "roles": []})

    @property
    def action_plan(self) -> Mapping[str, Any]:
        rule: Mapping[str, Any] = self.config.get("action_plan", {})
        return rule


def fold_case(case: Case, fact: Heard) -> Case:
    if fact.case is None:
        return case
    case = replace(case, case_id=fact.case, programme_id=fact.programme or case.programme_id,
                   subject_id=fact.subject or case.subject_id)
    return _placed(case, fact) if fact.source == "placement" else _taken_in(case, fact)


def _taken_in(case: Case, fact: Heard) -> Case:
    match fact.type:
        case "intake.PrivacyNoticeDelivered.v1":
            return replace(case, notice=True)
        case "intake.CaseManagerAssigned.v1":
            return replace(case, manager=fact.data.get("operator_id"))
        case "intake.CaseHandedOver.v1":
            return replace(case, manager=fact.data.get("to_operator_id"))
        case "intake.EligibilityConfirmed.v1":
            return replace(case, under_age=fact.data.get("age_band") == "UNDER_18")
        case "intake.CaseClosed.v1":
            return replace(case, closed=True)
        case _:
            return case


def _placed(case: Case, fact: Heard) -> Case:
    match fact.type:
        case "placement.HireRecorded.v1":
            return replace(case, hired_with=case.hired_with | {str(fact.data.get("contract"))})
        case "placement.InternshipPlanned.v1" | "placement.InternshipStarted.v1":
            return _internship(case, fact, None)
        case "placement.InternshipCompleted.v1" | "placement.InternshipWithdrawn.v1" | "placement.InternshipInterrupted.v1":
            ended = fact.data.get("ended_on") or fact.data.get("last_day")
            return _internship(case, fact, date.fromisoformat(ended) if ended else fact.occurred)
        case _:
            return case


def fold_programme(programme: Programme, fact: Heard) -> Programme:
    match fact.type:
        case "reporting.ProgrammeActivated.v1" | "reporting.ProgrammeConfigurationVersioned.v1":
            version = int(fact.data.get("config_version", 0))
            if version < programme.config_version:
                return programme
            return Programme(fact.aggregate, version, fact.data.get("config", {}))
        case _:
            return programme


def at_work(case: Case) -> tuple[Refused | None, ...]:
    """What forbids any work on a case."""
    return (
        None if case.notice else Refused("PRIVACY_NOTICE_MISSING", "deliver the privacy notice to the participant first"),
        Refused("CASE_CLOSED", "reopen the case first") if case.closed else None,
    )


def _internship(case: Case, fact: Heard, ended: date | None) -> Case:
    internship = str(fact.data.get("internship_id") or fact.aggregate)
    if ended is None and case.internships.get(internship) is not None:
        return case
    return replace(case, internships={**case.internships, internship: ended})
