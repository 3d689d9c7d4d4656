"""What the bank answers to an order, and what a person finds on a statement: decisions on payments already transmitted."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from chassis.decide import OccurredOn, Private, Refused, refuse
from stipend.domain.entitlement import Entitlement, recovery
from stipend.domain.forms import Reference
from stipend.domain.payment import (
    ACCOUNT_FAULT,
    ACCOUNT_FAULTS,
    FAULTY,
    Order,
    Payment,
    PaymentAccepted,
    PaymentReconciled,
    PaymentRejected,
    PaymentReturned,
    StipendPaid,
    StipendStopped,
)
from stipend.domain.statement import StatementLine

RejectReason = Literal["AC01", "AC04", "AC06", "AGNT", "AM01", "AM02", "AM03", "AM05", "AM10", "AM18", "BE01", "BE09", "CH03", "CH04",
                       "OTHER"]
ReturnReason = Literal["AC01", "AC04", "AC06", "AM05", "BE01", "FOCR", "MD07", "MS02", "MS03", "RR01", "RR02", "RR03", "RR04", "OTHER"]


@dataclass(frozen=True)
class LineHolder:
    """A line of a statement, None where there is no such statement or no such line, and the order that it has closed."""

    order_id: str | None
    line: StatementLine | None = None


BankRef = Annotated[str, Private("bank")]


def accept_payment(state: Payment, *, entitlement_id: str, order_id: str, accepted_on: OccurredOn, bank_ref: BankRef = "") -> list[Any]:
    """The bank takes a transmitted order in charge (presa in carico)."""
    order = _order(state, order_id, "TRANSMITTED", "ACCEPTED", "EXECUTED")
    return [PaymentAccepted(entitlement_id, order_id, bank_ref)] if order.state == "TRANSMITTED" else []


def reject_payment(state: Payment, *, entitlement_id: str, order_id: str, reason_code: RejectReason,
                   rejected_on: OccurredOn) -> list[Any]:
    """The bank refuses an order before settlement (scarto). After a fault of the account, further payments are stopped."""
    order = _order(state, order_id, "TRANSMITTED", "ACCEPTED", "REJECTED")
    if order.state == "REJECTED":
        return []
    return [PaymentRejected(entitlement_id, order_id, reason_code), *_stop(state, entitlement_id, reason_code)]


def confirm_execution(state: Payment, *, entitlement_id: str, order_id: str, executed_on: OccurredOn, entitlement: Entitlement,
                      bank_ref: BankRef = "") -> list[Any]:
    """The bank has executed an order (esito di pagamento): the participant is paid. What is beyond the accrual by now is asked back."""
    order = _order(state, order_id, "TRANSMITTED", "ACCEPTED", "EXECUTED", "RETURNED")
    if order.state in ("EXECUTED", "RETURNED"):
        return []
    paid = state.paid_cents(order.accrual_id) + order.amount_cents
    return [StipendPaid(entitlement_id, order_id, order.accrual_id, order.end_to_end_id, order.amount_cents, executed_on, bank_ref),
            *recovery(entitlement, order.accrual_id, paid, "PAYMENT_EXECUTED")]


def record_return(state: Payment, *, entitlement_id: str, end_to_end_id: Reference, amount_cents: int, reason_code: ReturnReason,
                  returned_on: OccurredOn, entitlement: Entitlement) -> list[Any]:
    """An executed transfer came back (storno), and is asked back no more. After a fault of the account, further payments are stopped."""
    order = state.by_end_to_end_id(end_to_end_id)
    if order is None:
        raise Refused("UNKNOWN_END_TO_END_ID", "no order of this entitlement has that EndToEndId")
    if order.state == "RETURNED":
        return []
    refuse(
        Refused("INVALID_TRANSITION", f"the order is {order.state}, not executed") if order.state != "EXECUTED" else None,
        Refused("RETURN_AMOUNT_MISMATCH", f"{order.amount_cents} cents were paid") if amount_cents != order.amount_cents else None)
    returned = PaymentReturned(entitlement_id, order.order_id, order.accrual_id, end_to_end_id, amount_cents, reason_code, returned_on)
    paid = state.paid_cents(order.accrual_id) - amount_cents
    return [returned, *_stop(state, entitlement_id, reason_code), *recovery(entitlement, order.accrual_id, paid, "PAYMENT_RETURNED")]


def reconcile_payment(state: Payment, *, entitlement_id: str, order_id: str, statement_id: str, line: int,
                      reconciled_on: OccurredOn, holder: LineHolder) -> list[Any]:
    """Say by hand which line of a statement an executed order is (riconciliazione manuale)."""
    order = _order(state, order_id, "EXECUTED", "RETURNED")
    if order.reconciled:
        return []
    if holder.order_id:
        raise Refused("INVALID_TRANSITION", f"this line has closed order {holder.order_id}; one line closes one order")
    _same_payment(order, holder.line)
    return [PaymentReconciled(entitlement_id, order_id, statement_id, line, "MANUAL")]


def _same_payment(order: Order, line: StatementLine | None) -> None:
    """A line may be the order's if it is of its amount and speaks of no other payment."""
    if line is None:
        raise Refused("INVALID_TRANSITION", "there is no such line: import its statement first, and name the line by its number there")
    other = line.end_to_end_id not in (None, order.end_to_end_id)
    refuse(
        Refused("INVALID_TRANSITION", f"line {line.line} is of {line.amount_cents} cents, the order of {order.amount_cents}")
        if line.amount_cents != order.amount_cents else None,
        Refused("INVALID_TRANSITION", f"line {line.line} is of payment {line.end_to_end_id}, the order is {order.end_to_end_id}")
        if other else None)


def _order(state: Payment, order_id: str, *states: str) -> Order:
    order = state.orders.get(order_id)
    if order is None or order.state not in states:
        found = order.state if order else "unknown"
        raise Refused("INVALID_TRANSITION", f"the order is {found}; it would have to be {' or '.join(states)}")
    return order


def _stop(state: Payment, entitlement_id: str, reason_code: str) -> list[StipendStopped]:
    if reason_code not in ACCOUNT_FAULTS or FAULTY in state.stops:
        return []
    return [StipendStopped(entitlement_id, state.case_id, state.programme_id, state.subject_id, ACCOUNT_FAULT)]
