"""Files that go to the bank, its answers, its statements: each counts once."""
from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from chassis.given import given, refused
from stipend.adapters.kinds import ENTITLEMENT, PAYMENT, STATEMENT
from stipend.domain.batch import BatchClosed, BatchOrder
from stipend.domain.entitlement import RecoveryRequested
from stipend.domain.forms import Digest, Reference
from stipend.domain.payment import ExecutionAwaited, PaymentBatchTransmitted, PaymentReconciled, StipendStopped
from stipend.domain.statement import (
    LINES_A_PART,
    BankStatementImported,
    FileSeen,
    Paid,
    StatementLine,
    import_bank_statement,
    reconcile_statement,
)
from stipend.domain.treasurer import (
    LineHolder,
    accept_payment,
    confirm_execution,
    reconcile_payment,
    record_return,
)

from .story import ACCRUED, APPROVED, DAY, ISSUED, LOWER, MOVED, OPENED, PAID, RETURNED, SENT, STOPPED, owed, transmit

OWED = given(ENTITLEMENT, OPENED, ACCRUED, APPROVED)


def test_a_file_says_its_total_to_each_case_and_names_only_the_orders_of_that_case() -> None:
    other = replace(ISSUED, entitlement_id="E2", order_id="P", amount_cents=36000)
    assert transmit({"E": owed(ISSUED), "E2": owed(other)}, BatchOrder("E", "O"), BatchOrder("E2", "P")) == [
        BatchClosed("F", "M-1", 2, 96000), PaymentBatchTransmitted("E", "F", "M-1", 2, 96000, ("O",), "0" * 64),
        PaymentBatchTransmitted("E2", "F", "M-1", 2, 96000, ("P",), "0" * 64)]


def test_an_order_goes_to_the_bank_once() -> None:
    order = BatchOrder("E", "O")
    with refused("ALREADY_TRANSMITTED"):
        transmit({"E": owed(ISSUED, SENT)}, order)
    with refused("ALREADY_TRANSMITTED"):
        transmit({"E": owed(ISSUED)}, order, sent="F0")
    with refused("INVALID_TRANSITION"):
        transmit({"E": owed(ISSUED)}, order, order)


@pytest.mark.parametrize("stop", [STOPPED, replace(STOPPED, accrual_id="A"), replace(STOPPED, order_id="O")])
def test_what_is_stopped_does_not_go_to_the_bank(stop: StipendStopped) -> None:
    with refused("INVALID_TRANSITION"):
        transmit({"E": owed(ISSUED, stop)}, BatchOrder("E", "O"))


def test_an_order_above_what_its_accrual_has_become_does_not_go_to_the_bank() -> None:
    lower = (OPENED, ACCRUED, APPROVED, LOWER)
    with refused("OVERPAYMENT"):
        transmit({"E": owed(ISSUED, by=lower)}, BatchOrder("E", "O"))
    parts = (replace(ISSUED, amount_cents=30000), replace(ISSUED, order_id="P", attempt=2, amount_cents=30000))
    with refused("OVERPAYMENT"):
        transmit({"E": owed(*parts, by=lower)}, BatchOrder("E", "O"))
    gone = replace(STOPPED, order_id="P", reason="WRONG_AMOUNT")
    assert transmit({"E": owed(*parts, gone, by=lower)}, BatchOrder("E", "O"))


def test_an_order_to_an_account_that_was_replaced_does_not_go_to_the_bank() -> None:
    with refused("INVALID_TRANSITION"):
        transmit({"E": owed(ISSUED, bank=MOVED)}, BatchOrder("E", "O"))
    assert transmit({"E": owed(replace(ISSUED, details_id="B2"), bank=MOVED)}, BatchOrder("E", "O"))


def test_what_the_bank_answers_twice_is_recorded_once() -> None:
    def accept(*events: Any) -> list[Any]:
        return accept_payment(given(PAYMENT, *events), entitlement_id="E", order_id="O", accepted_on=DAY)

    def execute(*events: Any) -> list[Any]:
        return confirm_execution(given(PAYMENT, *events), entitlement_id="E", order_id="O", executed_on=PAID.executed_on, entitlement=OWED)

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
                      amount_cents=amount, reason_code="AC04", returned_on=DAY, entitlement=OWED)


