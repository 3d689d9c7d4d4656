"""Each amount that stipend says is explained by the facts before it: accruals, corrections, orders, returns, recoveries."""
from __future__ import annotations

import pytest
from stipend_told import POLICY, Case, values_of

from reporting.explain.payments import figures_of_case
from reporting.verifier.expressions import Unexplained


def test_a_month_below_the_threshold_and_a_full_one() -> None:
    case = Case()
    case.accrue("72", 36000)
    case.accrue("110", 60000, 2)
    assert case.comes_to() == [("accrued_cents", 36000, "36000"), ("accrued_cents", 60000, "60000")]


def test_a_correction_is_the_difference_to_what_was_before_and_the_accrual_stays_explained_by_the_hours_of_its_time() -> None:
    case = Case()
    case.accrue("72", 36000)
    case.correct("66", -3000, 33000)
    case.correct("90", 27000, 60000)
    assert case.comes_to() == [("accrued_cents", 36000, "36000"), ("adjusted_cents", -3000, "-3000"), ("adjusted_cents", 27000, "27000")]


def test_what_is_added_is_approved_and_ordered_apart() -> None:
    case = Case()
    case.accrue("72", 36000)
    case.approve(36000)
    case.order("o1", 36000)
    case.correct("90", 24000, 60000)
    case.approve(60000)
    case.order("o2", 24000)
    assert case.comes_to() == [
        ("accrued_cents", 36000, "36000"), ("approved_cents", 36000, "36000"), ("ordered_cents", 36000, "36000"),
        ("adjusted_cents", 24000, "24000"), ("approved_cents", 60000, "60000"), ("ordered_cents", 24000, "24000")]


def test_a_returned_payment_is_issued_again_for_the_same_amount() -> None:
    case = Case()
    case.accrue("110", 60000)
    case.approve(60000)
    case.order("o1", 60000)
    case.bank("StipendPaid", "o1", 60000)
    case.bank("PaymentReturned", "o1", 60000)
    case.order("o2", 60000, reissue_of="o1")
    case.bank("StipendPaid", "o2", 60000)
    assert case.comes_to()[2:] == [
        ("ordered_cents", 60000, "60000"), ("paid_cents", 60000, "60000"), ("returned_cents", 60000, "60000"),
        ("ordered_cents", 60000, "60000"), ("paid_cents", 60000, "60000")]


def test_what_was_paid_beyond_a_correction_is_asked_back_and_less_after_another() -> None:
    case = Case()
    case.accrue("110", 60000)
    case.approve(60000)
    case.order("o1", 60000)
    case.bank("StipendPaid", "o1", 60000)
    for hours, delta, cents, change in (("72", -24000, 36000, 24000), ("78", 3000, 39000, -3000)):
        case.correct(hours, delta, cents)
        case.say("stipend.RecoveryRequested", "entitlement", "e1", {
            "entitlement_id": "e1", "amount_cents": change, "cause": "REGISTER_CORRECTED", "accrual_ids": ["a1"]})
    assert [found for found in case.comes_to() if found[0] == "asked_back_cents"] == [
        ("asked_back_cents", 24000, "24000"), ("asked_back_cents", -3000, "-3000")]


def test_a_part_that_a_person_ordered_is_no_more_than_what_was_open() -> None:
    case = Case()
    case.accrue("110", 60000)
    case.approve(60000)
    case.order("o1", 20000)
    case.order("o2", 50000)
    assert case.comes_to()[2:] == [("ordered_cents", 20000, "20000"), ("ordered_cents", 50000, None)]


@pytest.mark.parametrize(("hours", "planned", "reason"), [("0", "0", "SUSPENDED"), ("10", "120", "BELOW_THRESHOLD_ZERO")])
def test_a_month_for_which_nothing_is_due_comes_to_nothing(hours: str, planned: str, reason: str) -> None:
    case = Case({"policy_id": "P", "stipend": {**POLICY["stipend"], "below": "ZERO"}})  # type: ignore[dict-item]
    validated = case.say("placement.AttendancePeriodValidated", "internship", "i1", {
        "internship_id": "i1", "number": 1, "starts": "2024-10-14", "planned_full": "120", "planned_hours": planned,
        "recognised_hours": hours})
    case.say("stipend.StipendNotDue", "entitlement", "e1", {
        "entitlement_id": "e1", "period": 1, "reason": reason, "validated_fact": validated})
    assert case.comes_to() == [("not_due_cents", 0, "0")]


@pytest.mark.parametrize("lacks", ["the hours", "the rules", "the plan"])
def test_what_no_fact_explains_is_said_not_to_be(lacks: str) -> None:
    case = Case()
    case.accrue("72", 36000)
    gone = {"the hours": "AttendancePeriodValidated", "the rules": "ProgrammeActivated", "the plan": "InternshipPlanned"}[lacks]
    facts = [fact for fact in case.facts() if fact.name != gone]
    figure, = figures_of_case(facts, [fact for fact in facts if fact.source == "reporting"])
    with pytest.raises(Unexplained):
        values_of(facts).of(figure.expression)


def test_an_amount_that_its_hours_do_not_come_to_is_not_equal() -> None:
    case = Case()
    case.accrue("72", 36001)
    assert case.comes_to() == [("accrued_cents", 36001, "36000")]
