"""Files that go to the bank, its answers, its statements: each counts once."""
from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from chassis.given import given, refused
from stipend.adapters.kinds import BATCH, PAYMENT, STATEMENT
from stipend.domain.batch import BatchClosed, BatchOrder, Payments, transmit_payment_batch
from stipend.domain.forms import Digest, Reference
from stipend.domain.payment import (
    PaymentBatchTransmitted,
    PaymentReconciled,
)
from stipend.domain.statement import BankStatementImported, FileSeen, Paid, StatementLine, import_bank_statement, reconcile_statement
from stipend.domain.treasurer import (
    LineHolder,
    accept_payment,
    confirm_execution,
    reconcile_payment,
    record_return,
)

from .story import DAY, ISSUED, PAID, SENT, STOPPED


def transmit(payments: Payments, *orders: BatchOrder) -> list[Any]:
    return transmit_payment_batch(given(BATCH), batch_id="F", msg_id=Reference("M-1"), orders=list(orders), file_digest=Digest("0" * 64),
                                  transmitted_on=DAY, payments=payments)


def test_a_file_says_its_total_to_each_case_and_names_only_the_orders_of_that_case() -> None:
    other = replace(ISSUED, entitlement_id="E2", order_id="P", amount_cents=36000)
    payments = Payments({"E": given(PAYMENT, ISSUED), "E2": given(PAYMENT, other)})
    assert transmit(payments, BatchOrder("E", "O"), BatchOrder("E2", "P")) == [
        BatchClosed("F", "M-1", 2, 96000), PaymentBatchTransmitted("E", "F", "M-1", 2, 96000, ("O",), "0" * 64),
        PaymentBatchTransmitted("E2", "F", "M-1", 2, 96000, ("P",), "0" * 64)]


def test_an_order_goes_to_the_bank_once() -> None:
    order, sent = BatchOrder("E", "O"), Payments({"E": given(PAYMENT, ISSUED, SENT)})
    with refused("ALREADY_TRANSMITTED"):
        transmit(sent, order)
    with refused("ALREADY_TRANSMITTED"):
        transmit(Payments({"E": given(PAYMENT, ISSUED)}, "F0"), order)
    with refused("INVALID_TRANSITION"):
        transmit(Payments({"E": given(PAYMENT, ISSUED)}), order, order)
    with refused("INVALID_TRANSITION"):
        transmit(Payments({"E": given(PAYMENT, ISSUED, STOPPED)}), order)


def test_what_the_bank_answers_twice_is_recorded_once() -> None:
    def accept(*events: Any) -> list[Any]:
        return accept_payment(given(PAYMENT, *events), entitlement_id="E", order_id="O", accepted_on=DAY)

    def execute(*events: Any) -> list[Any]:
        return confirm_execution(given(PAYMENT, *events), entitlement_id="E", order_id="O", executed_on=PAID.executed_on)

    accepted = accept(ISSUED, SENT)
    assert [type(e).__name__ for e in accepted] == ["PaymentAccepted"]
    assert accept(ISSUED, SENT, *accepted) == []
    assert execute(ISSUED, SENT, *accepted) == execute(ISSUED, SENT) == [PAID]
    assert execute(ISSUED, SENT, PAID) == []
    with refused("INVALID_TRANSITION"):
        accept(ISSUED)
    with refused("INVALID_TRANSITION"):
        execute(ISSUED)


@pytest.mark.parametrize(("end_to_end_id", "amount", "codes"), [
    ("002-A9-1", 60000, ["UNKNOWN_END_TO_END_ID"]), ("002-A1-1", 59999, ["RETURN_AMOUNT_MISMATCH"])])
def test_a_return_must_be_of_a_known_order_and_of_its_amount(end_to_end_id: str, amount: int, codes: list[str]) -> None:
    with refused(*codes):
        record_return(given(PAYMENT, ISSUED, SENT, PAID), entitlement_id="E", end_to_end_id=Reference(end_to_end_id),
                      amount_cents=amount, reason_code="AC04", returned_on=DAY)


def test_a_statement_is_imported_once() -> None:
    line = StatementLine(1, 60000, date(2024, 11, 26), Reference("002-A1-1"))

    def bring(seen: str | None, *events: Any) -> list[Any]:
        return import_bank_statement(given(STATEMENT, *events), statement_id="ST", format="GIORNALE_CASSA",
                                     msg_id=Reference("GC-1"), starts=date(2024, 11, 1), ends=date(2024, 11, 27),
                                     lines=[line], file_sha256=Digest("f" * 64), seen=FileSeen("0" * 64, seen))

    imported = bring(None)
    assert imported == [BankStatementImported("ST", "GIORNALE_CASSA", "GC-1", date(2024, 11, 1), date(2024, 11, 27), (line,), "0" * 64)]
    with refused("STATEMENT_ALREADY_IMPORTED"):
        bring("other")
    with refused("STATEMENT_ALREADY_IMPORTED"):
        bring(None, *imported)


def test_a_line_closes_the_executed_order_of_its_id_and_amount_and_no_other() -> None:
    lines = tuple(StatementLine(n, amount, DAY, Reference(e2e) if e2e else None) for n, (amount, e2e) in enumerate(
        [(60000, "002-A1-1"), (60000, "002-A1-1"), (36000, "002-A1-1"), (60000, None), (60000, "002-A7-1")], 1))
    state = given(STATEMENT, BankStatementImported("ST", "CAMT053", "M", DAY, DAY, lines, "0" * 64))

    def close(*events: Any, closed: frozenset[int] = frozenset()) -> list[Any]:
        return reconcile_statement(state, statement_id="ST", paid=Paid({"002-A1-1": ("E", given(PAYMENT, *events))}, closed))

    done = PaymentReconciled("E", "O", "ST", 1, "E2E")
    assert close(ISSUED, SENT, PAID) == [done]
    assert close(ISSUED, SENT, PAID, done) == []
    assert close(ISSUED, SENT) == []
    assert close(ISSUED, SENT, PAID, closed=frozenset({1})) == [replace(done, line=2)]


def test_a_person_matches_what_the_rule_did_not_and_a_line_closes_one_order() -> None:
    def match(holder: str | None, *events: Any) -> list[Any]:
        return reconcile_payment(given(PAYMENT, *events), entitlement_id="E", order_id="O", statement_id="ST", line=4, reconciled_on=DAY,
                                 holder=LineHolder(holder))

    assert match(None, ISSUED, SENT, PAID) == [PaymentReconciled("E", "O", "ST", 4, "MANUAL")]
    with refused("INVALID_TRANSITION"):
        match("P", ISSUED, SENT, PAID)
    with refused("INVALID_TRANSITION"):
        match(None, ISSUED, SENT)
