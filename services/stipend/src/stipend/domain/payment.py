"""What was ordered, paid and returned of one entitlement (pagamenti): events and state. Decided in `orders` and `treasurer`."""
from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Annotated

from chassis.decide import Private

ACCOUNT_FAULTS = ("AC01", "AC04", "AC06", "BE01")
"""Reasons that only new bank details cure."""
ACCOUNT_FAULT = "ACCOUNT_FAULT"
"""The reason of a stop that such a return sets."""
WHOLE = ""
"""Stands for the entitlement itself among what is stopped."""
FAULTY = (WHOLE, ACCOUNT_FAULT)
"""The stop that waits for another account: the one that a re-issue lifts."""


@dataclass(frozen=True)
class PaymentOrderIssued:
    entitlement_id: str
    case_id: str
    programme_id: str
    subject_id: str
    order_id: str
    accrual_id: str
    attempt: int
    amount_cents: int
    end_to_end_id: str
    rail: str
    details_id: str
    issued_by: str
    mandate_no: str | None = None


@dataclass(frozen=True)
class PaymentReissued:
    entitlement_id: str
    order_id: str
    reissue_of: str
    accrual_id: str
    attempt: int
    amount_cents: int
    end_to_end_id: str
    rail: str
    details_id: str
    issued_by: str
    reason_cleared: str
    mandate_no: str | None = None


@dataclass(frozen=True)
class PaymentBatchTransmitted:
    entitlement_id: str
    batch_id: str
    msg_id: str
    count: int
    control_sum_cents: int
    orders: tuple[str, ...]
    file_digest: str


@dataclass(frozen=True)
class PaymentAccepted:
    entitlement_id: str
    order_id: str
    bank_ref: Annotated[str, Private("bank")] = ""


@dataclass(frozen=True)
class PaymentRejected:
    entitlement_id: str
    order_id: str
    reason_code: str


@dataclass(frozen=True)
class StipendPaid:
    entitlement_id: str
    order_id: str
    accrual_id: str
    end_to_end_id: str
    amount_cents: int
    executed_on: date
    bank_ref: Annotated[str, Private("bank")] = ""


@dataclass(frozen=True)
class PaymentReturned:
    entitlement_id: str
    order_id: str
    accrual_id: str
    end_to_end_id: str
    amount_cents: int
    reason_code: str
    returned_on: date


@dataclass(frozen=True)
class PaymentReconciled:
    entitlement_id: str
    order_id: str
    statement_id: str
    line: int
    rule: str


@dataclass(frozen=True)
class StipendStopped:
    entitlement_id: str
    case_id: str
    programme_id: str
    subject_id: str
    reason: str
    accrual_id: str | None = None
    order_id: str | None = None
    note: Annotated[str, Private("casework")] = ""


@dataclass(frozen=True)
class StipendStopLifted:
    """`stopped_for` is the reason of the stop that is lifted; without it, of every one of the entitlement or the accrual."""

    entitlement_id: str
    reason: str
    accrual_id: str | None = None
    order_id: str | None = None
    note: Annotated[str, Private("casework")] = ""
    stopped_for: str | None = None


@dataclass(frozen=True)
class ExecutionAwaited:
    """A statement names an order that the bank has not said it executed. Not spoken: once it has, that line closes it."""

    entitlement_id: str
    order_id: str
    statement_id: str


Event = (PaymentOrderIssued | PaymentReissued | PaymentBatchTransmitted | PaymentAccepted | PaymentRejected | StipendPaid
         | PaymentReturned | PaymentReconciled | StipendStopped | StipendStopLifted | ExecutionAwaited)


@dataclass(frozen=True)
class Order:
    """`state`: ISSUED, TRANSMITTED, ACCEPTED, EXECUTED, STOPPED, REJECTED, RETURNED. The last three give its money back to the accrual.

    `awaited_by`: a statement that names it, imported before the bank said that it was executed.
    """

    order_id: str
    accrual_id: str
    attempt: int
    amount_cents: int
    end_to_end_id: str
    rail: str
    details_id: str
    state: str = "ISSUED"
    reason: str = ""
    reconciled: bool = False
    awaited_by: str = ""

    @property
    def failed(self) -> bool:
        return self.state in ("REJECTED", "RETURNED")


