"""Decisions on payment orders (mandati): issue, re-issue, stop, lift a stop. Who approved an accrual never orders its payment."""
from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from typing import Annotated, Any, Literal

from chassis.decide import Actor, OccurredOn, Private, Refused, refuse
from stipend.domain.bank import BankDetails
from stipend.domain.commitment import Commitment
from stipend.domain.entitlement import Accrual, Entitlement
from stipend.domain.forms import ActNo
from stipend.domain.known import Case, Programme
from stipend.domain.payment import (
    ACCOUNT_FAULT,
    ACCOUNT_FAULTS,
    FAULTY,
    WHOLE,
    Order,
    Payment,
    PaymentOrderIssued,
    PaymentReissued,
    StipendStopLifted,
    StipendStopped,
)
from stipend.domain.tax import TaxTreatment

Rail = Literal["OPI", "SEPA"]
StopReason = Literal["REGISTER_NOT_COUNTERSIGNED", "UNDER_INVESTIGATION", "ACCOUNT_FAULT", "WRONG_AMOUNT", "CASE_MANAGER_ASKED", "OTHER"]
LiftReason = Literal["REGISTER_COUNTERSIGNED", "CLEARED", "NEW_BANK_DETAILS", "OTHER"]


@dataclass(frozen=True)
class Payee:
    """All that an order must satisfy besides its own accrual: account, tax, money, registrations."""

    bank: BankDetails
    tax: TaxTreatment
    commitment: Commitment
    case: Case
    programme: Programme


def issue_payment_order(state: Payment, *, entitlement_id: str, order_id: str, accrual_id: str, amount_cents: int, rail: Rail,
                        issued_on: OccurredOn, actor: Actor, entitlement: Entitlement, payee: Payee,
                        mandate_no: ActNo | None = None) -> list[Any]:
    """Order the payment of an approved accrual, or of what an adjustment added to it. EndToEndId `{programme}-A{n}-{attempt}`."""
    if order_id in state.orders:
        return []
    accrual = _approved(entitlement, accrual_id)
    refuse(_stopped(state, accrual_id), _too_much(state, accrual, accrual_id, amount_cents), _same(accrual, actor),
           *_hindrances(payee, issued_on))
    attempt = state.next_attempt(accrual_id)
    return [PaymentOrderIssued(entitlement_id, entitlement.case_id, entitlement.programme_id, entitlement.subject_id, order_id,
                               accrual_id, attempt, amount_cents, end_to_end_id(entitlement.programme_id, accrual.number, attempt),
                               rail, payee.bank.current, actor.user, mandate_no)]


def reissue_payment(state: Payment, *, entitlement_id: str, order_id: str, reissue_of: str, reissued_on: OccurredOn, actor: Actor,
                    entitlement: Entitlement, payee: Payee, mandate_no: ActNo | None = None) -> list[Any]:
    """Order again what was rejected or returned; after a fault of the account, to another one that was verified since."""
    if order_id in state.orders:
        return []
    failed = state.orders.get(reissue_of)
    if failed is None or not failed.failed:
        raise Refused("NOT_RETURNED", "only a rejected or returned order is issued again")
    accrual = _approved(entitlement, failed.accrual_id)
    refuse(_stopped(state, failed.accrual_id, but=(FAULTY,)),
           _too_much(state, accrual, failed.accrual_id, failed.amount_cents), _same(accrual, actor),
           _unchanged(state, failed, payee.bank), *_hindrances(payee, reissued_on))
    attempt = state.next_attempt(failed.accrual_id)
    again = PaymentReissued(entitlement_id, order_id, reissue_of, failed.accrual_id, attempt, failed.amount_cents,
                            end_to_end_id(entitlement.programme_id, accrual.number, attempt), failed.rail, payee.bank.current,
                            actor.user, failed.reason, mandate_no)
    lifted = StipendStopLifted(entitlement_id, "NEW_BANK_DETAILS", stopped_for=ACCOUNT_FAULT)
    return [again, lifted] if FAULTY in state.stops else [again]


def end_to_end_id(programme_id: str, number: int, attempt: int) -> str:
    """At most 35 characters (ISO 20022): a programme's code that is too long is cut, and told from others by a digest."""
    place = f"-A{number}-{attempt}"
    if len(programme_id) + len(place) > 35:
        programme_id = f"{programme_id[:26 - len(place)]}-{sha256(programme_id.encode()).hexdigest()[:8]}"
    return programme_id + place


