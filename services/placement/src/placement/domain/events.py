"""What happens to an internship (tirocinio; `domain.md` 9.3, 9.6 Internship).

Texts, numbers of documents and reasons of health are sealed; the PFI's planned days (`calendar`), times and claims (`holds`) stay
home.
"""
from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, NewType

from chassis.decide import Private
from placement.domain.periods import PeriodHours

ClockTime = NewType("ClockTime", str)
"""A time of day in Rome, `HH:MM`."""


@dataclass(frozen=True)
class PlannedDay:
    day: date
    hours: Decimal
    starts_at: ClockTime | None = None
    ends_at: ClockTime | None = None


@dataclass(frozen=True)
class Check:
    rule: str
    result: str


@dataclass(frozen=True)
class InternshipPlanned:
    internship_id: str
    match_id: str
    opportunity_id: str
    host_id: str
    unit_id: str
    agreement_id: str
    plan_id: str
    plan_version: int
    type: str
    start: date
    planned_end: date
    weekly_hours: Decimal
    planned_hours_by_period: tuple[PeriodHours, ...]
    calendar: tuple[PlannedDay, ...]
    period: str
    promoter_tutor: str
    host_tutor: str
    goal_ids: tuple[str, ...]
    pfi_digest: str
    pfi_key: Annotated[str | None, Private("documents")]
    pfi_signed_on: date
    signatures: tuple[str, ...]
    no_prior_relationship: bool
    stipend_mode: str
    amount_cents: int | None
    validation_kind: str | None
    validation_document: Annotated[str | None, Private("casework")]
    policy_ref: str
    case_id: str | None
    programme_id: str | None
    subject_id: str | None


@dataclass(frozen=True)
class InsuranceRegistered:
    internship_id: str
    valid_from: date
    valid_to: date
    inail_position: Annotated[str, Private("documents")]
    rct_policy: Annotated[str, Private("documents")]


@dataclass(frozen=True)
class MandatoryCommunicationSent:
    internship_id: str
    kind: str
    sent_on: date
    effective_on: date
    internship_type: str
    late: bool
    protocol: Annotated[str, Private("documents")]


@dataclass(frozen=True)
class InternshipStarted:
    internship_id: str
    host_id: str
    started_on: date
    checks: tuple[Check, ...]
    holds: tuple[str, ...]


@dataclass(frozen=True)
class AttendanceRecorded:
    internship_id: str
    day: date
    hours: Decimal
    kind: str
    starts_at: str | None
    ends_at: str | None
    activity: Annotated[str | None, Private("register")]
    note: Annotated[str | None, Private("register")]


@dataclass(frozen=True)
class AttendanceCorrected:
    internship_id: str
    day: date
    old_hours: Decimal
    new_hours: Decimal
    new_kind: str
    reason_code: str
    requested_by: str
    period: int
    recognised_hours: Decimal
    validated: bool
    note: Annotated[str | None, Private("register")]
    policy_ref: str


@dataclass(frozen=True)
class AttendancePeriodValidated:
    internship_id: str
    number: int
    starts: date
    ends: date
    planned_full: Decimal
    planned_hours: Decimal
    recognised_hours: Decimal
    validated_by: tuple[str, ...]
    validators: tuple[str, ...]
    policy_ref: str


@dataclass(frozen=True)
class TutoringVisitLogged:
    internship_id: str
    visit_id: str
    visitor: str
    met: str
    minutes: int
    topics: Annotated[str | None, Private("casework")]


@dataclass(frozen=True)
class CriticalIssueRaised:
    internship_id: str
    issue_id: str
    severity: str
    category: str
    raised_by: str
    description: Annotated[str, Private("casework")]


@dataclass(frozen=True)
class CriticalIssueResolved:
    internship_id: str
    issue_id: str
    measure: Annotated[str, Private("casework")]


@dataclass(frozen=True)
class InternshipSuspended:
    internship_id: str
    reason_kind: str
    suspended_from: date
    expected_to: date
    reason: Annotated[str, Private("health")]
    evidence: Annotated[str | None, Private("health")]


@dataclass(frozen=True)
class InternshipResumed:
    internship_id: str
    resumed_on: date
    suspended_days: int
    new_planned_end: date
    cut: bool
    planned_hours_by_period: tuple[PeriodHours, ...]
    calendar: tuple[PlannedDay, ...]


@dataclass(frozen=True)
class InternshipExtended:
    internship_id: str
    old_end: date
    new_end: date
    reason_code: str
    validation_kind: str | None
    planned_hours_by_period: tuple[PeriodHours, ...]
    calendar: tuple[PlannedDay, ...]
    validation_document: Annotated[str | None, Private("casework")]


@dataclass(frozen=True)
class InternshipWithdrawn:
    internship_id: str
    last_day: date
    reason_code: str
    total_planned: Decimal
    total_recognised: Decimal
    holds: tuple[str, ...]
    note: Annotated[str | None, Private("casework")]


@dataclass(frozen=True)
class InternshipInterrupted:
    internship_id: str
    last_day: date
    interrupted_by: str
    cause: str
    total_planned: Decimal
    total_recognised: Decimal
    holds: tuple[str, ...]
    note: Annotated[str | None, Private("casework")]


@dataclass(frozen=True)
class InternshipCompleted:
    internship_id: str
    ended_on: date
    total_planned: Decimal
    total_recognised: Decimal
    ratio: Decimal
    early_reason: str | None
    action_plan_due: date | None
    holds: tuple[str, ...]
    case_id: str | None
    programme_id: str | None
    subject_id: str | None


@dataclass(frozen=True)
class FinalAttestationIssued:
    internship_id: str
    hours: Decimal
    planned_hours: Decimal
    competences: tuple[str, ...]
    attestation_no: Annotated[str, Private("documents")]
    policy_ref: str


Preparing = InternshipPlanned | InsuranceRegistered | MandatoryCommunicationSent | InternshipStarted
Attending = (AttendanceRecorded | AttendanceCorrected | AttendancePeriodValidated | TutoringVisitLogged | CriticalIssueRaised
             | CriticalIssueResolved)
Moving = InternshipSuspended | InternshipResumed | InternshipExtended
Ending = InternshipWithdrawn | InternshipInterrupted | InternshipCompleted | FinalAttestationIssued
Event = Preparing | Attending | Moving | Ending
