"""The register of attendance (registro presenze): rows, corrections, validation by both tutors (rules R05, R10, R13)."""
from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal

from chassis.decide import Actor, OccurredOn, Private, Refused, refuse
from contracts.words import OperatorId
from placement.domain import limits
from placement.domain.events import AttendanceCorrected, AttendancePeriodValidated, AttendanceRecorded, ClockTime
from placement.domain.internship import Internship, Row
from placement.domain.periods import PeriodHours, week_of
from placement.domain.programme import Programme, Rules

Attendance = Literal["PRESENT", "ABSENT_JUSTIFIED", "ABSENT", "CLOSURE"]
CorrectionReason = Literal["TYPING_ERROR", "MISSING_ROW", "WRONG_KIND", "LATE_EVIDENCE", "OTHER"]


@dataclass(frozen=True)
class Validator:
    """Who validated, by operator id, and as which tutor."""

    operator: OperatorId
    role: Literal["TUTOR_AZIENDALE", "TUTOR_PROMOTORE"]


def record_attendance(state: Internship, *, internship_id: str, day: OccurredOn, hours: Decimal, kind: Attendance,
                      programme: Programme, actor: Actor, starts_at: ClockTime | None = None, ends_at: ClockTime | None = None,
                      activity: Annotated[str | None, Private("register")] = None,
                      note: Annotated[str | None, Private("register")] = None) -> list[Any]:
    """Record one day of the register (riga del registro presenze). Only a day of presence has hours."""
    row, rules = Row(hours, kind), _rules(state, programme)
    period = _period(state, day)
    frozen = period is not None and period.number in state.validated
    refuse(
        _tutor(state, actor), _inside(state, day), _daily(row, rules),
        Refused("DUPLICATE_ROW", f"{day} is in the register: correct it instead") if day in state.rows else
        Refused("INVALID_TRANSITION", "the period is validated: its rows change by correction only") if frozen else None,
        _weekly(state, day, row), _night(starts_at, ends_at, rules), _paused(state, day))
    return [AttendanceRecorded(internship_id, day, hours, kind, starts_at, ends_at, activity, note)]


def correct_attendance(state: Internship, *, internship_id: str, day: date, new_hours: Decimal, new_kind: Attendance,
                       reason_code: CorrectionReason, programme: Programme, actor: Actor, on: OccurredOn,
                       note: Annotated[str | None, Private("register")] = None) -> list[Any]:
    """Put a row of the register right (rettifica), also of a validated period; a missing row counts as no hours."""
    row, rules = Row(new_hours, new_kind), _rules(state, programme)
    refuse(_tutor(state, actor), _inside(state, day), _daily(row, rules), _weekly(state, day, row), _paused(state, day))
    before = state.rows.get(day)
    if before == row:
        return []
    period = _period(state, day)
    assert period
    after = replace(state, rows={**state.rows, day: row}).recognised(period.starts, period.ends, rules.justified_counts)
    return [AttendanceCorrected(internship_id, day, before.hours if before else Decimal(0), new_hours, new_kind, reason_code, actor.user,
                                period.number, after, period.number in state.validated, note, state.policy_ref)]


def validate_period(state: Internship, *, internship_id: str, number: int, validators: list[Validator], programme: Programme,
                    actor: Actor, on: OccurredOn) -> list[Any]:
    """Validate a period of the register (validazione): the host's and the promoter's tutor of this internship, both.

    `number` counts the periods from 1. Once it is over; afterwards its rows change by correction only.
    """
    rules = _rules(state, programme)
    if number in state.validated:
        return []
    period = next((period for period in state.periods() if period.number == number), None)
    tutors = (Validator(OperatorId(state.host_tutor), "TUTOR_AZIENDALE"),
              Validator(OperatorId(state.promoter_tutor), "TUTOR_PROMOTORE"))
    refuse(_tutor(state, actor), _over(state, period, on, rules), *(
        Refused("VALIDATOR_MISSING", "the tutor of this internship validates too", about=tutor.role)
        for tutor in tutors if tutor not in validators))
    assert period
    recognised = state.recognised(period.starts, period.ends, rules.justified_counts)
    return [AttendancePeriodValidated(internship_id, number, period.starts, period.ends, period.full, period.hours, recognised,
                                      tuple(tutor.role for tutor in tutors), tuple(tutor.operator for tutor in tutors),
                                      state.policy_ref)]


def _rules(state: Internship, programme: Programme) -> Rules:
    if state.started_on is None:
        raise Refused("INVALID_TRANSITION", "start the internship first")
    return programme.rules(state.policy_ref)


def _tutor(state: Internship, actor: Actor) -> Refused | None:
    """Of the tutors, only the two of this internship keep its register."""
    other = actor.role in ("TUTOR_AZIENDALE", "TUTOR_PROMOTORE") and actor.user not in (state.host_tutor, state.promoter_tutor)
    return Refused("OPERATOR_NOT_AUTHORISED", "the two tutors of this internship keep its register") if other else None


def _inside(state: Internship, day: date) -> Refused | None:
    first, last = max(state.started_on or state.start, state.start), state.last_day or state.planned_end
    return None if first <= day <= last and _period(state, day) else Refused(
        "OUTSIDE_INTERVAL", f"the internship runs from {first} to {last}")


def _daily(row: Row, rules: Rules) -> Refused | None:
    most = rules.daily_cap if row.kind == "PRESENT" else Decimal(0)
    return None if 0 <= row.hours <= most else Refused("DAILY_HOURS_EXCEEDED", f"0 to {most} hours on a day of {row.kind}")


def _weekly(state: Internship, day: date, row: Row) -> Refused | None:
    others = sum((other.hours for at, other in state.rows.items() if at != day and week_of(at) == week_of(day)), Decimal(0))
    return Refused("WEEKLY_HOURS_EXCEEDED", f"the PFI has {state.weekly_hours} hours a week") \
        if others + row.hours > state.weekly_hours else None


def _night(starts_at: str | None, ends_at: str | None, rules: Rules) -> Refused | None:
    return Refused("NIGHT_WORK_NOT_ALLOWED", f"between {limits.NIGHT_ENDS} and {limits.NIGHT_BEGINS} only") \
        if limits.at_night(starts_at, ends_at) and not rules.night else None


def _paused(state: Internship, day: date) -> Refused | None:
    return Refused("REGISTER_ROW_IN_SUSPENSION", "the internship is suspended on that day") if state.paused(day) else None


def _period(state: Internship, day: date) -> PeriodHours | None:
    return next((period for period in state.periods() if period.starts <= day <= period.ends), None)


def _over(state: Internship, period: PeriodHours | None, on: date, rules: Rules) -> Refused | None:
    last = state.last_day or state.planned_end
    if period is None or period.starts > last:
        return Refused("OUTSIDE_INTERVAL", "the internship has no such period")
    if rules.suspension_extends and _moving(state, period):
        return Refused("OUTSIDE_INTERVAL", "the suspension moves the end of this period: resume the internship first, or end it")
    end = min(period.ends, last)
    return Refused("OUTSIDE_INTERVAL", f"the period ends on {end}: validate it from {end + timedelta(days=1)} on") \
        if on <= end else None


def _moving(state: Internship, period: PeriodHours) -> bool:
    """Whether a suspension that lasts will prolong this period: the last, where the internship's end cuts it short."""
    longer = replace(state, planned_end=state.planned_end + timedelta(days=1)).periods()
    return state.status == "SUSPENDED" and longer[period.number - 1].ends != period.ends
