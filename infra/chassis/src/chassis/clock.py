"""The clock is a port. Instants are UTC, dates are Rome's."""
from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Protocol
from zoneinfo import ZoneInfo

ROME = ZoneInfo("Europe/Rome")


class Clock(Protocol):
    def now(self) -> datetime:
        """The instant, aware, in UTC."""
        ...


class WallClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class ScenarioClock:
    """Stands still until it is set, and never goes back. Before it is first set it shows the year 2000."""

    def __init__(self, start: datetime = datetime(2000, 1, 1, tzinfo=UTC)) -> None:
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        return self._now

    def set(self, instant: datetime) -> datetime:
        """Move to `instant`, or stay where an earlier one is asked for; what the clock shows then."""
        self._now = max(self._now, instant.astimezone(UTC))
        return self._now


def rome_date(instant: datetime) -> date:
    """The date in Rome at an instant."""
    return instant.astimezone(ROME).date()


def rome_midnight(day: date) -> datetime:
    """The instant at which a date begins in Rome."""
    return datetime.combine(day, time(), ROME).astimezone(UTC)


def stamp(instant: datetime) -> str:
    """As recorded everywhere: `YYYY-MM-DDTHH:MM:SS.ffffffZ`."""
    return instant.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"
