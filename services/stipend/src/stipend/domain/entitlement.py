"""What one participant is owed for one internship (indennità di partecipazione): opened, accrued, adjusted, approved.

Events and state. Decided in `accruals` and `approval`.
"""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Annotated

from chassis.decide import Private
from stipend.domain.accrual import Due, Hours, NotDue, StipendPolicy, due, is_beyond
from stipend.domain.known import Internship, Period, Validated


@dataclass(frozen=True)
class StipendEntitlementOpened:
    entitlement_id: str
    case_id: str
    programme_id: str
    subject_id: str
    policy_ref: str
    internship_id: str
    commitment_id: str
    starts: date
    projected_cents: int


@dataclass(frozen=True)
class StipendAccrued:
    entitlement_id: str
    policy_ref: str
    accrual_id: str
    number: int
    period: int
    starts: date
    ends: date
    planned_full: Decimal
    planned_hours: Decimal
    recognised_hours: Decimal
    ratio: Decimal
    rule: str
    base_cents: int
    amount_cents: int
    validated_fact: str
    share_cents: int | None = None


@dataclass(frozen=True)
class StipendNotDue:
    entitlement_id: str
    policy_ref: str
    period: int
    starts: date
    ends: date
    reason: str
    validated_fact: str
    share_cents: int | None = None


@dataclass(frozen=True)
class StipendAdjusted:
    """`rule`, `base_cents`, `ratio`, hours: what the new amount is computed from; `rule` is a reason of NotDue where nothing is owed now.

    `corrected_fact` is the AttendanceCorrected it rests on, None where the register was not corrected. All None in the first of them.
    """

    entitlement_id: str
    policy_ref: str
    accrual_id: str
    delta_cents: int
    new_amount_cents: int
    recognised_hours: Decimal
    reason: str
    note: Annotated[str, Private("casework")] = ""
    share_cents: int | None = None
    rule: str | None = None
    base_cents: int | None = None
    ratio: Decimal | None = None
    planned_hours: Decimal | None = None
    corrected_fact: str | None = None


@dataclass(frozen=True)
class StipendProjected:
    """What is to come was reckoned anew, and with it the entitlement's share of its commitment."""

    entitlement_id: str
    policy_ref: str
    share_cents: int


@dataclass(frozen=True)
class StipendApproved:
    entitlement_id: str
    accrual_id: str
    act_no: str
    amount_cents: int
    approved_by: str


@dataclass(frozen=True)
class RecoveryRequested:
    """`amount_cents` more is asked back than before; where it is negative, less."""

    entitlement_id: str
    amount_cents: int
    cause: str
    accrual_ids: tuple[str, ...]


Event = (StipendEntitlementOpened | StipendAccrued | StipendNotDue | StipendAdjusted | StipendProjected | StipendApproved
         | RecoveryRequested)


@dataclass(frozen=True)
class Accrual:
    """`amount_cents` as last adjusted; `approved_cents` None until approved; `asked_back_cents` was paid beyond it."""

    number: int
    period: int
    amount_cents: int
    approved_cents: int | None = None
    approvers: frozenset[str] = frozenset()
    asked_back_cents: int = 0

    @property
    def payable_cents(self) -> int:
        """What its orders may come to."""
        return min(self.approved_cents or 0, self.amount_cents)


@dataclass(frozen=True)
class Entitlement:
    entitlement_id: str = ""
    case_id: str = ""
    programme_id: str = ""
    subject_id: str = ""
    policy_ref: str = ""
    internship_id: str = ""
    commitment_id: str = ""
    accruals: Mapping[str, Accrual] = field(default_factory=dict)
    not_due: frozenset[int] = frozenset()

    @property
    def settled(self) -> frozenset[int]:
        """The periods that were accrued or are not due."""
        return self.not_due | {a.period for a in self.accruals.values()}

    @property
    def owed_cents(self) -> int:
        return sum(a.amount_cents for a in self.accruals.values())


def evolve(state: Entitlement, event: Event) -> Entitlement:
    match event:
        case StipendEntitlementOpened():
            return replace(state, **{n: getattr(event, n) for n in (
                "entitlement_id", "case_id", "programme_id", "subject_id", "policy_ref", "internship_id", "commitment_id")})
        case StipendAccrued():
            accrued = _with(state, event.accrual_id, Accrual(event.number, event.period, event.amount_cents))
            return replace(accrued, not_due=state.not_due - {event.period})
        case StipendNotDue():
            return replace(state, not_due=state.not_due | {event.period})
        case StipendAdjusted() if event.accrual_id in state.accruals:
            adjusted = replace(state.accruals[event.accrual_id], amount_cents=event.new_amount_cents)
            return _with(state, event.accrual_id, adjusted)
        case StipendApproved() if event.accrual_id in state.accruals:
            accrual = state.accruals[event.accrual_id]
            approvers = accrual.approvers | {event.approved_by}
            return _with(state, event.accrual_id, replace(accrual, approved_cents=event.amount_cents, approvers=approvers))
        case RecoveryRequested():
            asked = {i: replace(a, asked_back_cents=a.asked_back_cents + event.amount_cents)
                     for i, a in state.accruals.items() if i in event.accrual_ids}
            return replace(state, accruals={**state.accruals, **asked})
        case _:
            return state


def _with(state: Entitlement, accrual_id: str, accrual: Accrual) -> Entitlement:
    return replace(state, accruals={**state.accruals, accrual_id: accrual})


def recovery(state: Entitlement, accrual_id: str, paid_cents: int, cause: str) -> list[RecoveryRequested]:
    """What was paid beyond the accrual is asked back; of what is no longer beyond it, so much less."""
    accrual = state.accruals.get(accrual_id, Accrual(0, 0, paid_cents))
    change = max(0, paid_cents - accrual.amount_cents) - accrual.asked_back_cents
    return [RecoveryRequested(state.entitlement_id, change, cause, (accrual_id,))] if change else []


def worth(policy: StipendPolicy, internship: Internship, validated: Validated) -> Due | NotDue:
    """What a validated period is worth."""
    hours = Hours(validated.planned_full, validated.planned, validated.recognised)
    if hours.planned == 0 and internship.suspended_in(validated.starts, validated.ends):
        return NotDue("SUSPENDED")
    return _worth(policy, internship, validated.starts, hours)


def share_cents(state: Entitlement, policy: StipendPolicy, internship: Internship) -> int:
    """Owed, and projected at full attendance for every period neither accrued nor not due (`domain.md` 13.17)."""
    to_come = [p for number, p in internship.periods.items() if number not in state.settled and not _over(internship, p)]
    projected = (_worth(policy, internship, p.starts, Hours(p.full, p.planned, p.planned)) for p in to_come)
    return state.owed_cents + sum(p.amount_cents for p in projected if isinstance(p, Due))


def _over(internship: Internship, period: Period) -> bool:
    return internship.last_day is not None and internship.last_day < period.starts


def _worth(policy: StipendPolicy, internship: Internship, starts: date, hours: Hours) -> Due | NotDue:
    """By the amount that the PFI was signed with: the policy bounds it (R07), and where it does not, they are the same."""
    beyond = is_beyond(policy, internship.start, starts, internship.suspended_days_before(starts))
    signed = policy if internship.monthly_cents is None else replace(policy, monthly=internship.monthly_cents)
    return due(signed, hours, weekly_hours=internship.weekly_hours, beyond=beyond)
