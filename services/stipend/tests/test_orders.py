"""Payment orders: what is missing, who may not, how much at most; bank details; what is stopped and issued again."""
from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from chassis.decide import Actor
from chassis.given import given, refused
from contracts.words import Iban
from stipend.adapters.kinds import BANK, COMMITMENT, ENTITLEMENT, PAYMENT, TAX
from stipend.domain.bank import register_bank_details, verify_bank_details
from stipend.domain.entitlement import StipendAdjusted
from stipend.domain.forms import Reference
from stipend.domain.known import Participant, Programme
from stipend.domain.orders import Payee, end_to_end_id, lift_stop, stop_payments
from stipend.domain.payment import PaymentRejected, StipendStopLifted, StipendStopped
from stipend.domain.treasurer import record_return, reject_payment

from .story import (
    ACCRUED,
    APPROVED,
    APPROVER,
    CASE,
    DAY,
    ISSUED,
    LOWER,
    MOVED,
    OFFICER,
    OPENED,
    OTHER,
    PAID,
    PAYEE,
    PROGRAMME,
    REGISTERED,
    RETURNED,
    SENT,
    SET_ASIDE,
    STOPPED,
    VERIFIED,
    issue,
    reissue,
)


def test_an_approved_accrual_is_ordered_by_a_second_person() -> None:
    assert issue() == [ISSUED]
    assert issue(ISSUED) == []
    with refused("SAME_APPROVER"):
        issue(actor=OFFICER)
    with refused("INVALID_TRANSITION"):
        issue(owed=(OPENED, ACCRUED))


@pytest.mark.parametrize(("paid", "amount"), [((), 60001), ((), 0), ((), -1), ((ISSUED,), 60000), ((ISSUED, SENT, PAID), 60000)])
def test_an_accrual_is_never_paid_beyond_its_amount(paid: tuple[Any, ...], amount: int) -> None:
    with refused("OVERPAYMENT"):
        issue(*paid, amount=amount, order="O9")


def test_what_an_adjustment_added_is_a_further_order_with_an_attempt_of_its_own() -> None:
    more = StipendAdjusted("E", "PUGLIA@0", "A", 1000, 61000, Decimal(118), "REGISTER_CORRECTED")
    owed = (OPENED, ACCRUED, APPROVED, more, replace(APPROVED, amount_cents=61000))
    assert issue(ISSUED, SENT, PAID, owed=owed, amount=1000, order="O2")[0].end_to_end_id == "002-A1-2"


@pytest.mark.parametrize(("programme", "number", "attempt", "found"), [
    ("002", 1, 1, "002-A1-1"), ("P" * 26, 1234, 10, "P" * 26 + "-A1234-10"), ("P" * 27, 1234, 10, "P" * 17 + "-"),
    ("INCLUSIONE-SOCIALE-ATTIVA-2027", 12345678, 12, "INCLUSIONE-SO-")])
def test_an_end_to_end_id_has_at_most_35_characters(programme: str, number: int, attempt: int, found: str) -> None:
    made = end_to_end_id(programme, number, attempt)
    assert (made.startswith(found), made.endswith(f"-A{number}-{attempt}"), len(made) <= 35) == (True, True, True)
    assert made != end_to_end_id(f"{programme}X", number, attempt)


@pytest.mark.parametrize(("changes", "code"), [
    ({"bank": given(BANK)}, "IBAN_MISSING"), ({"bank": given(BANK, REGISTERED)}, "IBAN_NOT_VERIFIED"),
    ({"bank": given(BANK, REGISTERED, VERIFIED, replace(REGISTERED, details_id="B2"))}, "IBAN_NOT_VERIFIED"),
    ({"tax": given(TAX)}, "TAX_TREATMENT_UNDEFINED"), ({"case": replace(CASE, registrations=frozenset())}, "GEPI_REGISTRATION_MISSING"),
    ({"commitment": given(COMMITMENT, replace(SET_ASIDE, binding=False))}, "BUDGET_NOT_AVAILABLE"),
    ({"commitment": given(COMMITMENT, replace(SET_ASIDE, for_case_id="C2"))}, "BUDGET_NOT_AVAILABLE")])
def test_no_order_while_something_is_missing(changes: dict[str, Any], code: str) -> None:
    with refused(code):
        issue(payee=replace(PAYEE, **changes))


