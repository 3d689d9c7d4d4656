"""An internship interrupted for a time, taken up again, or prolonged (sospensione, ripresa, proroga; rules R03, R04, R11 to R13)."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Annotated, Any, Literal

from chassis.decide import OccurredOn, Private, Refused, refuse
from placement.domain import limits, tasks
from placement.domain.case import Case
from placement.domain.events import InternshipExtended, InternshipResumed, InternshipSuspended, PlannedDay
from placement.domain.internship import Internship, Pause, hours_of
from placement.domain.periods import PeriodHours
from placement.domain.planning import Validation
from placement.domain.programme import Programme

OF_THE_HOST = frozenset({"COMPANY_CLOSURE"})


def suspend_internship(state: Internship, *, internship_id: str, reason: Annotated[str, Private("health")],
                       suspended_from: OccurredOn, expected_to: date, programme: Programme,
                       evidence: Annotated[str | None, Private("health")] = None) -> list[Any]:
    """Suspend an internship (sospensione), for one of the policy's reasons and at least its days; the reason is sealed."""
    if Pause(suspended_from) in state.pauses:
        return []
    if state.status != "ACTIVE":
        raise Refused("INVALID_TRANSITION", "only an active internship is suspended")
    rules = programme.rules(state.policy_ref)
    days, most = (expected_to - suspended_from).days + 1, rules.suspension_max_days
    busy = [day for day, row in state.rows.items() if day >= suspended_from and row.kind == "PRESENT"]
    refuse(
        None if _open(state, suspended_from) else Refused(
            "OUTSIDE_INTERVAL", "it begins within the internship, and not in a period validated already"),
        None if reason in rules.suspension_days else Refused(
            "SUSPENSION_REASON_NOT_ALLOWED", f"the policy knows {', '.join(sorted(rules.suspension_days))}"),
        Refused("SUSPENSION_TOO_SHORT", f"at least {rules.suspension_days.get(reason, 1)} days: record an absence instead")
        if days < max(rules.suspension_days.get(reason, 1), 1) else None,
        Refused("SUSPENSION_LIMIT_EXCEEDED", f"{most} days in all at most") if most and state.suspended_days() + days > most else None,
        Refused("REGISTER_ROW_IN_SUSPENSION", f"the register has a presence on {max(busy)}") if busy else None)
    kind = "HOST" if reason in OF_THE_HOST else "PERSON"
    return [InternshipSuspended(internship_id, kind, suspended_from, expected_to, reason, evidence)]


def resume_internship(state: Internship, *, internship_id: str, resumed_on: OccurredOn, programme: Programme, case: Case,
                      calendar: list[PlannedDay] | None = None) -> list[Any]:
    """Take an internship up again (ripresa): the days that passed move its end, at most to the programme's.

    `calendar`: the planned days from then on; none: as planned before.
    """
    if state.status != "SUSPENDED":
        if any(pause.resumed_on == resumed_on for pause in state.pauses):
            return []
        raise Refused("INVALID_TRANSITION", "only a suspended internship is resumed")
    rules, days = programme.rules(state.policy_ref), (resumed_on - state.pauses[-1].since).days
    shifted = state.planned_end + timedelta(days=days if rules.suspension_extends else 0)
    end = min(shifted, programme.on(resumed_on).end or shifted)
    planned, periods = _replanned(state, calendar, resumed_on, end, (*state.pauses[:-1], Pause(state.pauses[-1].since, resumed_on)))
    refuse(None if days > 0 else Refused("INVALID_TRANSITION", "it is resumed after the day on which it was suspended"),
           None if resumed_on > state.validated_to else Refused(
               "OUTSIDE_INTERVAL", f"the periods to {state.validated_to} are validated without these days: resume it after"),
           _kept(state, periods), *(() if calendar is None else limits.calendar_fits(calendar, resumed_on, end)),
           *limits.hours(state.weekly_hours, calendar or (), rules, case))
    moved = [tasks.communication(state, internship_id, "EXTENSION", resumed_on, rules.changes_days)] if end != state.planned_end else []
    return [InternshipResumed(internship_id, resumed_on, days, end, end < shifted, periods, planned), *moved]


def extend_internship(state: Internship, *, internship_id: str, new_end: date, calendar: list[PlannedDay],
                      reason_code: Literal["GOALS", "ORGANISATION", "PARTICIPANT_REQUEST", "OTHER"], programme: Programme, case: Case,
                      on: OccurredOn, validation_kind: Validation | None = None,
                      validation_document: Annotated[str | None, Private("casework")] = None) -> list[Any]:
    """Prolong an internship (proroga); `calendar`: the planned days after the old end."""
    if state.status != "ACTIVE":
        raise Refused("INVALID_TRANSITION", "only an active internship is extended")
    if new_end == state.planned_end:
        return []
    rules, after = programme.rules(state.policy_ref), state.planned_end + timedelta(days=1)
    validated_by = validation_kind if validation_document else None
    insured = any(since <= after and new_end <= until for since, until in state.insurance)
    planned, periods = _replanned(state, calendar, after, new_end, state.pauses)
    refuse(
        None if new_end > state.planned_end else Refused("OUTSIDE_INTERVAL", f"the new end is after {state.planned_end}"),
        _kept(state, periods), *limits.calendar_fits(calendar, after, new_end),
        *limits.duration(state.start, new_end, state.suspended_days(), validated_by, rules, case),
        *limits.hours(state.weekly_hours, calendar, rules, case),
        None if insured else Refused("INSURANCE_NOT_VALID", f"register INAIL and RCT cover to {new_end} first"),
        *limits.window(state.start, new_end, programme.on(on)))
    return [InternshipExtended(internship_id, state.planned_end, new_end, reason_code, validation_kind, periods, planned,
                               validation_document),
            tasks.communication(state, internship_id, "EXTENSION", on, rules.changes_days)]


def _open(state: Internship, day: date) -> bool:
    return state.started_on is not None and state.started_on <= day <= state.planned_end and day > state.validated_to


def _kept(state: Internship, periods: Sequence[PeriodHours]) -> Refused | None:
    """A validated period keeps its days: the last, cut short by the old end, does not grow with it."""
    grown = next((period.number for period in periods if state.validated.get(period.number, period.ends) != period.ends), None)
    return None if grown is None else Refused(
        "OUTSIDE_INTERVAL", f"period {grown} is validated and would grow: an internship is prolonged before its last period is validated")


def _replanned(state: Internship, calendar: Sequence[PlannedDay] | None, since: date, end: date,
               pauses: tuple[Pause, ...]) -> tuple[tuple[PlannedDay, ...], tuple[PeriodHours, ...]]:
    """The planned days, those given in the place of the ones from `since` on, and the periods as they then stand."""
    kept = {day: hours for day, hours in state.calendar.items() if calendar is None or day < since}
    after = {**kept, **hours_of(calendar or ())}
    changed = replace(state, calendar=after, planned_end=end, pauses=pauses)
    return tuple(PlannedDay(day, hours) for day, hours in sorted(after.items())), changed.periods()
