"""A payment file (distinta): orders of many cases that went to the bank together. Each case hears of its own orders."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from chassis.decide import OccurredOn, Refused
from stipend.domain.bank import BankDetails
from stipend.domain.entitlement import Accrual, Entitlement
from stipend.domain.forms import Digest, Reference
from stipend.domain.payment import Order, Payment, PaymentBatchTransmitted


@dataclass(frozen=True)
class BatchOrder:
    entitlement_id: str
    order_id: str


@dataclass(frozen=True)
class BatchClosed:
    """The file as a whole. Not spoken: what is said of it is said to each case."""

    batch_id: str
    msg_id: str
    count: int
    control_sum_cents: int


Event = BatchClosed


@dataclass(frozen=True)
class Batch:
    msg_id: str | None = None


@dataclass(frozen=True)
class Owed:
    """The payments of one entitlement, what is owed by it, and where its participant is paid."""

    payment: Payment = field(default_factory=Payment)
    entitlement: Entitlement = field(default_factory=Entitlement)
    bank: BankDetails = field(default_factory=BankDetails)


@dataclass(frozen=True)
class Payments:
    """What is known of every entitlement that the file names, and the file that has its MsgId already."""

    by_entitlement: Mapping[str, Owed] = field(default_factory=dict)
    batch_of_message: str | None = None


def evolve(state: Batch, event: Event) -> Batch:
    return Batch(event.msg_id)


def transmit_payment_batch(state: Batch, *, batch_id: str, msg_id: Reference, orders: list[BatchOrder], file_digest: Digest,
                           transmitted_on: OccurredOn, payments: Payments) -> list[Any]:
    """Send issued orders to the bank in one file. `file_digest` is that of the payment list printed before."""
    if state.msg_id:
        return []
    if payments.batch_of_message:
        raise Refused("ALREADY_TRANSMITTED", f"MsgId {msg_id} is that of file {payments.batch_of_message}")
    if not orders or len({o.order_id for o in orders}) < len(orders):
        raise Refused("INVALID_TRANSITION", "a payment file has orders, each of them once")
    found = [issued(payments.by_entitlement.get(order.entitlement_id, Owed()), order.order_id) for order in orders]
    total = sum(order.amount_cents for order in found)
    parts = [PaymentBatchTransmitted(entitlement, batch_id, msg_id, len(orders), total,
                                     tuple(o.order_id for o in orders if o.entitlement_id == entitlement), file_digest)
             for entitlement in dict.fromkeys(o.entitlement_id for o in orders)]
    return [BatchClosed(batch_id, msg_id, len(orders), total), *parts]


def issued(owed: Owed, order_id: str) -> Order:
    """The order of that id, if it may be sent to the bank: as it stands now, not as it stood when it was issued."""
    order = owed.payment.orders.get(order_id)
    if order is None or order.state == "STOPPED" or owed.payment.stopped(order.accrual_id):
        raise Refused("INVALID_TRANSITION", f"order {order_id} is stopped, or not of that entitlement")
    if order.state != "ISSUED":
        raise Refused("ALREADY_TRANSMITTED", f"order {order_id} is {order.state}")
    if order.details_id != owed.bank.current:
        raise Refused("INVALID_TRANSITION", f"the account of order {order_id} is not the participant's any more: stop it, issue another")
    accrual = owed.entitlement.accruals.get(order.accrual_id, Accrual(0, 0, 0))
    if owed.payment.ordered_cents(order.accrual_id) > accrual.payable_cents:
        raise Refused("OVERPAYMENT", f"accrual {accrual.number} has come down to {accrual.payable_cents} cents: stop order {order_id}")
    return order
