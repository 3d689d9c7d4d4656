"""What stipend shows of its own: an entitlement with its accruals and orders, a commitment, whose an EndToEndId is, open lines."""
from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel

from chassis.decide import Actor
from chassis.declare import Ask
from chassis.web.auth import allowed
from chassis.web.problems import DETAILS, Problem
from stipend.adapters import account_readings, payment_list
from stipend.adapters.kinds import COMMITMENT, END_TO_END, ENTITLEMENT, PAYMENT, STATEMENT, STATEMENT_LINE, line_key
from stipend.domain.entitlement import Entitlement
from stipend.domain.payment import Payment
from stipend.domain.statement import Statement

if TYPE_CHECKING:
    from chassis.service import Service

READERS = allowed("PAYMENT_OFFICER", "PAYMENT_APPROVER", "REPORTING_OFFICER", "AUDITOR", "SYSTEM")


class AccrualRead(BaseModel):
    """`approved_cents` is absent until it is approved."""

    accrual_id: str
    number: int
    period: int
    amount_cents: int
    approved_cents: int | None = None


class OrderRead(BaseModel):
    """`state`: ISSUED, TRANSMITTED, ACCEPTED, EXECUTED, STOPPED, REJECTED, RETURNED; `reason` why it failed or was stopped."""

    order_id: str
    accrual_id: str
    attempt: int
    amount_cents: int
    end_to_end_id: str
    state: str
    reason: str
    reconciled: bool


class StopRead(BaseModel):
    """What waits, `entitlement` or an accrual's id, and why."""

    what: str
    reason: str


class EntitlementRead(BaseModel):
    """What one person is owed for one internship, and what became of it."""

    entitlement_id: str
    case_id: str
    programme_id: str
    subject_id: str
    internship_id: str
    commitment_id: str
    policy_ref: str
    owed_cents: int
    accruals: list[AccrualRead]
    not_due: list[int]
    orders: list[OrderRead]
    stopped: list[StopRead]


class CommitmentRead(BaseModel):
    """`left_cents`: the amount less what its entitlements have accrued and are projected to (`domain.md` 13.17)."""

    commitment_id: str
    programme_id: str
    amount_cents: int
    left_cents: int
    binding: bool


class PaymentRead(BaseModel):
    """Whose an EndToEndId is."""

    entitlement_id: str
    order: OrderRead


class OpenLine(BaseModel):
    """A line of a statement that has closed no order."""

    line: int
    amount_cents: int
    booked_on: str
    end_to_end_id: str | None = None


def entitlement_read(own: Entitlement, payment: Payment) -> EntitlementRead:
    names = ("entitlement_id", "case_id", "programme_id", "subject_id", "internship_id", "commitment_id", "policy_ref", "owed_cents")
    accruals = [AccrualRead(accrual_id=i, number=a.number, period=a.period, amount_cents=a.amount_cents, approved_cents=a.approved_cents)
                for i, a in own.accruals.items()]
    return EntitlementRead(
        **{n: getattr(own, n) for n in names}, accruals=accruals, not_due=sorted(own.not_due),
        orders=[OrderRead.model_validate(o, from_attributes=True) for o in payment.orders.values()],
        stopped=[StopRead(what=what or "entitlement", reason=why) for what, why in sorted(payment.stops)])


def open_lines(ask: Ask, statement_id: str) -> list[OpenLine]:
    statement: Statement = ask.aggregate(STATEMENT, statement_id)
    return [OpenLine(line=n.line, amount_cents=n.amount_cents, booked_on=n.booked_on.isoformat(), end_to_end_id=n.end_to_end_id)
            for n in statement.lines if ask.owner(STATEMENT_LINE, line_key(statement_id, n.line)) is None]


def _not_found() -> Problem:
    return Problem(404, "NOT_FOUND", DETAILS[404])


def routes(service: Service) -> APIRouter:
    router = APIRouter()
    router.include_router(payment_list.routes(service))
    router.include_router(account_readings.routes(service))

    @router.get("/entitlements/{entitlement_id}", operation_id="readEntitlement", tags=["entitlement"], response_model_exclude_none=True)
    def read_entitlement(entitlement_id: UUID, actor: Actor = READERS) -> EntitlementRead:
        """An entitlement with its accruals and orders (scheda dell'indennità)."""
        ask = service.executor.asking(actor)
        own = ask.aggregate(ENTITLEMENT, str(entitlement_id))
        if not own.entitlement_id:
            raise _not_found()
        return entitlement_read(own, ask.aggregate(PAYMENT, own.entitlement_id))

    @router.get("/commitments/{commitment_id}", operation_id="readCommitment", tags=["commitment"])
    def read_commitment(commitment_id: UUID, actor: Actor = READERS) -> CommitmentRead:
        """A commitment, and what it has left (disponibilità dell'impegno)."""
        found = service.executor.asking(actor).aggregate(COMMITMENT, str(commitment_id))
        if not found.commitment_id:
            raise _not_found()
        return CommitmentRead.model_validate(found, from_attributes=True)

    @router.get("/payments/{end_to_end_id}", operation_id="readPayment", tags=["payment"])
    def read_payment(end_to_end_id: str, actor: Actor = READERS) -> PaymentRead:
        """The order that an EndToEndId stands for: where the treasurer's answers to it are sent."""
        ask = service.executor.asking(actor)
        owner = ask.owner(END_TO_END, end_to_end_id)
        order = ask.aggregate(PAYMENT, owner).by_end_to_end_id(end_to_end_id) if owner else None
        if owner is None or order is None:
            raise _not_found()
        return PaymentRead(entitlement_id=owner, order=OrderRead.model_validate(order, from_attributes=True))

    @router.get("/statements/{statement_id}/open-lines", operation_id="listOpenLines", tags=["statement"],
                response_model_exclude_none=True)
    def list_open_lines(statement_id: UUID, actor: Actor = READERS) -> list[OpenLine]:
        """The lines of a statement that closed no order: for a person to match by hand (partite da riconciliare)."""
        return open_lines(service.executor.asking(actor), str(statement_id))

    return router
