from dataclasses import replace
from datetime import date
from functools import reduce
from itertools import permutations

import pytest

from chassis.decide import Heard, Refused
from intake.adapters.words import code, municipality, person_name, reference, tax_code
from intake.domain import programme
from intake.domain.engagements import Engagements, fold


def heard(name: str, recorded: int = 0, **data: str | int) -> Heard:
    return Heard(name, name, name.split(".")[0], "X-1", date(2025, 1, 1), f"2025-01-01T00:00:00.{recorded:06}Z", case="C-1", data=data)


PLANNED = heard("placement.InternshipPlanned.v1", internship_id="I-1")
STARTED = heard("placement.InternshipStarted.v1", internship_id="I-1")
COMPLETED = heard("placement.InternshipCompleted.v1", internship_id="I-1")
APPROVED = heard("stipend.StipendApproved.v1", accrual_id="A-1", amount_cents=36000)
PAID = heard("stipend.StipendPaid.v1", accrual_id="A-1", order_id="O-1", amount_cents=36000)
RETURNED = heard("stipend.PaymentReturned.v1", order_id="O-1")
PAID_AGAIN = heard("stipend.StipendPaid.v1", accrual_id="A-1", order_id="O-2", amount_cents=36000)
RAISED = heard("stipend.StipendAdjusted.v1", 1, accrual_id="A-1", new_amount_cents=60000)
APPROVED_ANEW = heard("stipend.StipendApproved.v1", 2, accrual_id="A-1", amount_cents=60000)
THE_REST = heard("stipend.StipendPaid.v1", 3, accrual_id="A-1", order_id="O-3", amount_cents=24000)


def known(*facts: Heard) -> Engagements:
    return reduce(fold, facts, Engagements())


@pytest.mark.parametrize("ending", ["Completed", "Withdrawn", "Interrupted"])
def test_an_internship_is_open_until_it_ends_in_whatever_way(ending):
    assert known(PLANNED, STARTED).internships == {"I-1"}
    assert not known(PLANNED, STARTED, heard(f"placement.Internship{ending}.v1", internship_id="I-1")).internships


def test_a_stipend_is_unpaid_until_a_payment_stays():
    assert known(APPROVED).unpaid == {"A-1"}
    assert not known(APPROVED, PAID).unpaid
    assert known(APPROVED, PAID, RETURNED).unpaid == {"A-1"}
    assert not known(APPROVED, PAID, RETURNED, PAID_AGAIN).unpaid


def test_it_does_not_matter_who_was_heard_first():
    facts = (PLANNED, COMPLETED, APPROVED, PAID, RETURNED, RAISED, APPROVED_ANEW)
    assert all(known(*order) == known(*facts) for order in permutations(facts))


def test_a_stipend_paid_in_part_is_unpaid_for_the_rest():
    raised = (APPROVED, PAID, RAISED)
    assert not known(*raised).unpaid, "what it was raised by is not approved yet"
    assert known(*raised, APPROVED_ANEW).unpaid == {"A-1"}
    assert not known(*raised, APPROVED_ANEW, THE_REST).unpaid
    assert known(*raised, APPROVED_ANEW, THE_REST, RETURNED).unpaid == {"A-1"}
    assert known(APPROVED_ANEW, PAID).unpaid == {"A-1"}


def test_a_stipend_that_came_down_to_what_was_paid_is_no_debt():
    approved = heard("stipend.StipendApproved.v1", accrual_id="A-1", amount_cents=60000)
    lowered = heard("stipend.StipendAdjusted.v1", 1, accrual_id="A-1", new_amount_cents=36000)
    assert known(approved, PAID).unpaid == {"A-1"}
    assert not known(approved, PAID, lowered).unpaid


def test_other_facts_of_the_case_change_nothing():
    assert known(heard("placement.HireRecorded.v1")) == Engagements()
    assert programme.fold(programme.Programme(), heard("reporting.BudgetApproved.v1")) == programme.Programme()


