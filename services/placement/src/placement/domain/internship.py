"""What is known of an internship (tirocinio) after what happened to it (`domain.md` 9.6 Internship).

Decided in planning, starting, register, tutoring, suspension, ending.
"""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from placement.domain.events import (
    AttendanceCorrected,
    AttendancePeriodValidated,
    AttendanceRecorded,
    Attending,
    CriticalIssueRaised,
    CriticalIssueResolved,
    Ending,
    Event,
    FinalAttestationIssued,
    InsuranceRegistered,
    InternshipCompleted,
    InternshipExtended,
    InternshipInterrupted,
    InternshipPlanned,
    InternshipResumed,
    InternshipStarted,
    InternshipSuspended,
    InternshipWithdrawn,
    MandatoryCommunicationSent,
    Moving,
    PlannedDay,
    Preparing,
    TutoringVisitLogged,
)
from placement.domain.periods import PeriodHours, period_hours

CARRIED = ("case_id", "programme_id", "subject_id", "policy_ref", "match_id", "opportunity_id", "host_id", "unit_id", "agreement_id",
           "type", "start", "planned_end", "weekly_hours", "period", "promoter_tutor", "host_tutor", "stipend_mode")


@dataclass(frozen=True)
class Row:
    hours: Decimal
    kind: str


@dataclass(frozen=True)
class Pause:
    """Days without activity, `resumed_on` excluded; None while it lasts."""

    since: date
    resumed_on: date | None = None

    def covers(self, day: date) -> bool:
        return self.since <= day and (self.resumed_on is None or day < self.resumed_on)


@dataclass(frozen=True)
class Internship:
    status: str = ""  # PLANNED, ACTIVE, SUSPENDED, COMPLETED, WITHDRAWN, INTERRUPTED
    case_id: str | None = None
    programme_id: str | None = None
    subject_id: str | None = None
    policy_ref: str = ""
    match_id: str = ""
    opportunity_id: str = ""
    host_id: str = ""
    unit_id: str = ""
    agreement_id: str = ""
    type: str = ""
    start: date = date.max
    planned_end: date = date.min
    weekly_hours: Decimal = Decimal(0)
    calendar: Mapping[date, Decimal] = field(default_factory=dict)
    period: str = ""
    promoter_tutor: str = ""
    host_tutor: str = ""
    goal_ids: frozenset[str] = frozenset()
    stipend_mode: str = ""
    insurance: tuple[tuple[date, date], ...] = ()
    communications: frozenset[tuple[str, date, date]] = frozenset()  # kind, sent, effective
    started_on: date | None = None
    holds: tuple[str, ...] = ()
    rows: Mapping[date, Row] = field(default_factory=dict)
    validated: Mapping[int, date] = field(default_factory=dict)  # last day, by number
    pauses: tuple[Pause, ...] = ()
    last_day: date | None = None
    visits: frozenset[str] = frozenset()
    issues: Mapping[str, bool] = field(default_factory=dict)  # resolved, by id
    attested: bool = False

    @property
    def ended(self) -> bool:
        """Completed, withdrawn or interrupted."""
        return self.last_day is not None

    @property
    def validated_to(self) -> date:
        """The last day whose planned hours are fixed, because its period is validated; with none, before any day."""
        return max(self.validated.values(), default=date.min)

    def active(self, day: date) -> bool:
        """Whether the participant was to be there on a planned day: begun, not ended, not suspended."""
        begun = self.started_on is None or self.started_on <= day
        return begun and day <= (self.last_day or date.max) and not self.paused(day)

    def paused(self, day: date) -> bool:
        return any(pause.covers(day) for pause in self.pauses)

    def suspended_days(self) -> int:
        """Days of the suspensions that are over."""
        return sum((pause.resumed_on - pause.since).days for pause in self.pauses if pause.resumed_on)

    def periods(self) -> tuple[PeriodHours, ...]:
        """The periods as they now stand, with the hours of their active days."""
        return period_hours(self.period, self.start, self.planned_end, self.weekly_hours, self.calendar, self.active)

    def recognised(self, starts: date, ends: date, justified_counts: bool) -> Decimal:
        """Hours attended in these days; a justified absence counts its planned hours only where the policy says so (R10)."""
        counted = (row.hours if row.kind == "PRESENT" else self.calendar.get(day, Decimal(0))
                   for day, row in self.rows.items() if starts <= day <= ends
                   and (row.kind == "PRESENT" or (justified_counts and row.kind == "ABSENT_JUSTIFIED")))
        return sum(counted, Decimal(0))

    def planned_total(self) -> Decimal:
        """The PFI's hours of all active days."""
        return sum((hours for day, hours in self.calendar.items() if self.active(day)), Decimal(0))


def evolve(state: Internship, event: Event) -> Internship:
    if isinstance(event, Preparing):
        return _prepared(state, event)
    if isinstance(event, Attending):
        return _attended(state, event)
    return _moved(state, event) if isinstance(event, Moving) else _ended(state, event)


def _prepared(state: Internship, event: Preparing) -> Internship:
    match event:
        case InternshipPlanned():
            kept = {name: getattr(event, name) for name in CARRIED}
            return replace(state, status="PLANNED", calendar=hours_of(event.calendar), goal_ids=frozenset(event.goal_ids), **kept)
        case InsuranceRegistered():
            return replace(state, insurance=(*state.insurance, (event.valid_from, event.valid_to)))
        case MandatoryCommunicationSent():
            return replace(state, communications=state.communications | {(event.kind, event.sent_on, event.effective_on)})
        case InternshipStarted():
            return replace(state, status="ACTIVE", started_on=event.started_on, holds=event.holds)


def _attended(state: Internship, event: Attending) -> Internship:
    match event:
        case AttendanceRecorded():
            return replace(state, rows={**state.rows, event.day: Row(event.hours, event.kind)})
        case AttendanceCorrected():
            return replace(state, rows={**state.rows, event.day: Row(event.new_hours, event.new_kind)})
        case AttendancePeriodValidated():
            return replace(state, validated={**state.validated, event.number: event.ends})
        case TutoringVisitLogged():
            return replace(state, visits=state.visits | {event.visit_id})
        case CriticalIssueRaised() | CriticalIssueResolved():
            return replace(state, issues={**state.issues, event.issue_id: isinstance(event, CriticalIssueResolved)})


def _moved(state: Internship, event: Moving) -> Internship:
    match event:
        case InternshipSuspended():
            return replace(state, status="SUSPENDED", pauses=(*state.pauses, Pause(event.suspended_from)))
        case InternshipResumed():
            pauses = tuple(pause if pause.resumed_on else replace(pause, resumed_on=event.resumed_on) for pause in state.pauses)
            return replace(state, status="ACTIVE", pauses=pauses, planned_end=event.new_planned_end,
                           calendar=hours_of(event.calendar))
        case InternshipExtended():
            return replace(state, planned_end=event.new_end, calendar=hours_of(event.calendar))


def _ended(state: Internship, event: Ending) -> Internship:
    match event:
        case InternshipCompleted():
            return replace(state, status="COMPLETED", last_day=event.ended_on, holds=())
        case InternshipWithdrawn():
            return replace(state, status="WITHDRAWN", last_day=event.last_day, holds=())
        case InternshipInterrupted():
            return replace(state, status="INTERRUPTED", last_day=event.last_day, holds=())
        case FinalAttestationIssued():
            return replace(state, attested=True)


def hours_of(calendar: Iterable[PlannedDay]) -> dict[date, Decimal]:
    """The planned hours of each day."""
    return {planned.day: planned.hours for planned in calendar}