@dataclass(frozen=True)
class Payment:
    """`stops`: what is stopped (the entitlement, accruals), and why. A stopped order is at its end."""

    case_id: str = ""
    programme_id: str = ""
    subject_id: str = ""
    orders: Mapping[str, Order] = field(default_factory=dict)
    stops: frozenset[tuple[str, str]] = frozenset()

    def ordered_cents(self, accrual_id: str) -> int:
        """What the accrual's orders amount to, those apart that were stopped, rejected or returned."""
        return sum(o.amount_cents for o in self.orders.values() if o.accrual_id == accrual_id and not o.failed and o.state != "STOPPED")

    def paid_cents(self, accrual_id: str) -> int:
        return sum(o.amount_cents for o in self.orders.values() if o.accrual_id == accrual_id and o.state == "EXECUTED")

    def next_attempt(self, accrual_id: str) -> int:
        return 1 + sum(o.accrual_id == accrual_id for o in self.orders.values())

    def by_end_to_end_id(self, end_to_end_id: str) -> Order | None:
        return next((o for o in self.orders.values() if o.end_to_end_id == end_to_end_id), None)

    def stopped(self, accrual_id: str, *, but: Collection[tuple[str, str]] = ()) -> bool:
        """Whether the entitlement or the accrual is stopped; the stops in `but` apart."""
        return any(what in (WHOLE, accrual_id) for what, _ in self.stops.difference(but))


def evolve(state: Payment, event: Event) -> Payment:
    match event:
        case PaymentOrderIssued() | PaymentReissued():
            return _ordered(state, event)
        case PaymentBatchTransmitted():
            return _moved(state, event.orders, state="TRANSMITTED")
        case PaymentAccepted():
            return _moved(state, [event.order_id], state="ACCEPTED")
        case PaymentRejected() | PaymentReturned():
            failed = "REJECTED" if isinstance(event, PaymentRejected) else "RETURNED"
            return _moved(state, [event.order_id], state=failed, reason=event.reason_code)
        case StipendPaid():
            return _moved(state, [event.order_id], state="EXECUTED")
        case PaymentReconciled():
            return _moved(state, [event.order_id], reconciled=True)
        case StipendStopped():
            return _stopped(state, event)
        case StipendStopLifted():
            return _lifted(state, event)
        case ExecutionAwaited():
            return _moved(state, [event.order_id], awaited_by=event.statement_id)


def _stopped(state: Payment, event: StipendStopped) -> Payment:
    state = replace(state, case_id=event.case_id, programme_id=event.programme_id, subject_id=event.subject_id)
    if event.order_id:
        return _moved(state, [event.order_id], state="STOPPED", reason=event.reason)
    return replace(state, stops=state.stops | {(event.accrual_id or WHOLE, event.reason)})


def _lifted(state: Payment, event: StipendStopLifted) -> Payment:
    """Nothing where it names an order, as it once could: a stopped order is at its end."""
    what = event.order_id or event.accrual_id or WHOLE
    return replace(state, stops=frozenset(stop for stop in state.stops if stop[0] != what or event.stopped_for not in (None, stop[1])))


def _ordered(state: Payment, event: PaymentOrderIssued | PaymentReissued) -> Payment:
    order = Order(event.order_id, event.accrual_id, event.attempt, event.amount_cents, event.end_to_end_id, event.rail,
                  event.details_id)
    if isinstance(event, PaymentOrderIssued):
        state = replace(state, case_id=event.case_id, programme_id=event.programme_id, subject_id=event.subject_id)
    return replace(state, orders={**state.orders, event.order_id: order})


def _moved(payment: Payment, order_ids: Iterable[str], **changes: object) -> Payment:
    moved = {i: replace(payment.orders[i], **changes) for i in order_ids if i in payment.orders}  # type: ignore[arg-type]
    return replace(payment, orders={**payment.orders, **moved})
