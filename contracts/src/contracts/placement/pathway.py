"""What brings a person to a place, and what came of it: match, training, registrations elsewhere, hire (`domain.md` 9.3)."""
from __future__ import annotations

from contracts.classes import Code, Day, Flag, Id, Number
from contracts.envelope import Fact, Part


class Criterion(Part):
    name: Code
    score: Number
    weight: Number


class MatchProposed(Fact):
    """A person is proposed for a place (abbinamento). Source: `domain.md` 9.3, 9.6 Match."""

    match_id: Id
    opportunity_id: Id
    host_id: Id
    unit_id: Id
    criteria: list[Criterion]
    proposed_by: Id


class MatchAccepted(Fact):
    """One of PARTICIPANT, HOST, TEAM said yes (accettazione); all three before an internship is planned. A person decides."""

    match_id: Id
    accepted_by: Code


class MatchRejected(Fact):
    """One of the three said no (rifiuto dell'abbinamento); the note is sealed."""

    match_id: Id
    rejected_by: Code
    reason_code: Code


class TrainingEnrolled(Fact):
    """A person is enrolled in a module (iscrizione a un modulo formativo). `hours`: the module's."""

    enrolment_id: Id
    module_code: Code
    edition: Code | None = None
    hours: Number


class TrainingCompleted(Fact):
    """A module ended for a person (esito della formazione): PASSED, FAILED, ABANDONED. The certificate's number is sealed.

    Source: `domain.md` 9.3, rules R25, R26.
    """

    enrolment_id: Id
    module_code: Code
    hours_attended: Number
    outcome: Code
    issued_on: Day | None = None
    expires_on: Day | None = None


class ExternalRegistrationConfirmed(Fact):
    """A case was registered in another system (GEPI, SIISL, SIUSS, CPI); the reference is sealed. Source: rule R33."""

    registration_id: Id
    system: Code
    operator_id: Id
    internship_id: Id | None = None


class HireRecorded(Fact):
    """A participant was hired, by any employer (assunzione): PERMANENT, FIXED_TERM, APPRENTICESHIP, OTHER; evidence sealed."""

    hire_id: Id
    employer_id: Id
    same_host: Flag
    contract: Code
    starts: Day
    ends: Day | None = None
    weekly_hours: Number
