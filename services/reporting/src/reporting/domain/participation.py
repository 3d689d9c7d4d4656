"""A participation (partecipazione): what the funder counts of a person, at entry, on leaving, within 28 days, after six months."""
from __future__ import annotations

import calendar
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Annotated, Literal
from uuid import NAMESPACE_OID, uuid5

from chassis.decide import OccurredOn, Private, Refused, TaskRaised, refuse
from reporting.domain.known import Case, Standing
from reporting.domain.programme import Programme

LabourStatus = Literal["UNEMPLOYED", "INACTIVE", "EMPLOYED"]
YesNo = Literal["Y", "N", "REFUSED"]
ExitReason = Literal["COMPLETED", "EARLY_JOB", "WITHDRAWN", "EXCLUDED", "MOVED", "DECEASED", "OTHER"]
ImmediateStatus = Literal["JOB_SEEKING", "EDUCATION", "EMPLOYED", "NONE"]
SixMonthStatus = Literal["EMPLOYED", "EDUCATION", "JOB_SEEKING", "NONE", "UNKNOWN"]
Source = Literal["COB", "SELF", "CALL", "REGISTER"]
WINDOW = timedelta(days=28)
"""The immediate result is observed from the exit on, day 28 included."""


@dataclass(frozen=True)
class ParticipationEntered:
    participation_id: str
    case_id: str
    programme_id: str
    subject_id: str
    entry_date: date
    gender: str
    age: int
    labour_status: LabourStatus
    unemployment_months: int | None
    isced: int | None
    in_education: bool | None
    third_country: bool | None
    foreign_background: bool | None
    homeless: bool | None
    degurba: int | None
    complete: bool
    birth_date: Annotated[date, Private("identity")]
    disability: Annotated[YesNo | None, Private("health")]
    minority: Annotated[YesNo | None, Private("origin")]


@dataclass(frozen=True)
class ParticipationExited:
    participation_id: str
    case_id: str
    programme_id: str
    subject_id: str
    exit_date: date
    exit_reason: ExitReason


@dataclass(frozen=True)
class ImmediateResultRecorded:
    participation_id: str
    observed_on: date | None
    status: str
    codes: tuple[str, ...]
    source: Source | None


@dataclass(frozen=True)
class SixMonthResultRecorded:
    participation_id: str
    reference_date: date
    status: SixMonthStatus
    codes: tuple[str, ...]
    source: Source


Event = ParticipationEntered | ParticipationExited | ImmediateResultRecorded | SixMonthResultRecorded


@dataclass(frozen=True)
class Participation:
    """`immediate`, `six_month`: of the last exit."""

    entered: ParticipationEntered | None = None
    exited: ParticipationExited | None = None
    immediate: ImmediateResultRecorded | None = None
    six_month: SixMonthResultRecorded | None = None
    case_id: str | None = None
    programme_id: str | None = None
    subject_id: str | None = None


def evolve(state: Participation, event: Event) -> Participation:
    match event:
        case ParticipationEntered():
            return replace(state, entered=event, case_id=event.case_id, programme_id=event.programme_id, subject_id=event.subject_id)
        case ParticipationExited():
            return replace(state, exited=event, immediate=None, six_month=None)
        case ImmediateResultRecorded():
            return replace(state, immediate=event)
        case SixMonthResultRecorded():
            return replace(state, six_month=event)


def enter_participation(state: Participation, *, participation_id: str, case_id: str, case: Case, programme: Programme, standing: Standing,
                        birth_date: Annotated[date, Private("identity")], gender: Literal["F", "M", "X"],
                        labour_status: LabourStatus, unemployment_months: int | None = None, isced: int | None = None,
                        in_education: bool | None = None, third_country: bool | None = None,
                        foreign_background: bool | None = None, homeless: bool | None = None, degurba: int | None = None,
                        disability: Annotated[YesNo | None, Private("health")] = None,
                        minority: Annotated[YesNo | None, Private("origin")] = None, on: OccurredOn) -> list[Event]:
    """Enter a person among the participants (ingresso), with the data of that day, which stay. The birth date gives the age and is
    sealed; disability and minority are sealed. `isced` 0 to 8; `degurba` 1 to 3, 3 is rural."""
    if state.entered:
        return []
    refuse(
        None if programme.current else Refused("PROGRAMME_NOT_ACTIVE", "activate the programme first"),
        None if programme.runs(on) else Refused("OUTSIDE_PROGRAMME_WINDOW", "the programme does not run on this day"),
        None if standing.participation_id in (None, participation_id) else
        Refused("PARTICIPATION_EXISTS", "who returns to a programme goes on in the same participation"),
        _out_of_range(birth_date, on, isced, degurba, unemployment_months),
    )
    asked = (isced, in_education, third_country, foreign_background, homeless, degurba,
             unemployment_months if labour_status == "UNEMPLOYED" else 0)
    return [ParticipationEntered(participation_id, case_id, case.programme_id, case.subject_id, on, gender,
                                 age_on(birth_date, on), labour_status, unemployment_months, isced, in_education, third_country,
                                 foreign_background, homeless, degurba, None not in asked, birth_date, disability, minority)]


