"""What assessment has heard about a case and about its programme."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from chassis.decide import Heard, Refused


@dataclass(frozen=True)
class Case:
    """A case (presa in carico) as the other services told it. `internships`: the day each one ended, None while it has not; `begun`: those
    that were not only planned."""

    case_id: str = ""
    programme_id: str = ""
    subject_id: str = ""
    notice: bool = False
    manager: str | None = None
    under_age: bool = False
    closed: bool = False
    internships: Mapping[str, date | None] = field(default_factory=dict)
    begun: frozenset[str] = frozenset()
    hired_with: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Version:
    """A version of a programme's configuration, in force from `since`."""

    since: date = date.min
    config: Mapping[str, Any] = field(default_factory=dict)

    def team(self, phase: str) -> Mapping[str, Any]:
        """The team template of a phase; without one, no role is required."""
        templates: list[Mapping[str, Any]] = self.config.get("teams", [])
        return next((t for t in templates if t["phase"] == phase), {"template_version": 0, "roles": []})

    @property
    def action_plan(self) -> Mapping[str, Any]:
        rule: Mapping[str, Any] = self.config.get("action_plan", {})
        return rule

    @property
    def policies(self) -> Mapping[str, date]:
        """The day from which each policy applies, by its id."""
        return {policy["policy_id"]: date.fromisoformat(policy["valid_from"]) for policy in self.config.get("policies", [])}


@dataclass(frozen=True)
class Programme:
    """A programme as reporting told it, its versions in the order in which they were said. `policy_refs`: the reference of each policy
    that any of them named, by its id."""

    versions: tuple[Version, ...] = ()
    policy_refs: Mapping[str, str] = field(default_factory=dict)

    def on(self, day: date) -> Version:
        """The version in force on that day: of those effective by then, the last that was said."""
        return next((version for version in reversed(self.versions) if version.since <= day), Version())


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
        case "placement.InternshipPlanned.v1":
            return _internship(case, fact, None)
        case "placement.InternshipStarted.v1":
            return replace(_internship(case, fact, None), begun=case.begun | {_named(fact)})
        case "placement.InternshipCompleted.v1" | "placement.InternshipWithdrawn.v1" | "placement.InternshipInterrupted.v1":
            ended = fact.data.get("ended_on") or fact.data.get("last_day")
            return _internship(case, fact, date.fromisoformat(ended) if ended else fact.occurred)
        case _:
            return case


def fold_programme(programme: Programme, fact: Heard) -> Programme:
    match fact.type:
        case "reporting.ProgrammeActivated.v1":
            return Programme((Version(date.min, fact.data.get("config", {})), *programme.versions))
        case "reporting.ProgrammeConfigurationVersioned.v1":
            since = fact.data.get("effective_from")
            version = Version(date.fromisoformat(since) if since else fact.occurred, fact.data.get("config", {}))
            return Programme((*programme.versions, version))
        case _:
            return programme


def at_work(case: Case) -> tuple[Refused | None, ...]:
    """What forbids any work on a case."""
    return (
        None if case.notice else Refused("PRIVACY_NOTICE_MISSING", "deliver the privacy notice to the participant first"),
        Refused("CASE_CLOSED", "reopen the case first") if case.closed else None,
    )


def _internship(case: Case, fact: Heard, ended: date | None) -> Case:
    internship = _named(fact)
    if ended is None and case.internships.get(internship) is not None:
        return case
    return replace(case, internships={**case.internships, internship: ended})


def _named(fact: Heard) -> str:
    return str(fact.data.get("internship_id") or fact.aggregate)