def test_what_the_bank_pays_beyond_the_accrual_is_asked_back_and_no_more_once_it_returns() -> None:
    lower = given(ENTITLEMENT, OPENED, ACCRUED, APPROVED, LOWER)
    more = RecoveryRequested("E", 24000, "PAYMENT_EXECUTED", ("A",))
    assert confirm_execution(given(PAYMENT, ISSUED, SENT), entitlement_id="E", order_id="O", executed_on=PAID.executed_on,
                             entitlement=lower) == [PAID, more]
    assert record_return(given(PAYMENT, ISSUED, SENT, PAID), entitlement_id="E", end_to_end_id=Reference("002-A1-1"), amount_cents=60000,
                         reason_code="AC04", returned_on=DAY, entitlement=given(ENTITLEMENT, OPENED, ACCRUED, APPROVED, LOWER, more)) == [
        RETURNED, STOPPED, RecoveryRequested("E", -24000, "PAYMENT_RETURNED", ("A",))]


def bring(*lines: StatementLine, ends: date = date(2024, 11, 27), seen: str | None = None, before: tuple[Any, ...] = ()) -> list[Any]:
    return import_bank_statement(given(STATEMENT, *before), statement_id="ST", format="GIORNALE_CASSA", msg_id=Reference("GC-1"),
                                 starts=date(2024, 11, 1), ends=ends, lines=list(lines), file_sha256=Digest("f" * 64),
                                 seen=FileSeen("0" * 64, seen), today=date(2024, 11, 27))


LINE = StatementLine(1, 60000, date(2024, 11, 26), Reference("002-A1-1"))


def test_a_statement_is_imported_once() -> None:
    imported = bring(LINE)
    assert imported == [BankStatementImported("ST", "GIORNALE_CASSA", "GC-1", date(2024, 11, 1), date(2024, 11, 27), (LINE,), "0" * 64)]
    with refused("STATEMENT_ALREADY_IMPORTED"):
        bring(LINE, seen="other")
    with refused("STATEMENT_ALREADY_IMPORTED"):
        bring(LINE, before=tuple(imported))


@pytest.mark.parametrize(("wrong", "code"), [
    (replace(LINE, end_to_end_id=Reference("002-A2-1")), "DUPLICATE_ROW"), (replace(LINE, line=2, amount_cents=0), "INPUT_INVALID"),
    (replace(LINE, line=2, amount_cents=-60000), "INPUT_INVALID"),
    (replace(LINE, line=2, booked_on=date(2024, 10, 31)), "OUTSIDE_INTERVAL"),
    (replace(LINE, line=2, booked_on=date(2024, 11, 28)), "DATE_IN_THE_FUTURE")])
def test_a_statement_with_a_line_twice_no_debit_or_a_day_of_another_or_to_come_is_not_imported(wrong: StatementLine, code: str) -> None:
    assert bring(LINE, replace(LINE, line=2, booked_on=date(2024, 11, 27), amount_cents=1))
    with refused(code):
        bring(LINE, wrong)


def test_a_statement_that_ends_before_it_starts_is_not_imported() -> None:
    assert bring(replace(LINE, booked_on=date(2024, 11, 1)), ends=date(2024, 11, 1))
    with refused("INTERVAL_INVALID"):
        bring(LINE, ends=date(2024, 10, 31))


def test_a_statement_holds_lines_up_to_its_end_and_ends_today_at_the_latest() -> None:
    assert bring(LINE, ends=date(2024, 11, 26))
    with refused("OUTSIDE_INTERVAL"):
        bring(LINE, ends=date(2024, 11, 25))
    with refused("DATE_IN_THE_FUTURE"):
        bring(LINE, ends=date(2024, 11, 28))


def test_a_long_statement_is_stored_in_parts_and_its_lines_are_all_there() -> None:
    lines = [replace(LINE, line=n) for n in range(1, 2 * LINES_A_PART + 2)]
    parts = bring(*lines)
    assert [(one.part, one.parts, len(one.lines)) for one in parts] == [(1, 3, LINES_A_PART), (2, 3, LINES_A_PART), (3, 3, 1)]
    assert given(STATEMENT, *parts).lines == tuple(lines)
    with refused("STATEMENT_ALREADY_IMPORTED"):
        bring(LINE, before=tuple(parts))


