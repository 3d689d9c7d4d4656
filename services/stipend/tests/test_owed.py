"""Money set aside, accrued, adjusted, approved: what is allowed, and what each refusal is for."""
from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from chassis.given import given, refused
from stipend.adapters.kinds import COMMITMENT, ENTITLEMENT, PAYMENT, TAX
from stipend.domain.accrual import StipendPolicy
from stipend.domain.accruals import InternshipHolder, accrue_stipend, adjust_stipend, open_entitlement, project_stipends
from stipend.domain.approval import approve_stipend
from stipend.domain.commitment import Commitment, ShareChanged, register_commitment
from stipend.domain.entitlement import RecoveryRequested, StipendNotDue, StipendProjected
from stipend.domain.forms import ActNo
from stipend.domain.known import Case, Period, Validated
from stipend.domain.numbering import AccrualNumbered, Numbering
from stipend.domain.payment import Payment
from stipend.domain.tax import decide_tax_treatment

from .story import (
    ACCRUED,
    APPROVED,
    CASE,
    DAY,
    FIRST,
    INTERNSHIP,
    ISSUED,
    LOWER,
    MONTHS,
    OFFICER,
    OPENED,
    PAID,
    POLICY,
    PROGRAMME,
    SENT,
    SET_ASIDE,
    TAXED,
)

ZERO = replace(POLICY, below="ZERO")


def case_with(**changes: Any) -> Case:
    return replace(CASE, internships={"I": replace(INTERNSHIP, **changes)})


def opened(commitment: Commitment, *, case: Case = CASE, policy: StipendPolicy = POLICY, holder: str | None = None) -> list[Any]:
    return open_entitlement(given(ENTITLEMENT), entitlement_id="E", case_id="C", internship_id="I", commitment_id="K", opened_on=DAY,
                            case=case, policy=policy, commitment=commitment, holder=InternshipHolder(holder))


def accrue(*events: Any, period: int = 1, case: Case = CASE, commitment: Commitment | None = None, policy: StipendPolicy = POLICY,
           last: int = 0) -> list[Any]:
    money = commitment or given(COMMITMENT, SET_ASIDE, ShareChanged("K", "E", 120000))
    return accrue_stipend(given(ENTITLEMENT, *events), entitlement_id="E", accrual_id="A", period=period, case=case, policy=policy,
                          commitment=money, numbers=Numbering("002", last))


def adjust(state: Any, payment: Payment, case: Case = CASE, commitment: Commitment | None = None,
           policy: StipendPolicy = POLICY) -> list[Any]:
    return adjust_stipend(state, entitlement_id="E", accrual_id="A", reason="REGISTER_CORRECTED", case=case, policy=policy,
                          commitment=commitment or given(COMMITMENT, SET_ASIDE), payment=payment)


def register(amount: int = 120000, *before: Any, binding: bool = True, programme: str = "002", reserved: str | None = None) -> list[Any]:
    return list(register_commitment(
        given(COMMITMENT, *before), commitment_id="K", programme_id=programme, act_no=ActNo("SYN-DET-1"), act_date=date(2024, 10, 4),
        amount_cents=amount, binding=binding, programme=PROGRAMME, for_case_id=reserved))


def test_a_commitment_is_registered_once_and_again_only_to_become_binding() -> None:
    assert register() == [SET_ASIDE]
    assert register(120000, SET_ASIDE) == []
    loose = replace(SET_ASIDE, binding=False)
    assert register(120000, loose) == [SET_ASIDE]
    with refused("BUDGET_NOT_AVAILABLE"):
        register(999, loose)
    with refused("BUDGET_NOT_AVAILABLE"):
        register(0)
    for before in (SET_ASIDE, loose):
        with refused("BUDGET_NOT_AVAILABLE"):
            register(120000, before, programme="003")


def test_an_entitlement_opens_when_the_commitment_bears_every_month_in_full() -> None:
    assert opened(given(COMMITMENT, SET_ASIDE)) == [OPENED, ShareChanged("K", "E", 120000)]


