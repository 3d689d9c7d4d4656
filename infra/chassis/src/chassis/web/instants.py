"""An instant that is asked for, and a period."""
from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime

from chassis.clock import stamp
from chassis.web.problems import Problem


def _in_utc(instant: datetime) -> datetime:
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        raise ValueError("in UTC it lies outside the years 1 to 9999") from None


Instant = Annotated[AwareDatetime, AfterValidator(_in_utc)]
"""With an offset; in UTC."""


def period(since: datetime | None, until: datetime | None) -> tuple[str, str]:
    """As instants are stamped, both included; empty where there is no bound. 422 where it ends before it begins."""
    _forwards(since, until)
    return stamp(since) if since else "", stamp(until) if until else ""


def days(since: date | None, until: date | None) -> tuple[str, str]:
    """The same of dates."""
    _forwards(since, until)
    return since.isoformat() if since else "", until.isoformat() if until else ""


def _forwards(since: date | None, until: date | None) -> None:
    if since and until and until < since:
        raise Problem(422, "PERIOD_INVALID", "the period ends before it begins")