def test_of_several_refusals_all_are_said() -> None:
    with refused("OVERPAYMENT", "SAME_APPROVER", "IBAN_MISSING", "TAX_TREATMENT_UNDEFINED", "BUDGET_NOT_AVAILABLE",
                 "GEPI_REGISTRATION_MISSING"):
        issue(amount=60001, actor=OFFICER, payee=Payee(given(BANK), given(TAX), given(COMMITMENT), replace(CASE, registrations=frozenset()),
                                                       PROGRAMME))


def test_only_households_of_the_configured_category_need_the_registration() -> None:
    assert issue(payee=replace(PAYEE, case=replace(CASE, registrations=frozenset(), categories=frozenset({"SOCIOECON_DISADV"}))))
    assert issue(payee=replace(PAYEE, case=replace(CASE, registrations=frozenset()), programme=Programme()))


def test_changed_bank_details_cool_down_where_the_programme_says_so() -> None:
    changed = given(BANK, REGISTERED, VERIFIED, replace(REGISTERED, details_id="B2"),
                    replace(VERIFIED, details_id="B2", verified_on=date(2024, 11, 18)))
    assert issue(payee=replace(PAYEE, bank=changed, programme=Programme(iban_cooling_days=3)))
    with refused("IBAN_NOT_VERIFIED"):
        issue(payee=replace(PAYEE, bank=changed, programme=Programme(iban_cooling_days=4)))


def test_bank_details_are_verified_by_another_operator() -> None:
    def details(*events: Any, iban: str = REGISTERED.iban, new: str = "B") -> list[Any]:
        return list(register_bank_details(given(BANK, *events), subject_id="S", details_id=new, iban=Iban(iban),
                                          holder_role="PARTICIPANT", registered_on=DAY, actor=OFFICER, participant=Participant("S")))

    def verify(actor: Actor, *events: Any) -> list[Any]:
        return list(verify_bank_details(given(BANK, *events), subject_id="S", details_id="B", method="BANK_LETTER",
                                        verified_on=date(2024, 10, 8), actor=actor))

    assert details() == [REGISTERED]
    assert details(REGISTERED, new="B2") == []
    assert details(REGISTERED, iban="IT10D9999999999000000000003", new="B2")[0].details_id == "B2"
    assert verify(APPROVER, REGISTERED) == [VERIFIED]
    assert verify(APPROVER, REGISTERED, VERIFIED) == []
    with refused("SAME_APPROVER"):
        verify(OFFICER, REGISTERED)
    with refused("IBAN_MISSING"):
        verify(APPROVER, REGISTERED, replace(REGISTERED, details_id="B2"))


@pytest.mark.parametrize(("role", "holder", "deed", "minor", "code"), [
    ("PARTICIPANT", "Greco Lorenzo", "", False, "INPUT_INVALID"), ("GUARDIAN", "Greco Lorenzo", "", False, "HOLDER_NOT_ELIGIBLE"),
    ("GUARDIAN", " ", "", True, "INPUT_INVALID"), ("DELEGATE", "Greco Lorenzo", " ", False, "HOLDER_NOT_ELIGIBLE"),
    ("DELEGATE", "", "SYN-1", False, "INPUT_INVALID"), ("PARTICIPANT", "", "", False, ""), ("GUARDIAN", "Greco Lorenzo", "", True, ""),
    ("DELEGATE", "Greco Lorenzo", "SYN-1", False, "")])
def test_the_account_is_the_participant_s_a_minor_s_guardian_s_or_a_delegate_s_with_a_deed(
        role: Any, holder: str, deed: str, minor: bool, code: str) -> None:
    def register() -> list[Any]:
        return list(register_bank_details(given(BANK), subject_id="S", details_id="B", iban=Iban(REGISTERED.iban), holder_role=role,
                                          registered_on=DAY, actor=OFFICER, participant=Participant("S", minor), holder=holder, deed=deed))

    if code:
        with refused(code):
            register()
    else:
        assert register() == [replace(REGISTERED, holder_role=role, holder=holder, deed=deed)]