def test_a_part_of_a_statement_closes_the_orders_of_its_own_lines() -> None:
    first, second = (BankStatementImported("ST", "CAMT053", "M", DAY, DAY, (line,), "0" * 64, n, 2)
                     for n, line in ((1, replace(LINE, end_to_end_id=None)), (2, replace(LINE, line=2))))
    paid = Paid({"002-A1-1": ("E", given(PAYMENT, ISSUED, SENT, PAID))})
    state, done = given(STATEMENT, first, second), [PaymentReconciled("E", "O", "ST", 2, "E2E")]
    assert [reconcile_statement(state, statement_id="ST", paid=paid, part=part) for part in (1, 2, 3)] == [[], done, []]
    assert reconcile_statement(state, statement_id="ST", paid=paid, end_to_end_id=Reference("002-A1-1")) == done
    assert reconcile_statement(state, statement_id="ST", paid=paid, end_to_end_id=Reference("002-A2-1")) == []


def test_a_line_number_that_is_there_twice_since_before_closes_one_order() -> None:
    lines = (LINE, replace(LINE, end_to_end_id=Reference("002-A2-1")))
    state = given(STATEMENT, BankStatementImported("ST", "CAMT053", "M", DAY, DAY, lines, "0" * 64))
    other = [replace(ISSUED, order_id="P", end_to_end_id="002-A2-1"), replace(SENT, orders=("P",)), replace(PAID, order_id="P")]
    paid = Paid({"002-A1-1": ("E", given(PAYMENT, ISSUED, SENT, PAID)), "002-A2-1": ("E2", given(PAYMENT, *other))})
    assert reconcile_statement(state, statement_id="ST", paid=paid) == [PaymentReconciled("E", "O", "ST", 1, "E2E")]


def test_a_line_closes_the_executed_order_of_its_id_and_amount_and_no_other() -> None:
    lines = tuple(StatementLine(n, amount, DAY, Reference(e2e) if e2e else None) for n, (amount, e2e) in enumerate(
        [(60000, "002-A1-1"), (60000, "002-A1-1"), (36000, "002-A1-1"), (60000, None), (60000, "002-A7-1")], 1))
    state = given(STATEMENT, BankStatementImported("ST", "CAMT053", "M", DAY, DAY, lines, "0" * 64))

    def close(*events: Any, closed: frozenset[int] = frozenset()) -> list[Any]:
        return reconcile_statement(state, statement_id="ST", paid=Paid({"002-A1-1": ("E", given(PAYMENT, *events))}, closed))

    done = PaymentReconciled("E", "O", "ST", 1, "E2E")
    assert close(ISSUED, SENT, PAID) == [done]
    assert close(ISSUED, SENT, PAID, done) == []
    assert close(ISSUED, SENT, PAID, closed=frozenset({1})) == [replace(done, line=2)]


def test_a_statement_that_comes_before_the_bank_s_answer_awaits_it() -> None:
    state = given(STATEMENT, BankStatementImported("ST", "CAMT053", "M", DAY, DAY, (StatementLine(1, 60000, DAY, Reference("002-A1-1")),),
                                                   "0" * 64))

    def close(*events: Any) -> list[Any]:
        return reconcile_statement(state, statement_id="ST", paid=Paid({"002-A1-1": ("E", given(PAYMENT, *events))}))

    awaited = ExecutionAwaited("E", "O", "ST")
    assert close(ISSUED, SENT) == [awaited]
    assert close(ISSUED, SENT, awaited) == []
    assert close(ISSUED, SENT, awaited, PAID) == [PaymentReconciled("E", "O", "ST", 1, "E2E")]


def match(line: StatementLine | None, *events: Any, holder: str | None = None) -> list[Any]:
    return reconcile_payment(given(PAYMENT, *events), entitlement_id="E", order_id="O", statement_id="ST", line=4, reconciled_on=DAY,
                             holder=LineHolder(holder, line))


def test_a_person_matches_what_the_rule_did_not_and_a_line_closes_one_order() -> None:
    line = StatementLine(4, 60000, DAY)
    assert match(line, ISSUED, SENT, PAID) == [PaymentReconciled("E", "O", "ST", 4, "MANUAL")]
    with refused("INVALID_TRANSITION"):
        match(line, ISSUED, SENT, PAID, holder="P")
    with refused("INVALID_TRANSITION"):
        match(line, ISSUED, SENT)


@pytest.mark.parametrize("line", [None, StatementLine(4, 59999, DAY), StatementLine(4, 60000, DAY, Reference("002-A2-1"))])
def test_a_person_matches_no_line_that_is_not_there_of_another_amount_or_of_another_payment(line: StatementLine | None) -> None:
    assert match(StatementLine(4, 60000, DAY, Reference("002-A1-1")), ISSUED, SENT, PAID)
    with refused("INVALID_TRANSITION"):
        match(line, ISSUED, SENT, PAID)