@pytest.mark.parametrize("commitment", [
    given(COMMITMENT, replace(SET_ASIDE, amount_cents=119999)), given(COMMITMENT), given(COMMITMENT, SET_ASIDE, ShareChanged("K", "X", 1)),
    given(COMMITMENT, replace(SET_ASIDE, programme_id="003"))])
def test_an_entitlement_is_not_opened_on_money_that_is_not_there(commitment: Commitment) -> None:
    with refused("BUDGET_NOT_AVAILABLE"):
        opened(commitment)


def test_money_reserved_for_one_case_pays_no_other() -> None:
    own, other = (given(COMMITMENT, replace(SET_ASIDE, for_case_id=case)) for case in ("C", "C2"))
    assert opened(own)[0] == OPENED
    assert accrue(OPENED, commitment=own)[0] == ACCRUED
    state, lower = given(ENTITLEMENT, OPENED, ACCRUED), case_with(validated={1: replace(FIRST, recognised=Decimal(72))})
    assert adjust(state, given(PAYMENT), lower, own)
    for refuse in (lambda: opened(other), lambda: accrue(OPENED, commitment=other), lambda: adjust(state, given(PAYMENT), lower, other),
                   lambda: project_stipends(state, entitlement_id="E", case=CASE, policy=POLICY, commitment=other)):
        with refused("BUDGET_NOT_AVAILABLE"):
            refuse()


def test_money_stays_reserved_for_its_case_once_it_is_binding() -> None:
    loose = replace(SET_ASIDE, binding=False, for_case_id="C")
    (binding,) = register(120000, loose)
    assert binding == replace(SET_ASIDE, for_case_id="C")
    assert given(COMMITMENT, loose, replace(SET_ASIDE, for_case_id=None)).for_case_id == "C"
    for before in (loose, replace(loose, for_case_id=None)):
        with refused("BUDGET_NOT_AVAILABLE"):
            register(120000, before, reserved="C2")


def test_an_internship_has_one_entitlement_under_a_policy_that_pays() -> None:
    money = given(COMMITMENT, SET_ASIDE)
    with refused("INVALID_TRANSITION"):
        opened(money, holder="other")
    with refused("STIPEND_MODE_UNDEFINED"):
        opened(money, policy=StipendPolicy("PUGLIA@0", "NONE"))
    with refused("CASE_NOT_HEARD_YET"):
        opened(money, case=replace(CASE, internships={}))


def test_a_validated_month_accrues_under_the_next_number_of_the_programme() -> None:
    assert accrue(OPENED) == [ACCRUED, AccrualNumbered("002", 1, "A")]
    assert accrue(OPENED, last=41)[0].number == 42


def test_a_month_below_the_threshold_gives_money_back_to_the_commitment() -> None:
    case = case_with(validated={1: replace(FIRST, recognised=Decimal(72))})
    accrued, _, share = accrue(OPENED, case=case)
    assert (accrued.rule, accrued.amount_cents, accrued.ratio, share) == (
        "PRO_RATA", 36000, Decimal("0.6000"), ShareChanged("K", "E", 96000))
    assert accrued.share_cents == 96000


def test_a_month_is_worth_what_the_project_was_signed_with_where_the_policy_leaves_a_choice() -> None:
    between, case = replace(POLICY, max_monthly=70000), case_with(monthly_cents=55000)
    assert opened(given(COMMITMENT, SET_ASIDE), case=case, policy=between)[0].projected_cents == 110000
    accrued = accrue(OPENED, case=case, policy=between)[0]
    assert (accrued.base_cents, accrued.amount_cents, accrued.share_cents) == (55000, 55000, 110000)
    half = case_with(monthly_cents=55000, validated={1: replace(FIRST, recognised=Decimal(60))})
    assert accrue(OPENED, case=half, policy=between)[0].amount_cents == 27500
    assert adjust(given(ENTITLEMENT, OPENED, accrued), given(PAYMENT), half, policy=between)[0].new_amount_cents == 27500


