"""How long an internship may last and how many hours it may have (rules R02 to R05, R29), of a plan and of a change of it."""
from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from chassis.decide import Refused
from placement.domain.case import Case
from placement.domain.events import PlannedDay
from placement.domain.internship import hours_of
from placement.domain.periods import add_months, hours_by_week
from placement.domain.programme import Rules, Version

MINORS_WEEKLY, MINORS_DAILY = Decimal(40), Decimal(8)
NIGHT_ENDS, NIGHT_BEGINS = "06:00", "22:00"


def duration(start: date, end: date, suspended_days: int, validated_by: str | None, rules: Rules, case: Case) -> list[Refused | None]:
    """R03, R04: the longest for this person; beyond it with what the policy asks for, up to the policy's limit."""

    def last(months: int) -> date:
        return add_months(start, months) + timedelta(days=suspended_days - 1)

    months = rules.months(case.categories, case.max_months)
    if end <= last(months):
        return []
    limit = max(months, rules.extension_months or 0)
    if end > last(limit):
        return [Refused("DURATION_ABOVE_MAX", f"the end may be {last(limit)} at the latest, {limit} months")]
    return [None if validated_by == rules.extension_requires else Refused(
        "EXTENSION_VALIDATION_MISSING", f"after {last(months)}, {months} months, it needs {rules.extension_requires}")]


def window(start: date, end: date, version: Version) -> list[Refused | None]:
    """R29: inside the programme's dates."""
    within = (version.start or start) <= start and end <= (version.end or end)
    return [None if within else Refused(
        "OUTSIDE_PROGRAMME_WINDOW", f"the programme runs from {version.start or 'any day'} to {version.end or 'any day'}")]


def calendar_fits(calendar: Sequence[PlannedDay], start: date, end: date) -> list[Refused | None]:
    """The planned days: at least one, once each, inside the internship."""
    days = [planned.day for planned in calendar]
    outside = next((day for day in days if not start <= day <= end), None)
    twice = len(days) != len(set(days))
    return [None if days else Refused("OUTSIDE_INTERVAL", f"the calendar has no day: plan those between {start} and {end}"),
            Refused("OUTSIDE_INTERVAL", f"{outside} is not between {start} and {end}") if outside else None,
            Refused("DUPLICATE_ROW", "a day is planned twice") if twice else None]


def hours(weekly_hours: Decimal, calendar: Sequence[PlannedDay], rules: Rules, case: Case) -> list[Refused | None]:
    """R05: hours a week and on a planned day, never none, and no night work unless the policy allows it.

    The four weeks of a month (R05) are what a month in part is measured against; a month planned with fewer hours is no refusal:
    `domain.md` names no code for it, and its worked case 002 plans months of a single day.
    """
    weekly = min(rules.weekly_cap, MINORS_WEEKLY) if case.under_18 else rules.weekly_cap
    daily = min(rules.daily_cap, MINORS_DAILY) if case.under_18 else rules.daily_cap
    busiest = max(hours_by_week(hours_of(calendar)).values(), default=Decimal(0))
    strange = any(not 0 < planned.hours <= daily for planned in calendar)
    too_many = not 0 < weekly_hours <= weekly or busiest > weekly_hours or weekly_hours < (rules.weekly_min or 0)
    night = not rules.night and any(at_night(planned.starts_at, planned.ends_at) for planned in calendar)
    return [Refused("WEEKLY_HOURS_EXCEEDED", f"{rules.weekly_min or 'more than 0'} to {weekly} hours a week, and no week over the PFI's")
            if too_many else None,
            Refused("DAILY_HOURS_EXCEEDED", f"more than 0 hours on a planned day and {daily} at most") if strange else None,
            Refused("NIGHT_WORK_NOT_ALLOWED", f"between {NIGHT_ENDS} and {NIGHT_BEGINS} only") if night else None]


def at_night(starts_at: str | None, ends_at: str | None) -> bool:
    """Whether times, where they are given, touch the night."""
    starts, ends = starts_at or NIGHT_ENDS, ends_at or NIGHT_BEGINS
    return starts < NIGHT_ENDS or ends > NIGHT_BEGINS or ends <= starts
