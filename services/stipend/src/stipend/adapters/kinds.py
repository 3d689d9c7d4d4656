"""The kinds of aggregates of stipend, and what must be unique across them."""
from __future__ import annotations

from collections.abc import Iterable

from chassis.decide import Release, Take
from chassis.kinds import Kind, Mac
from stipend.domain import bank, batch, commitment, entitlement, numbering, payment, statement, tax

INTERNSHIP = "internship"
"""Which entitlement an internship has."""
END_TO_END = "end-to-end"
"""Which entitlement's payments an EndToEndId belongs to: used once, for ever."""
STATEMENT_LINE = "statement-line"
"""Which order a line of a statement has closed."""
STATEMENT_FILE = "statement-file"
STATEMENT_MESSAGE = "statement-message"
BATCH_MESSAGE = "batch-message"


def line_key(statement_id: str, line: int) -> str:
    return f"{statement_id}/{line}"


def of_entitlement(event: entitlement.Event, mac: Mac) -> Iterable[Take | Release]:
    if isinstance(event, entitlement.StipendEntitlementOpened):
        yield Take(INTERNSHIP, event.internship_id, event.entitlement_id)


def of_payment(event: payment.Event, mac: Mac) -> Iterable[Take | Release]:
    match event:
        case payment.PaymentOrderIssued() | payment.PaymentReissued():
            yield Take(END_TO_END, event.end_to_end_id, event.entitlement_id)
        case payment.PaymentReconciled():
            yield Take(STATEMENT_LINE, line_key(event.statement_id, event.line), event.order_id)


def of_batch(event: batch.Event, mac: Mac) -> Iterable[Take | Release]:
    return (Take(BATCH_MESSAGE, event.msg_id, event.batch_id),)


def of_statement(event: statement.Event, mac: Mac) -> Iterable[Take | Release]:
    if event.part not in (None, 1):
        return ()
    return (Take(STATEMENT_FILE, event.file_digest, event.statement_id),
            Take(STATEMENT_MESSAGE, event.msg_id, event.statement_id))


COMMITMENT = Kind("commitment", "commitment_id", commitment.Event, commitment.Commitment, commitment.evolve)
NUMBERING = Kind("numbering", "programme_id", numbering.AccrualNumbered, numbering.Numbering, numbering.evolve)
ENTITLEMENT = Kind("entitlement", "entitlement_id", entitlement.Event, entitlement.Entitlement, entitlement.evolve, of_entitlement)
TAX = Kind("tax-treatment", "plan_id", tax.Event, tax.TaxTreatment, tax.evolve)
BANK = Kind("bank-details", "subject_id", bank.Event, bank.BankDetails, bank.evolve)
PAYMENT = Kind("payment", "entitlement_id", payment.Event, payment.Payment, payment.evolve, of_payment)
BATCH = Kind("payment-file", "batch_id", batch.Event, batch.Batch, batch.evolve, of_batch)
STATEMENT = Kind("statement", "statement_id", statement.Event, statement.Statement, statement.evolve, of_statement)
KINDS = (COMMITMENT, NUMBERING, ENTITLEMENT, TAX, BANK, PAYMENT, BATCH, STATEMENT)
