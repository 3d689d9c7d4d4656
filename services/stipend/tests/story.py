"""A commitment, a case, an internship of two months, an order: what the sentences of the tests speak of. They do not exist."""
from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from chassis.decide import Actor
from chassis.given import given
from stipend.adapters.kinds import BANK, BATCH, COMMITMENT, ENTITLEMENT, PAYMENT, TAX
from stipend.domain.accrual import StipendPolicy
from stipend.domain.bank import BankDetailsRegistered, BankDetailsVerified
from stipend.domain.batch import BatchOrder, Owed, Payments, transmit_payment_batch
from stipend.domain.commitment import CommitmentRegistered
from stipend.domain.entitlement import (
    StipendAccrued,
    StipendAdjusted,
    StipendApproved,
    StipendEntitlementOpened,
)
from stipend.domain.forms import ActNo, Digest, Reference
from stipend.domain.known import Case, Internship, Period, Programme, Validated
from stipend.domain.orders import Payee, issue_payment_order, reissue_payment
from stipend.domain.payment import (
    PaymentBatchTransmitted,
    PaymentOrderIssued,
    PaymentReturned,
    StipendPaid,
    StipendStopped,
)
from stipend.domain.tax import TaxTreatmentDecided

DAY = date(2024, 11, 21)
OFFICER = Actor("op-po-02", "PAYMENT_OFFICER", "comune-bari", "bari")
APPROVER = Actor("op-pa-02", "PAYMENT_APPROVER", "comune-bari", "bari")
POLICY = StipendPolicy("PUGLIA@0", "FLAT_THRESHOLD", 60000)
MONTHS = {k: Period(date(2024, 9 + k, 14), date(2024, 10 + k, 13), Decimal(120), Decimal(120)) for k in (1, 2)}
FIRST = Validated("fact-1", date(2024, 10, 14), date(2024, 11, 13), Decimal(120), Decimal(120), Decimal(116))
INTERNSHIP = Internship("PUGLIA@0", date(2024, 10, 14), Decimal(30), True, None, MONTHS, {1: FIRST})
CASE = Case("C", "002", "S", frozenset({"ADI_HOUSEHOLD"}), frozenset({"GEPI"}), "PL", {"PL": 1}, {"I": INTERNSHIP})
PROGRAMME = Programme(household_registration="ADI_HOUSEHOLD")
SET_ASIDE = CommitmentRegistered("K", "002", ActNo("SYN-DET-1"), date(2024, 10, 4), 120000, True)
OPENED = StipendEntitlementOpened("E", "C", "002", "S", "PUGLIA@0", "I", "K", date(2024, 10, 14), 120000)
ACCRUED = StipendAccrued("E", "PUGLIA@0", "A", 1, 1, date(2024, 10, 14), date(2024, 11, 13), Decimal(120), Decimal(120), Decimal(116),
                         Decimal("0.9667"), "FLAT_THRESHOLD", 60000, 60000, "fact-1", 120000)
LOWER = StipendAdjusted("E", "PUGLIA@0", "A", -24000, 36000, Decimal(72), "REGISTER_CORRECTED", "", 96000, "PRO_RATA", 60000,
                        Decimal("0.6000"), Decimal(120), "fact-2")
APPROVED = StipendApproved("E", "A", ActNo("SYN-LIQ-1"), 60000, OFFICER.user)
REGISTERED = BankDetailsRegistered("S", "B", "PARTICIPANT", OFFICER.user, "IT84E9999999999000000000004")
VERIFIED = BankDetailsVerified("S", "B", "BANK_LETTER", APPROVER.user, date(2024, 10, 8))
TAXED = TaxTreatmentDecided("PL", "C", "002", "S", 1, "EXEMPT_ART34", OFFICER.user, "assistance prevails")
ISSUED = PaymentOrderIssued("E", "C", "002", "S", "O", "A", 1, 60000, "002-A1-1", "OPI", "B", APPROVER.user, ActNo("SYN-M-1"))
SENT = PaymentBatchTransmitted("E", "F", "M-1", 1, 60000, ("O",), "0" * 64)
PAID = StipendPaid("E", "O", "A", "002-A1-1", 60000, date(2024, 11, 26))
RETURNED = PaymentReturned("E", "O", "A", "002-A1-1", 60000, "AC04", DAY)
STOPPED = StipendStopped("E", "C", "002", "S", "ACCOUNT_FAULT")
OTHER = BankDetailsRegistered("S", "B2", "PARTICIPANT", OFFICER.user, "IT10D9999999999000000000003")
MOVED = given(BANK, REGISTERED, VERIFIED, OTHER, BankDetailsVerified("S", "B2", "BANK_LETTER", APPROVER.user, date(2024, 11, 20)))
PAYEE = Payee(given(BANK, REGISTERED, VERIFIED), given(TAX, TAXED), given(COMMITMENT, SET_ASIDE), CASE, PROGRAMME)


def issue(*paid: Any, owed: tuple[Any, ...] = (OPENED, ACCRUED, APPROVED), actor: Actor = APPROVER, payee: Payee = PAYEE,
          amount: int = 60000, order: str = "O") -> list[Any]:
    return issue_payment_order(given(PAYMENT, *paid), entitlement_id="E", order_id=order, accrual_id="A", amount_cents=amount, rail="OPI",
                               issued_on=DAY, actor=actor, entitlement=given(ENTITLEMENT, *owed), payee=payee, mandate_no=ActNo("SYN-M-1"))


def reissue(*paid: Any, payee: Payee = PAYEE, order: str = "O2", of: str = "O") -> list[Any]:
    return reissue_payment(given(PAYMENT, *paid), entitlement_id="E", order_id=order, reissue_of=of, reissued_on=DAY, actor=APPROVER,
                           entitlement=given(ENTITLEMENT, OPENED, ACCRUED, APPROVED), payee=payee)


def owed(*paid: Any, by: tuple[Any, ...] = (OPENED, ACCRUED, APPROVED), bank: Any = PAYEE.bank) -> Owed:
    return Owed(given(PAYMENT, *paid), given(ENTITLEMENT, *by), bank)


def transmit(found: dict[str, Owed], *orders: BatchOrder, sent: str | None = None) -> list[Any]:
    return transmit_payment_batch(given(BATCH), batch_id="F", msg_id=Reference("M-1"), orders=list(orders), file_digest=Digest("0" * 64),
                                  transmitted_on=DAY, payments=Payments(found, sent))
