"""A module of training and its certificate (formazione; `domain.md` 9.6 Training, rules R25, R26)."""
from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from chassis.decide import OccurredOn, Private, Refused, refuse
from placement.domain.case import Case
from placement.domain.programme import Programme


@dataclass(frozen=True)
class TrainingEnrolled:
    enrolment_id: str
    module_code: str
    edition: str | None
    hours: Decimal
    number: int
    case_id: str | None
    programme_id: str | None
    subject_id: str | None


@dataclass(frozen=True)
class TrainingCompleted:
    enrolment_id: str
    module_code: str
    hours_attended: Decimal
    outcome: str
    issued_on: date | None
    expires_on: date | None
    certificate_no: Annotated[str | None, Private("documents")]


Event = TrainingEnrolled | TrainingCompleted


@dataclass(frozen=True)
class Training:
    module_code: str = ""
    hours: Decimal = Decimal(0)
    attended: Decimal = Decimal(0)
    outcome: str = ""
    issued_on: date | None = None
    expires_on: date | None = None
    case_id: str | None = None
    programme_id: str | None = None
    subject_id: str | None = None

    def certifies(self, module_code: str, on: date) -> bool:
        """A certificate of this module was issued by that day and has not expired."""
        return (self.module_code == module_code and self.outcome == "PASSED" and self.issued_on is not None
                and self.issued_on <= on <= (self.expires_on or date.max))


@dataclass(frozen=True)
class Trainings:
    """All enrolments of a case, in the order of their numbers."""

    known: tuple[Training, ...] = ()

    def hours(self, module_code: str, on: date) -> Decimal:
        """The certified hours of a module on that day."""
        return sum((one.attended for one in self.known if one.certifies(module_code, on)), Decimal(0))


def evolve(state: Training, event: Event) -> Training:
    match event:
        case TrainingEnrolled():
            return replace(state, module_code=event.module_code, hours=event.hours, case_id=event.case_id,
                           programme_id=event.programme_id, subject_id=event.subject_id)
        case TrainingCompleted():
            return replace(state, attended=event.hours_attended, outcome=event.outcome, issued_on=event.issued_on,
                           expires_on=event.expires_on)


def enrol_in_training(state: Training, *, enrolment_id: str, case_id: str, module_code: str, hours: Decimal, case: Case,
                      trainings: Trainings, on: OccurredOn, edition: str | None = None) -> list[Event]:
    """Enrol a person in a module (iscrizione): SAFETY_GENERAL, SAFETY_SPECIFIC_LOW, HACCP, BASE_WORK_SKILLS, SPECIFIC_…"""
    if state.module_code:
        return []
    if not case.privacy_notice:
        raise Refused("PRIVACY_NOTICE_MISSING", "deliver the privacy notice before working on the case")
    return [TrainingEnrolled(enrolment_id, module_code, edition, hours, len(trainings.known) + 1, case_id, case.programme_id,
                             case.subject_id)]


def complete_training(state: Training, *, enrolment_id: str, hours_attended: Decimal,
                      outcome: Literal["PASSED", "FAILED", "ABANDONED"], programme: Programme, on: OccurredOn,
                      certificate_no: Annotated[str | None, Private("documents")] = None, issued_on: date | None = None,
                      expires_on: date | None = None) -> list[Event]:
    """Record how a module ended (esito). PASSED needs the programme's share of the hours; without `issued_on`, issued that day."""
    if state.outcome:
        return []
    needed = programme.on(on).training_ratio * state.hours
    refuse(
        None if state.module_code else Refused("INVALID_TRANSITION", "enrol the person first"),
        Refused("ATTESTATION_THRESHOLD_NOT_MET", f"PASSED needs at least {needed} hours of {state.hours}")
        if outcome == "PASSED" and hours_attended < needed else None)
    issued = (issued_on or on) if outcome == "PASSED" else None
    return [TrainingCompleted(enrolment_id, state.module_code, hours_attended, outcome, issued, expires_on, certificate_no)]