def test_a_guardian_who_becomes_a_delegate_is_registered_anew() -> None:
    before = given(BANK, replace(REGISTERED, holder="Greco Ada", holder_role="GUARDIAN"))
    (again,) = register_bank_details(before, subject_id="S", details_id="B2", iban=Iban(REGISTERED.iban), holder_role="DELEGATE",
                                     registered_on=DAY, actor=OFFICER, participant=Participant("S"), holder="Greco Ada", deed="SYN-1")
    assert again == replace(REGISTERED, details_id="B2", holder="Greco Ada", holder_role="DELEGATE", deed="SYN-1")


def test_a_participant_s_own_account_is_printed_with_no_other_name_whatever_was_recorded_once() -> None:
    assert given(BANK, replace(REGISTERED, holder="Greco Lorenzo")).accounts["B"].holder == ""
    assert given(BANK, replace(REGISTERED, holder="Greco Lorenzo", holder_role="DELEGATE")).accounts["B"].holder == "Greco Lorenzo"


def test_an_order_can_be_stopped_until_it_is_transmitted() -> None:
    owed = given(ENTITLEMENT, OPENED, ACCRUED)

    def stop(*events: Any, order_id: str | None = "O", accrual_id: str | None = None) -> list[Any]:
        return stop_payments(given(PAYMENT, *events), entitlement_id="E", reason="OTHER", stopped_on=DAY, entitlement=owed,
                             order_id=order_id, accrual_id=accrual_id)

    stopped = StipendStopped("E", "C", "002", "S", "OTHER", order_id="O")
    assert stop(ISSUED) == [stopped]
    assert stop(ISSUED, stopped) == []
    assert stop(order_id=None, accrual_id="A") == [StipendStopped("E", "C", "002", "S", "OTHER", accrual_id="A")]
    with refused("ALREADY_TRANSMITTED"):
        stop(ISSUED, SENT)
    with refused("INVALID_TRANSITION"):
        stop(order_id="unknown")


def test_a_wrong_order_is_stopped_for_good_and_another_takes_its_place() -> None:
    stopped, lower = StipendStopped("E", "C", "002", "S", "WRONG_AMOUNT", order_id="O"), (OPENED, ACCRUED, APPROVED, LOWER)
    with refused("OVERPAYMENT"):
        issue(ISSUED, owed=lower, amount=36000, order="O2")
    (instead,) = issue(ISSUED, stopped, owed=lower, amount=36000, order="O2")
    assert (instead.amount_cents, instead.end_to_end_id) == (36000, "002-A1-2")
    with refused("OVERPAYMENT"):
        issue(ISSUED, stopped, instead, owed=lower, amount=1, order="O3")


def test_what_is_stopped_is_not_ordered_until_the_stop_is_lifted() -> None:
    whole = StipendStopped("E", "C", "002", "S", "REGISTER_NOT_COUNTERSIGNED")
    with refused("INVALID_TRANSITION"):
        issue(whole)
    lifted = lift_stop(given(PAYMENT, whole), entitlement_id="E", reason="REGISTER_COUNTERSIGNED", lifted_on=DAY)
    assert lifted == [StipendStopLifted("E", "REGISTER_COUNTERSIGNED", stopped_for="REGISTER_NOT_COUNTERSIGNED")]
    assert issue(whole, *lifted) == [ISSUED]
    assert lift_stop(given(PAYMENT, whole, *lifted), entitlement_id="E", reason="CLEARED", lifted_on=DAY) == []


def test_what_is_stopped_for_two_reasons_waits_for_both() -> None:
    def lift(*events: Any, stopped_for: Any = None) -> list[Any]:
        return lift_stop(given(PAYMENT, *events), entitlement_id="E", reason="CLEARED", lifted_on=DAY, stopped_for=stopped_for)

    (again,) = stop_payments(given(PAYMENT, STOPPED), entitlement_id="E", reason="UNDER_INVESTIGATION", stopped_on=DAY,
                             entitlement=given(ENTITLEMENT, OPENED))
    assert again == replace(STOPPED, reason="UNDER_INVESTIGATION")
    one = lift(STOPPED, again, stopped_for="UNDER_INVESTIGATION")
    assert [e.stopped_for for e in one] == ["UNDER_INVESTIGATION"]
    with refused("INVALID_TRANSITION"):
        issue(STOPPED, again, *one)
    assert [e.stopped_for for e in lift(STOPPED, again)] == ["ACCOUNT_FAULT", "UNDER_INVESTIGATION"]
    assert issue(STOPPED, again, StipendStopLifted("E", "CLEARED")) == [ISSUED], "as a lift without a reason was recorded once"


