"""What several views follow: the last value by what was recorded, the state of an internship, days reckoned from a day."""
from __future__ import annotations

import calendar
from datetime import date, timedelta
from typing import Any

from reporting.views.fact import Fact
from reporting.views.view import State

MOVES = {"InternshipPlanned": "PLANNED", "InternshipStarted": "RUNNING", "InternshipSuspended": "SUSPENDED",
         "InternshipResumed": "RUNNING", "InternshipCompleted": "ENDED", "InternshipWithdrawn": "ENDED",
         "InternshipInterrupted": "ENDED"}
ENDS = {"InternshipPlanned": "planned_end", "InternshipResumed": "new_planned_end", "InternshipExtended": "new_end"}
LAST_DAY = {"InternshipCompleted": "ended_on", "InternshipWithdrawn": "last_day", "InternshipInterrupted": "last_day"}


def last(of: State, name: str, fact: Fact, value: Any) -> None:
    """Keep the value recorded last: within one aggregate that is the order of its sequence, whatever the dates say."""
    if value is not None and [fact.recorded, fact.sequence] >= of.get(name, [None, "", 0])[1:]:
        of[name] = [value, fact.recorded, fact.sequence]


def value(of: State, name: str) -> Any:
    """What `last` kept; None if nothing."""
    return of.get(name, [None])[0]


def follow(state: State, fact: Fact) -> None:
    """Where each internship (tirocinio) stands: `move` PLANNED, RUNNING, SUSPENDED, ENDED; its start and its end."""
    if fact.source != "placement" or fact.name not in (*MOVES, *ENDS):
        return
    one = state.setdefault("internships", {}).setdefault(fact.aggregate, {})
    last(one, "move", fact, MOVES.get(fact.name))
    last(one, "planned_end", fact, fact.get(ENDS.get(fact.name, "")))
    last(one, "ended_on", fact, fact.get(LAST_DAY.get(fact.name, "")))
    if fact.name == "InternshipPlanned":
        one |= {name: fact.get(name) for name in ("host_id", "start") if fact.get(name) is not None}
    elif fact.name == "InternshipStarted":
        one["started_on"] = fact.get("started_on") or fact.occurred


def days_after(day: Any, days: int) -> str | None:
    """A day so many days later; None where there is no such day."""
    try:
        return (date.fromisoformat(day) + timedelta(days)).isoformat()
    except (TypeError, ValueError, OverflowError):
        return None


def six_months_after(day: Any) -> str | None:
    """Six calendar months later; the last day of a shorter month (`domain.md` 9.6 Participation)."""
    try:
        left = date.fromisoformat(day)
        year, month = left.year + (left.month + 5) // 12, (left.month + 5) % 12 + 1
        return date(year, month, min(left.day, calendar.monthrange(year, month)[1])).isoformat()
    except (TypeError, ValueError, OverflowError):
        return None
