"""What a period is worth (calcolo dell'indennità): `domain.md` 3.2 over a policy that is data. Cents, hours; half up; no floats."""
from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

MODES = ("FLAT_THRESHOLD", "PRO_RATA_HOURS", "HOURLY_CAPPED")


@dataclass(frozen=True)
class Step:
    """`pay` of the base from ratio `start` (included) to `end` (excluded)."""

    start: Decimal
    end: Decimal
    pay: Decimal


@dataclass(frozen=True)
class StipendPolicy:
    """How periods are paid (R06 to R10), and the reference under which the policy is known. No mode: no such policy is known."""

    ref: str = ""
    mode: str = ""
    monthly: int = 0
    beyond_months: int | None = None
    beyond_amount: int | None = None
    max_monthly: int | None = None
    hourly_rate: int = 0
    threshold: Decimal = Decimal("0.70")
    below: str = "PRO_RATA"
    below_steps: tuple[Step, ...] = ()
    planned_hours_steps: tuple[Step, ...] = ()
    full_time_weekly_hours: Decimal | None = None


@dataclass(frozen=True)
class Hours:
    """Of one period: planned by the training project, planned on its active days, recognised by the register."""

    planned_full: Decimal
    planned: Decimal
    recognised: Decimal


@dataclass(frozen=True)
class Due:
    """An amount owed. `base_cents` is what it is computed from: of the period, or of an hour in HOURLY_CAPPED."""

    rule: str
    base_cents: int
    amount_cents: int


@dataclass(frozen=True)
class NotDue:
    """Nothing is owed: NOT_ACTIVE or BELOW_THRESHOLD_ZERO."""

    reason: str


def policy_from(stipend: Mapping[str, Any], ref: str) -> StipendPolicy:
    """The policy as a programme's configuration spells it: amounts in cents, ratios as strings; what is absent has its default."""
    names = ("mode", "beyond_months", "beyond_amount", "max_monthly", "hourly_rate", "below")
    given: dict[str, Any] = {n: stipend[n] for n in names if stipend.get(n) is not None}
    given |= {n: Decimal(stipend[n]) for n in ("threshold", "full_time_weekly_hours") if stipend.get(n) is not None}
    given |= {n: _steps(stipend.get(n) or ()) for n in ("below_steps", "planned_hours_steps")}
    return StipendPolicy(ref=ref, monthly=stipend.get("monthly_amount") or 0, **given)


def _steps(steps: Iterable[Mapping[str, Any]]) -> tuple[Step, ...]:
    return tuple(Step(Decimal(s["start"]), Decimal(s["end"]), Decimal(s["pay"])) for s in steps)


def half_up(cents: Decimal) -> int:
    return int(cents.to_integral_value(ROUND_HALF_UP))


def due(policy: StipendPolicy, hours: Hours, *, weekly_hours: Decimal, beyond: bool) -> Due | NotDue:
    """What is owed for a period. `beyond`: it begins after `beyond_months` of active time."""
    if hours.planned == 0:
        return NotDue("NOT_ACTIVE")
    if policy.mode == "HOURLY_CAPPED":
        worked = half_up(hours.recognised * policy.hourly_rate)
        capped = worked if policy.max_monthly is None else min(worked, policy.max_monthly)
        return Due("HOURLY_CAPPED", policy.hourly_rate, capped)
    base = _base(policy, hours, weekly_hours, beyond)
    if policy.mode == "PRO_RATA_HOURS":
        return Due("PRO_RATA_HOURS", base, half_up(base * hours.recognised / hours.planned))
    if hours.recognised >= policy.threshold * hours.planned:
        return Due("FLAT_THRESHOLD", base, base)
    return _below(policy, hours, base)


def _base(policy: StipendPolicy, hours: Hours, weekly_hours: Decimal, beyond: bool) -> int:
    base = policy.beyond_amount if beyond and policy.beyond_amount is not None else policy.monthly
    if policy.planned_hours_steps and policy.full_time_weekly_hours:
        step = _step(policy.planned_hours_steps, weekly_hours, policy.full_time_weekly_hours)
        base = base if step is None else half_up(base * step.pay)
    if hours.planned < hours.planned_full:
        base = half_up(base * hours.planned / hours.planned_full)
    return base


def _below(policy: StipendPolicy, hours: Hours, base: int) -> Due | NotDue:
    if policy.below == "PRO_RATA":
        return Due("PRO_RATA", base, half_up(base * hours.recognised / hours.planned))
    step = _step(policy.below_steps, hours.recognised, hours.planned) if policy.below == "STEP" else None
    return NotDue("BELOW_THRESHOLD_ZERO") if step is None else Due("STEP", base, half_up(base * step.pay))


def _step(steps: tuple[Step, ...], part: Decimal, whole: Decimal) -> Step | None:
    return next((s for s in steps if s.start * whole <= part < s.end * whole), None)


def months_after(day: date, months: int) -> date:
    """The same day some months later, clamped to the end of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def is_beyond(policy: StipendPolicy, start: date, period_begins: date, suspended_days: int) -> bool:
    """Whether a period begins after `beyond_months` of active time; suspended days before it do not count."""
    if policy.beyond_months is None:
        return False
    return period_begins - timedelta(days=suspended_days) >= months_after(start, policy.beyond_months)
