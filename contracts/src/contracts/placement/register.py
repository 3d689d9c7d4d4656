"""The register of attendance and the tutors' care (registro presenze, tutoraggio; `domain.md` 9.3)."""
from __future__ import annotations

from contracts.classes import Code, Day, Flag, Id, Number, Whole
from contracts.envelope import Fact


class AttendanceRecorded(Fact):
    """One day of the register: PRESENT, ABSENT_JUSTIFIED, ABSENT, CLOSURE. Activity and note are sealed, the times stay home."""

    internship_id: Id
    day: Day
    hours: Number
    kind: Code


class AttendanceCorrected(Fact):
    """A row was put right (rettifica del registro). `period` is the period's number; the note is sealed.

    `recognised_hours` is what the period amounts to after it; `validated`: the period had been validated before.
    """

    internship_id: Id
    day: Day
    old_hours: Number
    new_hours: Number
    new_kind: Code
    reason_code: Code
    requested_by: Id
    period: Whole
    recognised_hours: Number
    validated: Flag


class AttendancePeriodValidated(Fact):
    """Both tutors validated a period (validazione del registro). `number` counts the internship's periods from 1.

    `planned_full`: the PFI's hours of the whole month; `planned_hours`: of its active days; all hours. Source: `domain.md` 3.2.
    """

    internship_id: Id
    number: Whole
    starts: Day
    ends: Day
    planned_full: Number
    planned_hours: Number
    recognised_hours: Number
    validated_by: list[Code]


class TutoringVisitLogged(Fact):
    """A tutor met PARTICIPANT or HOST (visita di tutoraggio); the topics are sealed."""

    internship_id: Id
    visit_id: Id
    visitor: Id
    met: Code
    minutes: Whole


class CriticalIssueRaised(Fact):
    """Something does not go well (criticità): severity and category; the description is sealed."""

    internship_id: Id
    issue_id: Id
    severity: Code
    category: Code
    raised_by: Id


class CriticalIssueResolved(Fact):
    """A critical issue was settled (criticità risolta); the measure is sealed."""

    internship_id: Id
    issue_id: Id