def test_a_programme_without_dates_is_open(configured):
    assert programme.fold(programme.Programme(), configured(start=None, end=None)).active(date(1990, 1, 1))
    assert not programme.Programme().active(date(2024, 9, 9))


@pytest.mark.parametrize("value", ["RSSNNA85T55X000W", "rssnna85t55x000w", "BNCLRALQMQMXLLLV", "00743110157"])
def test_a_tax_code_is_taken_in_capitals(value):
    assert tax_code(value) == value.upper()


@pytest.mark.parametrize(("check", "value", "no"), [
    (tax_code, "RSSNNA85T55X000A", "CF_CHECKSUM"), (tax_code, "RSSNNA85T55", "CF_CHECKSUM"), (tax_code, "", "CF_CHECKSUM"),
    (tax_code, "00743110158", "CF_CHECKSUM"), (tax_code, "RSSNNA85T55X000Ẁ", "CF_CHECKSUM"), (code, "two words", "CODE_INVALID"),
    (code, "RSSNNA85T55X000W", "CODE_INVALID"), (code, "RSSNNA-85T55.X000w", "CODE_INVALID"),
    (reference, "v1-RSSNNA85T55X000W", "REFERENCE_INVALID"), (reference, "a/b", "REFERENCE_INVALID"),
    (municipality, "Bari", "MUNICIPALITY_INVALID"),
    (municipality, "٠٧٢٠٠٦", "MUNICIPALITY_INVALID"), (person_name, "  ", "NAME_INVALID"), (person_name, "x" * 101, "NAME_INVALID")])
def test_what_has_not_its_form_is_refused(check, value, no):
    with pytest.raises(Refused, match=no):
        check(value)


def test_names_keep_their_spelling_and_lose_spare_spaces():
    assert person_name("  Anna  D'Àvila ") == "Anna D'Àvila"
    assert (code("MUNICIPIO_3"), reference("doc-adi"), municipality("072006")) == ("MUNICIPIO_3", "doc-adi", "072006")


def test_a_programme_that_is_prolonged_runs_on_from_the_day_that_says_so(configured):
    prolonged = replace(configured(start="2024-01-01", end="2026-12-31", effective_from="2025-06-01"),
                        type="reporting.ProgrammeConfigurationVersioned.v1")
    both = reduce(programme.fold, [configured(start="2024-01-01", end="2025-06-15"), prolonged], programme.Programme())
    assert both.active(date(2026, 1, 1))
    assert not both.active(date(2027, 1, 1))
    assert both.rules(date(2025, 5, 31)).end == date(2025, 6, 15)


def test_the_policy_of_a_day_is_the_youngest_that_is_valid_by_then(configured):
    policies = [{"policy_id": "OLD", "valid_from": "2024-01-01", "duration": {"max_months": {"DEFAULT": 6}}},
                {"policy_id": "NEXT", "valid_from": "2099-01-01", "duration": {"max_months": {"DEFAULT": 24}}}]
    rules = programme.fold(programme.Programme(), configured(config={"policies": policies})).rules(date(2025, 1, 1))
    assert rules.policy(date(2025, 1, 1)).max_months == {"DEFAULT": 6}
    assert rules.policy(date(2099, 1, 1)).max_months == {"DEFAULT": 24}


def test_an_accrual_that_was_adjusted_to_nothing_is_no_debt():
    approved = heard("stipend.StipendApproved.v1", accrual_id="a", amount_cents=100)
    adjusted = heard("stipend.StipendAdjusted.v1", 1, accrual_id="a", new_amount_cents=0)
    raised = heard("stipend.StipendAdjusted.v1", 2, accrual_id="a", new_amount_cents=100)
    assert known(approved).unpaid == {"a"}
    assert known(approved, adjusted).unpaid == set()
    assert known(approved, adjusted, raised).unpaid == {"a"}