def stop_payments(state: Payment, *, entitlement_id: str, reason: StopReason, stopped_on: OccurredOn, entitlement: Entitlement,
                  accrual_id: str | None = None, order_id: str | None = None,
                  note: Annotated[str, Private("casework")] = "") -> list[Any]:
    """Stop the payments of an entitlement or of one accrual until that is lifted; or, for good, one order not transmitted yet."""
    order = state.orders.get(order_id) if order_id else None
    if not entitlement.entitlement_id or (order_id and order is None) or (accrual_id and accrual_id not in entitlement.accruals):
        raise Refused("INVALID_TRANSITION", "there is nothing of that id to stop")
    if order and order.state not in ("ISSUED", "STOPPED"):
        raise Refused("ALREADY_TRANSMITTED", f"the order is {order.state}; ask the bank")
    stopped = order.state == "STOPPED" if order else (accrual_id or WHOLE, reason) in state.stops
    if stopped:
        return []
    return [StipendStopped(entitlement_id, entitlement.case_id, entitlement.programme_id, entitlement.subject_id, reason,
                           accrual_id if not order_id else None, order_id, note)]


def lift_stop(state: Payment, *, entitlement_id: str, reason: LiftReason, lifted_on: OccurredOn, accrual_id: str | None = None,
              stopped_for: StopReason | None = None, note: Annotated[str, Private("casework")] = "") -> list[Any]:
    """Let the entitlement or one accrual be paid again: what was stopped for one reason, or for any. A stopped order is issued anew."""
    return [StipendStopLifted(entitlement_id, reason, accrual_id, None, note, why) for what, why in sorted(state.stops)
            if what == (accrual_id or WHOLE) and stopped_for in (None, why)]


def _approved(entitlement: Entitlement, accrual_id: str) -> Accrual:
    accrual = entitlement.accruals.get(accrual_id)
    if accrual is None or accrual.approved_cents is None:
        raise Refused("INVALID_TRANSITION", "an order pays an accrual that was approved")
    return accrual


def _stopped(state: Payment, accrual_id: str, *, but: Collection[tuple[str, str]] = ()) -> Refused | None:
    if state.stopped(accrual_id, but=but):
        return Refused("INVALID_TRANSITION", "payments are stopped; lift the stop first")
    return None


def _too_much(state: Payment, accrual: Accrual, accrual_id: str, amount_cents: int) -> Refused | None:
    most = accrual.payable_cents - state.ordered_cents(accrual_id)
    if 0 < amount_cents <= most:
        return None
    return Refused("OVERPAYMENT", f"at most {most} cents of accrual {accrual.number} can still be ordered")


def _same(accrual: Accrual, actor: Actor) -> Refused | None:
    if actor.user in accrual.approvers:
        return Refused("SAME_APPROVER", "who approved the accrual does not order its payment")
    return None


def _unchanged(state: Payment, failed: Order, bank: BankDetails) -> Refused | None:
    """After a fault of the account, the participant's is to be another than those that failed."""
    if failed.reason not in ACCOUNT_FAULTS and FAULTY not in state.stops:
        return None
    faulty = {bank.accounts[o.details_id].iban for o in state.orders.values()
              if o.failed and o.reason in ACCOUNT_FAULTS and o.details_id in bank.accounts}
    if faulty and bank.account and bank.account.iban not in faulty:
        return None
    return Refused("IBAN_UNCHANGED", "the account has failed; register and verify another")


def _hindrances(payee: Payee, on: date) -> tuple[Refused | None, ...]:
    commitment, household = payee.commitment, payee.programme.household_registration
    unregistered = household in payee.case.categories and "GEPI" not in payee.case.registrations
    return (
        _account(payee.bank, payee.programme, on),
        Refused("TAX_TREATMENT_UNDEFINED", "decide the tax treatment of the plan first") if payee.tax.treatment is None else None,
        Refused("BUDGET_NOT_AVAILABLE", "the commitment is not binding, is overdrawn, or is reserved for another case")
        if not commitment.binding or commitment.left_cents < 0 or not commitment.bears(payee.case.programme_id, payee.case.case_id)
        else None,
        Refused("GEPI_REGISTRATION_MISSING", "confirm the registration in GePI first") if unregistered else None,
    )


def _account(bank: BankDetails, programme: Programme, on: date) -> Refused | None:
    account = bank.account
    if account is None:
        return Refused("IBAN_MISSING", "register the participant's bank details first")
    if account.verified_on is None:
        return Refused("IBAN_NOT_VERIFIED", "a second person verifies the bank details first")
    usable = account.verified_on + timedelta(days=programme.iban_cooling_days)
    if len(bank.accounts) > 1 and on < usable:
        return Refused("IBAN_NOT_VERIFIED", f"changed bank details are used from {usable} on")
    return None
