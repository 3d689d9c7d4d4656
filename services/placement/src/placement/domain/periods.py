"""The periods of an internship and the hours its plan foresees in each (`domain.md` 3.2)."""
from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

DAY = timedelta(days=1)
WEEKS_A_MONTH = 4
"""Rule R05: the PFI's hours of an internship month are four times the weekly hours."""


@dataclass(frozen=True)
class PeriodHours:
    """Hours of the active days of a period; `full`: of the whole month, where the internship covers only part of it."""

    number: int
    starts: date
    ends: date
    hours: Decimal
    full: Decimal


def add_months(day: date, months: int) -> date:
    """The same day so many months later, the last of the month where there is none."""
    year, month = divmod(day.month - 1 + months, 12)
    return date(day.year + year, month + 1, min(day.day, monthrange(day.year + year, month + 1)[1]))


def _months(kind: str, start: date) -> Iterator[tuple[date, date]]:
    """First and last day of the internship's or the calendar's months, from `start` on."""
    first = start if kind == "INTERNSHIP_MONTH" else start.replace(day=1)
    number = 0
    while True:
        yield add_months(first, number), add_months(first, number + 1) - DAY
        number += 1


def period_hours(kind: str, start: date, end: date, weekly_hours: Decimal, calendar: Mapping[date, Decimal],
                 active: Callable[[date], bool] = lambda day: True) -> tuple[PeriodHours, ...]:
    """All periods from `start` to `end`. A period that the internship covers in part is measured against four weeks."""
    found = []
    for number, (first, last) in enumerate(_months(kind, start), 1):
        if first > end:
            break
        starts, ends = max(first, start), min(last, end)
        days = {day: hours for day, hours in calendar.items() if starts <= day <= ends}
        full = sum(days.values(), Decimal(0))
        if (starts, ends) != (first, last):
            full = max(full, WEEKS_A_MONTH * weekly_hours)
        hours = sum((hours for day, hours in days.items() if active(day)), Decimal(0))
        found.append(PeriodHours(number, starts, ends, hours, full))
    return tuple(found)


def week_of(day: date) -> tuple[int, int]:
    """The ISO year and week of a day."""
    return day.isocalendar()[:2]


def hours_by_week(days: Mapping[date, Decimal]) -> dict[tuple[int, int], Decimal]:
    """Hours summed over ISO weeks."""
    weeks: dict[tuple[int, int], Decimal] = {}
    for day, hours in days.items():
        weeks[week_of(day)] = weeks.get(week_of(day), Decimal(0)) + hours
    return weeks