def test_a_fault_of_the_account_stops_further_payments() -> None:
    returned = record_return(given(PAYMENT, ISSUED, SENT, PAID), entitlement_id="E", end_to_end_id=Reference("002-A1-1"),
                             amount_cents=60000, reason_code="AC04", returned_on=DAY,
                             entitlement=given(ENTITLEMENT, OPENED, ACCRUED, APPROVED))
    assert returned == [RETURNED, STOPPED]
    looked_into = replace(STOPPED, reason="UNDER_INVESTIGATION")
    fault = reject_payment(given(PAYMENT, looked_into, ISSUED, SENT), entitlement_id="E", order_id="O", reason_code="AC01", rejected_on=DAY)
    assert fault == [PaymentRejected("E", "O", "AC01"), STOPPED], "stopped for another reason before"
    rejected = reject_payment(given(PAYMENT, ISSUED, SENT), entitlement_id="E", order_id="O", reason_code="AM05", rejected_on=DAY)
    assert rejected == [PaymentRejected("E", "O", "AM05")]


def test_a_returned_payment_is_issued_again_to_another_account_and_the_stop_is_lifted() -> None:
    history = (ISSUED, SENT, PAID, RETURNED, STOPPED)
    with refused("IBAN_UNCHANGED"):
        reissue(*history)
    with refused("IBAN_NOT_VERIFIED"):
        reissue(*history, payee=replace(PAYEE, bank=given(BANK, REGISTERED, VERIFIED, OTHER)))
    again, lifted = reissue(*history, payee=replace(PAYEE, bank=MOVED))
    assert (again.end_to_end_id, again.attempt, again.details_id, again.reason_cleared) == ("002-A1-2", 2, "B2", "AC04")
    assert lifted == StipendStopLifted("E", "NEW_BANK_DETAILS", stopped_for="ACCOUNT_FAULT")
    with refused("OVERPAYMENT"):
        issue(*history, again, lifted, payee=replace(PAYEE, bank=MOVED), order="O3")


@pytest.mark.parametrize("stop", [replace(STOPPED, reason="UNDER_INVESTIGATION"), replace(STOPPED, accrual_id="A"),
                                  replace(STOPPED, accrual_id="A", reason="UNDER_INVESTIGATION")])
def test_a_reissue_goes_through_no_other_stop_than_that_of_the_account(stop: StipendStopped) -> None:
    with refused("INVALID_TRANSITION"):
        reissue(ISSUED, SENT, PAID, RETURNED, STOPPED, stop, payee=replace(PAYEE, bank=MOVED))


def test_another_failed_order_does_not_lift_the_stop_of_an_account_that_is_still_the_same() -> None:
    second = replace(ISSUED, order_id="P", accrual_id="A", attempt=2, amount_cents=60000)
    history = (ISSUED, SENT, PAID, RETURNED, STOPPED, second, replace(SENT, orders=("P",)), PaymentRejected("E", "P", "AM05"))
    with refused("IBAN_UNCHANGED"):
        reissue(*history, of="P")
    back = given(BANK, REGISTERED, VERIFIED, OTHER, replace(REGISTERED, details_id="B3"), replace(VERIFIED, details_id="B3"))
    with refused("IBAN_UNCHANGED"):
        reissue(*history, of="P", payee=replace(PAYEE, bank=back))
    assert len(reissue(*history, of="P", payee=replace(PAYEE, bank=MOVED))) == 2


def test_the_same_account_registered_again_is_still_the_same_account() -> None:
    back = given(BANK, REGISTERED, VERIFIED, replace(REGISTERED, details_id="B3"), replace(VERIFIED, details_id="B3"))
    with refused("IBAN_UNCHANGED"):
        reissue(ISSUED, SENT, PAID, RETURNED, STOPPED, payee=replace(PAYEE, bank=back))


def test_only_what_came_back_is_issued_again() -> None:
    with refused("NOT_RETURNED"):
        reissue(ISSUED, SENT, PAID)
    rejected = PaymentRejected("E", "O", "AM05")
    assert reissue(ISSUED, SENT, rejected)[0].end_to_end_id == "002-A1-2"
