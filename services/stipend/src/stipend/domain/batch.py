"""A payment file (distinta): orders of many cases that went to the bank together. Each case hears of its own orders."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from chassis.decide import OccurredOn, Refused
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
class Payments:
    """The payments of every entitlement that the file names, and the file that has its MsgId already."""

    by_entitlement: Mapping[str, Payment] = field(default_factory=dict)
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
    found = [issued(payments, order) for order in orders]
    total = sum(order.amount_cents for order in found)
    parts = [PaymentBatchTransmitted(entitlement, batch_id, msg_id, len(orders), total,
                                     tuple(o.order_id for o in orders if o.entitlement_id == entitlement), file_digest)
             for entitlement in dict.fromkeys(o.entitlement_id for o in orders)]
    return [BatchClosed(batch_id, msg_id, len(orders), total), *parts]


def issued(payments: Payments, named: BatchOrder) -> Order:
    """The order of that name, if it may be sent to the bank."""
    payment = payments.by_entitlement.get(named.entitlement_id, Payment())
    order = payment.orders.get(named.order_id)
    if order is None or payment.stopped(order.accrual_id, order.order_id):
        raise Refused("INVALID_TRANSITION", f"order {named.order_id} is stopped, or not of that entitlement")
    if order.state != "ISSUED":
        raise Refused("ALREADY_TRANSMITTED", f"order {named.order_id} is {order.state}")
    return order