def test_a_month_is_accrued_once() -> None:
    with refused("PERIOD_ALREADY_ACCRUED"):
        accrue(OPENED, ACCRUED)


def test_nothing_accrues_before_the_register_is_validated_or_the_internship_has_started() -> None:
    with refused("REGISTER_NOT_VALIDATED"):
        accrue(OPENED, period=2)
    with refused("REGISTER_NOT_VALIDATED"):
        accrue(OPENED, period=99)
    with refused("INVALID_TRANSITION"):
        accrue(OPENED, case=case_with(started=False))
    with refused("INVALID_TRANSITION"):
        accrue()


def test_a_suspended_month_is_refused_until_its_register_says_so() -> None:
    away = case_with(suspensions=((date(2024, 11, 14), date.max),))
    with refused("SUSPENDED_PERIOD"):
        accrue(OPENED, period=2, case=away)
    nothing = Validated("fact-2", MONTHS[2].starts, MONTHS[2].ends, Decimal(120), Decimal(0), Decimal(0))
    case = case_with(suspensions=((date(2024, 11, 14), date.max),), validated={2: nothing})
    assert accrue(OPENED, period=2, case=case) == [
        StipendNotDue("E", "PUGLIA@0", 2, MONTHS[2].starts, MONTHS[2].ends, "SUSPENDED", "fact-2", 60000),
        ShareChanged("K", "E", 60000)]


def test_a_month_that_was_not_due_accrues_once_a_correction_makes_it_due() -> None:
    def by(hours: int, *events: Any) -> list[Any]:
        return accrue(OPENED, *events, case=case_with(validated={1: replace(FIRST, recognised=Decimal(hours))}), policy=ZERO)

    not_due, share = by(72)
    assert (not_due.reason, share) == ("BELOW_THRESHOLD_ZERO", ShareChanged("K", "E", 60000))
    with refused("PERIOD_ALREADY_ACCRUED"):
        by(80, not_due)
    accrued = by(84, not_due)[0]
    assert (accrued.amount_cents, accrued.share_cents) == (60000, 120000)
    state = given(ENTITLEMENT, OPENED, not_due, accrued)
    assert (state.owed_cents, state.not_due, state.settled) == (60000, frozenset(), {1})
    with refused("PERIOD_ALREADY_ACCRUED"):
        by(84, not_due, accrued)


def test_two_draws_cannot_take_more_than_the_commitment_has() -> None:
    with refused("BUDGET_NOT_AVAILABLE"):
        accrue(OPENED, commitment=given(COMMITMENT, SET_ASIDE, ShareChanged("K", "E", 59999), ShareChanged("K", "X", 60001)))
    with refused("STIPEND_OUT_OF_RANGE"):
        accrue(OPENED, policy=replace(POLICY, max_monthly=59999))


def test_a_month_is_paid_while_there_is_money_though_the_months_to_come_no_longer_fit() -> None:
    longer = case_with(periods={**MONTHS, 3: Period(date(2024, 12, 14), date(2025, 1, 13), Decimal(120), Decimal(120))})
    state = given(ENTITLEMENT, OPENED)
    with refused("BUDGET_NOT_AVAILABLE"):
        project_stipends(state, entitlement_id="E", case=longer, policy=POLICY, commitment=given(COMMITMENT, SET_ASIDE))
    assert accrue(OPENED, case=longer) == [ACCRUED, AccrualNumbered("002", 1, "A")]


def test_an_end_before_its_time_frees_the_months_that_do_not_come() -> None:
    ended = case_with(last_day=date(2024, 11, 10))
    done = project_stipends(given(ENTITLEMENT, OPENED, ACCRUED), entitlement_id="E", case=ended, policy=POLICY,
                            commitment=given(COMMITMENT, SET_ASIDE, ShareChanged("K", "E", 120000)))
    assert done == [StipendProjected("E", "PUGLIA@0", 60000), ShareChanged("K", "E", 60000)]


