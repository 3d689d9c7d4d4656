"""The list a treasurer is given (distinta di pagamento): names asked of intake at that moment, IBANs unsealed, none of it kept.

It is made before its file is transmitted; the transmission carries its digest (`design.md` 8).
"""
from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

import httpx
from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from chassis.clock import stamp
from chassis.decide import Actor, Refused
from chassis.declare import Ask
from chassis.record import ERASED
from chassis.sealing import newest_heads
from chassis.web.auth import allowed
from chassis.web.problems import Problem, later
from stipend.adapters import account_readings
from stipend.adapters.kinds import COMMITMENT
from stipend.adapters.looks import owed
from stipend.domain.batch import issued

if TYPE_CHECKING:
    from chassis.service import Service

SECONDS = 5.0
PRINTERS = allowed("PAYMENT_OFFICER", "PAYMENT_APPROVER")
NameOf = Callable[[str], str]


class Named(BaseModel):
    """An order to be listed."""

    model_config = ConfigDict(extra="forbid")
    entitlement_id: str
    order_id: str


class Asked(BaseModel):
    """The orders of the file to be."""

    model_config = ConfigDict(extra="forbid")
    orders: list[Named] = Field(min_length=1, max_length=5000)


class Line(BaseModel):
    """One order, as the bank needs it. `reason` says nothing of why the person is paid."""

    entitlement_id: str
    order_id: str
    end_to_end_id: str
    payee: str
    iban: str
    amount_cents: int
    reason: str


class SealedHeadLine(BaseModel):
    """The newest seal of a source, and its head of one trail (estremi del sigillo): printed, it leaves the house with the list."""

    model_config = ConfigDict(from_attributes=True)
    source: str
    tenant: str
    seal: int
    sealed_at: str
    incarnation: int
    position: int
    programme: str
    number: int
    head: str
    fingerprint: str


class PaymentList(BaseModel):
    """`file_digest` is keyed, over the lines: the transmission of the file carries it. `heads`: to be printed at its foot."""

    lines: list[Line]
    count: int
    control_sum_cents: int
    file_digest: str
    heads: list[SealedHeadLine] = []


def line_of(ask: Ask, named: Named, name_of: NameOf) -> Line:
    """One line; refused where the order is stopped, transmitted already, or of a person who was forgotten."""
    found = owed(ask, named.entitlement_id)
    order = issued(found, named.order_id)
    account = found.bank.accounts[order.details_id]
    if account.iban == ERASED:
        raise Refused("SUBJECT_ERASED", "the bank details of this person have been erased")
    commitment = ask.aggregate(COMMITMENT, found.entitlement.commitment_id)
    reason = f"Indennita rif {order.end_to_end_id}" + (f" CUP {commitment.cup}" if commitment.cup else "")
    return Line(entitlement_id=named.entitlement_id, order_id=order.order_id, end_to_end_id=order.end_to_end_id,
                payee=account.holder or name_of(found.payment.subject_id), iban=account.iban, amount_cents=order.amount_cents,
                reason=reason)


def listed(ask: Ask, asked: Asked, name_of: NameOf) -> PaymentList:
    lines = [line_of(ask, named, name_of) for named in asked.orders]
    plain = json.dumps([line.model_dump() for line in lines], sort_keys=True, separators=(",", ":"))
    return PaymentList(lines=lines, count=len(lines), control_sum_cents=sum(line.amount_cents for line in lines),
                       file_digest=ask.mac("payment-list", plain))


def programmes_of(ask: Ask, asked: Asked) -> set[str]:
    """The programmes that the listed orders are of."""
    return {owed(ask, named.entitlement_id).entitlement.programme_id for named in asked.orders}


def heads_of(service: Service, actor: Actor, programmes: set[str]) -> list[SealedHeadLine]:
    """The newest sealed heads of all sources, as far as this service knows them."""
    found = newest_heads(service.sealer.own, service.declared.name, service.database, actor.tenant, programmes)
    return [SealedHeadLine.model_validate(one) for one in found]


def names_at(intake: httpx.Client, authorization: str) -> NameOf:
    """Asks intake who a subject is, with the reader's own token; intake records the reading."""

    def name_of(subject_id: str) -> str:
        try:
            answer = intake.post(f"/subjects/{subject_id}/identity-readings", json={"purpose": "PAYMENT_ORDER"},
                                 headers={"Authorization": authorization})
        except httpx.TransportError:
            raise later("INTAKE_AWAY", "intake, which knows the names, does not answer", 5, "print the list again later") from None
        if answer.status_code >= 500:
            raise later("INTAKE_AWAY", "intake, which knows the names, cannot answer now", 5, "print the list again later")
        if answer.is_error:
            said = answer.json()
            raise Problem(answer.status_code, said["code"], said["detail"])
        who = answer.json()
        return f"{who['family_name']} {who['given_name']}"

    return name_of


def routes(service: Service) -> APIRouter:
    router = APIRouter(tags=["payment-file"])

    @router.post("/payment-lists", operation_id="printPaymentList", openapi_extra={"x-refusals": ["SUBJECT_ERASED"]})
    def print_payment_list(body: Asked, request: Request, actor: Actor = PRINTERS) -> PaymentList:
        """The list of these issued orders, with names and accounts, to be made into the bank's file. Nothing of it is kept; that it was
        read is recorded before the answer."""
        base = service.settings.peers.get("intake")
        if base is None:
            raise Problem(503, "INTAKE_NOT_CONFIGURED", "this service is not told where intake is: set its PEERS")
        with httpx.Client(base_url=base, timeout=SECONDS) as intake:
            ask = service.executor.asking(actor)
            made = listed(ask, body, names_at(intake, request.headers["authorization"]))
        read_at = stamp(service.executor.now())
        account_readings.keep(service.database, actor, read_at, [(line.entitlement_id, line.order_id) for line in made.lines])
        return made.model_copy(update={"heads": heads_of(service, actor, programmes_of(ask, body))})

    return router