def exit_participation(state: Participation, *, participation_id: str, exit_reason: ExitReason, on: OccurredOn) -> list[Event]:
    """Record that a participant leaves (uscita). After a return to the same operation the last exit counts, and results anew."""
    entered, last = _entered(state), state.exited
    if last and (last.exit_date, last.exit_reason) == (on, exit_reason):
        return []
    refuse(
        Refused("EXIT_BEFORE_ENTRY", "a participant leaves on or after the day of entry") if on < entered.entry_date else None,
        Refused("ALREADY_EXITED", f"the last exit is of {last.exit_date}; a later one may follow a return")
        if last and on <= last.exit_date else None,
    )
    return [ParticipationExited(participation_id, entered.case_id, entered.programme_id, entered.subject_id, on, exit_reason)]


def record_immediate_result(state: Participation, *, participation_id: str, status: ImmediateStatus,
                            codes: tuple[Literal["EECR01", "EECR02", "EECR03", "EECR04"], ...] = (), source: Source,
                            observed_on: OccurredOn) -> list[Event]:
    """Record the situation on leaving (risultato immediato), observed within 28 days; the last one recorded counts."""
    entered, left = _entered(state), _exited(state).exit_date
    result = ImmediateResultRecorded(participation_id, observed_on, status, codes, source)
    if result == state.immediate:
        return []
    refuse(
        None if left <= observed_on <= left + WINDOW else
        Refused("WINDOW_CLOSED", f"a result is observed from {left} to {left + WINDOW}"),
        Refused("EECR_CONFLICT", "EECR01 and EECR04 exclude each other") if {"EECR01", "EECR04"} <= set(codes) else
        Refused("EECR_CONFLICT", "EECR04 means that the person is employed") if "EECR04" in codes and status != "EMPLOYED" else None,
        *_not_applicable(entered, codes),
    )
    return [result]


def close_immediate_window(state: Participation, *, participation_id: str, exit_date: date) -> list[Event]:
    """Record UNKNOWN where nothing was observed in 28 days; a result observed in them may still follow, and counts instead."""
    if state.exited is None or state.exited.exit_date != exit_date or state.immediate:
        return []
    return [ImmediateResultRecorded(participation_id, None, "UNKNOWN", (), None)]


def ask_six_month_result(state: Participation, *, participation_id: str, exit_date: date) -> list[TaskRaised]:
    """Ask for the result after six months, on its day."""
    if state.exited is None or state.exited.exit_date != exit_date or state.six_month:
        return []
    task = str(uuid5(NAMESPACE_OID, f"six-month-result/{participation_id}/{exit_date}"))
    return [TaskRaised(task, "SIX_MONTH_RESULT", "REPORTING_OFFICER", reference_date(exit_date), participation_id,
                       "reporting.SixMonthResultRecorded.v1", state.case_id, state.programme_id, state.subject_id)]


def record_six_month_result(state: Participation, *, participation_id: str, status: SixMonthStatus,
                            codes: tuple[Literal["EECR05", "EECR06"], ...] = (), source: Source, on: OccurredOn) -> list[Event]:
    """Record the situation six calendar months after leaving (risultato a sei mesi)."""
    entered, due = _entered(state), reference_date(_exited(state).exit_date)
    result = SixMonthResultRecorded(participation_id, due, status, codes, source)
    if result == state.six_month:
        return []
    refuse(
        Refused("REFERENCE_DATE_NOT_REACHED", f"the result is that of {due}") if on < due else None,
        Refused("EECR_CONFLICT", "EECR05 and EECR06 mean that the person is employed") if codes and status != "EMPLOYED" else None,
        *_not_applicable(entered, codes),
    )
    return [result]


def age_on(birth: date, day: date) -> int:
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def reference_date(left: date) -> date:
    """Six calendar months later; the last day of a shorter month."""
    year, month = left.year + (left.month + 5) // 12, (left.month + 5) % 12 + 1
    return date(year, month, min(left.day, calendar.monthrange(year, month)[1]))


def _entered(state: Participation) -> ParticipationEntered:
    if state.entered is None:
        raise Refused("PARTICIPATION_UNKNOWN", "enter the participation first")
    return state.entered


def _exited(state: Participation) -> ParticipationExited:
    if state.exited is None:
        raise Refused("PARTICIPATION_NOT_EXITED", "a result follows an exit")
    return state.exited


def _out_of_range(birth: date, on: date, isced: int | None, degurba: int | None, months: int | None) -> Refused | None:
    if birth <= on and (isced is None or 0 <= isced <= 8) and (degurba is None or 1 <= degurba <= 3) and (months or 0) >= 0:
        return None
    return Refused("ENTRY_DATA_INVALID", "born before the entry; isced 0 to 8; degurba 1 to 3; unemployment_months 0 or more")


def _not_applicable(entered: ParticipationEntered, codes: Iterable[str]) -> Iterable[Refused]:
    """Codes that the entry data exclude (`domain.md` 4.1)."""
    employed = entered.labour_status == "EMPLOYED"
    if "EECR06" in codes and not employed:
        yield Refused("EECR06_NOT_APPLICABLE", "only for those employed at entry")
    excluded = {"EECR01": entered.labour_status != "INACTIVE", "EECR02": bool(entered.in_education), "EECR04": employed,
                "EECR05": employed}
    for code in codes:
        if excluded.get(code):
            yield Refused("EECR_NOT_APPLICABLE", "the situation at entry excludes this code", about=code)