def test_a_correction_adjusts_the_accrual_and_asks_back_what_was_paid_beyond_it() -> None:
    case = case_with(validated={1: replace(FIRST, recognised=Decimal(72), corrected="fact-2")})
    state = given(ENTITLEMENT, OPENED, ACCRUED, APPROVED)
    share = ShareChanged("K", "E", 96000)
    assert adjust(state, given(PAYMENT), case) == [LOWER, share]
    assert adjust(state, given(PAYMENT, ISSUED, SENT), case) == [LOWER, share], "nothing has been paid yet"
    assert adjust(state, given(PAYMENT, ISSUED, SENT, PAID), case) == [
        LOWER, RecoveryRequested("E", 24000, "REGISTER_CORRECTED", ("A",)), share]
    assert adjust(state, given(PAYMENT), CASE) == []


def test_an_adjustment_says_what_its_amount_is_computed_from() -> None:
    low = replace(ACCRUED, recognised_hours=Decimal(72), ratio=Decimal("0.6000"), rule="PRO_RATA", amount_cents=36000)
    state, case = given(ENTITLEMENT, OPENED, low), case_with(validated={1: replace(FIRST, recognised=Decimal(84), corrected="fact-2")})
    (up, _) = adjust(state, given(PAYMENT), case)
    assert (up.delta_cents, up.new_amount_cents, up.recognised_hours, up.planned_hours) == (24000, 60000, 84, 120)
    assert (up.rule, up.base_cents, up.ratio, up.corrected_fact) == ("FLAT_THRESHOLD", 60000, Decimal("0.7000"), "fact-2")
    (off, _) = adjust(state, given(PAYMENT), case_with(validated={1: replace(FIRST, recognised=Decimal(60))}), policy=ZERO)
    assert (off.new_amount_cents, off.rule, off.base_cents, off.corrected_fact) == (0, "BELOW_THRESHOLD_ZERO", None, None)


def test_what_was_asked_back_is_asked_back_no_more_when_a_correction_goes_up_again() -> None:
    asked = RecoveryRequested("E", 24000, "REGISTER_CORRECTED", ("A",))
    state, paid = given(ENTITLEMENT, OPENED, ACCRUED, APPROVED, LOWER, asked), given(PAYMENT, ISSUED, SENT, PAID)
    adjusted, undone, share = adjust(state, paid)
    assert (adjusted.delta_cents, adjusted.new_amount_cents, share.share_cents) == (24000, 60000, 120000)
    assert undone == RecoveryRequested("E", -24000, "REGISTER_CORRECTED", ("A",))
    half = case_with(validated={1: replace(FIRST, recognised=Decimal(78))})
    assert adjust(state, paid, half)[1].amount_cents == -3000


def test_an_accrual_is_approved_once_and_again_after_an_adjustment() -> None:
    def approve(*events: Any) -> list[Any]:
        return list(approve_stipend(given(ENTITLEMENT, *events), entitlement_id="E", accrual_id="A", act_no=ActNo("SYN-LIQ-1"),
                                    approved_on=DAY, actor=OFFICER))

    assert approve(OPENED, ACCRUED) == [APPROVED]
    with refused("ACCRUAL_ALREADY_APPROVED"):
        approve(OPENED, ACCRUED, APPROVED)
    with refused("REGISTER_NOT_VALIDATED"):
        approve(OPENED)
    assert approve(OPENED, ACCRUED, APPROVED, LOWER) == [replace(APPROVED, amount_cents=36000)]


def test_the_tax_treatment_is_of_a_version_of_the_plan_that_was_agreed() -> None:
    def decide(version: int, *events: Any) -> list[Any]:
        return list(decide_tax_treatment(given(TAX, *events), plan_id="PL", case_id="C", plan_version=version, treatment="EXEMPT_ART34",
                                         motivation="assistance prevails", decided_on=DAY, actor=OFFICER, case=CASE))

    assert decide(1) == [TAXED]
    assert decide(1, TAXED) == []
    for version in (2, 0, -1):
        with refused("PLAN_NOT_AGREED"):
            decide(version)
