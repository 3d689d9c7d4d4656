from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from chassis.given import given, refused
from intake.adapters.kinds import CASE, REFERRAL
from intake.domain.case import (
    CaseClosed,
    CaseManagerAssigned,
    CaseOpened,
    EligibilityConfirmed,
    EligibilityDenied,
    Gate,
    PrivacyNoticeDelivered,
    TargetCategoryAttested,
)
from intake.domain.eligibility import confirm_eligibility, deny_eligibility
from intake.domain.programme import Programme, fold

DAY = date(2024, 9, 13)
OPEN = (PrivacyNoticeDelivered("C-1", "002", "S-1", "v1", "it", DAY, "IN_PERSON"), CaseOpened("C-1", "002", "S-1", DAY, "MUNICIPIO_3"))
WORKED = (*OPEN, CaseManagerAssigned("C-1", "op-cm-02", DAY))


def attested(category: str, since: date = date(2024, 1, 1), to: date | None = date(2025, 6, 30)) -> TargetCategoryAttested:
    return TargetCategoryAttested(f"A-{category}", "C-1", "SPECIAL", None, None, since, to, category, None, "doc")


@pytest.fixture
def gated(configured):
    """Programme 002 with other gates."""
    def with_gates(**gates: Any) -> Programme:
        fact = configured()
        return fold(Programme(), replace(fact, data={**fact.data, "config": {**fact.data["config"],
                                                                             "eligibility": {"rule_version": "x-1", **gates}}}))

    return with_gates


def confirm(state, programme, referral, person, on=DAY):
    return confirm_eligibility(state, case_id="C-1", confirmed_on=on, programme=programme, referral=referral, subject=person)


def deny(state, programme, referral, person, on=DAY):
    return deny_eligibility(state, case_id="C-1", denied_on=on, programme=programme, referral=referral, subject=person)


def test_a_person_who_meets_every_gate_may_enter(programme, referral, person):
    events = confirm(given(CASE, *WORKED, attested("ADI_HOUSEHOLD")), programme, referral, person)
    gates = tuple(Gate(rule, True) for rule in ("SOURCE", "RESIDENCE", "AGE", "CATEGORY"))
    assert events == [EligibilityConfirmed("C-1", gates, "002-1", "ADULT", 6, False)]


def test_confirmed_twice_is_confirmed_once(programme, referral, person):
    state = given(CASE, *WORKED, attested("ADI_HOUSEHOLD"))
    assert confirm(given(CASE, *WORKED, *confirm_events(state, programme, referral, person)), programme, referral, person) == []


def confirm_events(state, programme, referral, person):
    return confirm(state, programme, referral, person)


def test_who_lives_elsewhere_may_not_enter(programme, referral, person):
    with refused("NOT_RESIDENT"):
        confirm(given(CASE, *WORKED, attested("ADI_HOUSEHOLD")), programme, referral, replace(person, residence="027042"))


def test_a_programme_without_municipalities_takes_from_anywhere(referral, person, gated):
    assert confirm(given(CASE, *WORKED), gated(), referral, replace(person, residence="027042"))


@pytest.mark.parametrize(("born", "enters", "band"), [
    (date(2008, 9, 14), False, ""), (date(2008, 9, 13), True, "UNDER_18"), (date(2006, 9, 14), True, "UNDER_18"),
    (date(2006, 9, 13), True, "ADULT")])
def test_the_sixteenth_birthday_opens_the_gate_and_the_eighteenth_makes_an_adult(programme, referral, person, born, enters, band):
    state = given(CASE, *WORKED, attested("ADI_HOUSEHOLD"))
    if not enters:
        with refused("AGE_BELOW_MINIMUM"):
            confirm(state, programme, referral, replace(person, birth_date=born))
    else:
        (event,) = confirm(state, programme, referral, replace(person, birth_date=born))
        assert event.age_band == band


def test_whose_birth_date_was_erased_passes_no_age_gate(programme, referral, person):
    with refused("AGE_BELOW_MINIMUM"):
        confirm(given(CASE, *WORKED, attested("ADI_HOUSEHOLD")), programme, referral, replace(person, birth_date="(erased)"))


def test_a_category_that_was_never_shown_is_missing(programme, referral, person):
    with refused("CATEGORY_EVIDENCE_MISSING"):
        confirm(given(CASE, *WORKED, attested("POVERTY")), programme, referral, person)


@pytest.mark.parametrize(("since", "to", "holds"), [
    (date(2024, 1, 1), date(2024, 9, 12), False), (date(2024, 1, 1), DAY, True), (DAY, None, True), (date(2024, 9, 14), None, False)])
def test_a_category_counts_from_its_first_day_to_its_last(programme, referral, person, since, to, holds):
    state = given(CASE, *WORKED, attested("ADI_HOUSEHOLD", since, to))
    if holds:
        assert confirm(state, programme, referral, person)
    else:
        with refused("CATEGORY_EXPIRED"):
            confirm(state, programme, referral, person)


def test_of_several_required_categories_each_is_needed(referral, person, gated):
    programme = gated(all_of=["POVERTY", "SINGLE_PARENT"])
    with refused("CATEGORY_EVIDENCE_MISSING"):
        confirm(given(CASE, *WORKED, attested("POVERTY")), programme, referral, person)
    assert confirm(given(CASE, *WORKED, attested("POVERTY"), attested("SINGLE_PARENT")), programme, referral, person)


def test_a_programme_for_persons_in_charge_takes_only_them(referral, person, gated):
    programme = gated(all_of=["IN_CHARGE_SSP"])
    with refused("NOT_IN_CHARGE"):
        confirm(given(CASE, *WORKED), programme, referral, person)
    (event,) = confirm(given(CASE, *WORKED, attested("IN_CHARGE_SSP")), programme, referral, person)
    assert Gate("IN_CHARGE", True) in event.gates


def test_a_source_that_was_taken_out_of_the_configuration_no_longer_counts(programme, person, received):
    with refused("SOURCE_NOT_CONFIGURED"):
        confirm(given(CASE, *WORKED, attested("ADI_HOUSEHOLD")), programme, given(REFERRAL, received(source="CPI")), person)


def test_all_that_is_missing_is_named_in_the_order_of_the_rules(programme, referral, person):
    young = replace(person, residence="027042", birth_date=date(2010, 1, 1))
    with refused("NOT_RESIDENT", "AGE_BELOW_MINIMUM", "CATEGORY_EVIDENCE_MISSING", "NO_CASE_MANAGER"):
        confirm(given(CASE, *OPEN), programme, referral, young)


def test_what_the_categories_allow_is_said_without_naming_them(programme, referral, person):
    state = given(CASE, *WORKED, attested("ADI_HOUSEHOLD"), attested("DISABILITY"), attested("L381_ART4_DRUG"))
    (event,) = confirm(state, programme, referral, person)
    assert (event.max_months, event.quota_exempt) == (24, True)


def test_entry_is_denied_for_the_gates_that_are_not_met(programme, referral, person):
    state = given(CASE, *WORKED)
    events = deny(state, programme, referral, person)
    assert events == [EligibilityDenied("C-1", ("CATEGORY_EVIDENCE_MISSING",), "002-1")]
    assert deny(given(CASE, *WORKED, *events), programme, referral, person) == []
    assert confirm(given(CASE, *WORKED, *events, attested("ADI_HOUSEHOLD")), programme, referral, person)


def test_who_meets_every_gate_is_not_denied(programme, referral, person):
    with refused("GATES_MET"):
        deny(given(CASE, *WORKED, attested("ADI_HOUSEHOLD")), programme, referral, person)


def test_who_was_confirmed_is_not_denied_afterwards(programme, referral, person):
    state = given(CASE, *WORKED, attested("ADI_HOUSEHOLD"))
    confirmed = given(CASE, *WORKED, *confirm(state, programme, referral, person))
    with refused("ALREADY_DECIDED"):
        deny(confirmed, programme, referral, person)


def test_eligibility_is_decided_in_an_open_case(programme, referral, person):
    for decide in (confirm, deny):
        with refused("CASE_NOT_OPEN"):
            decide(given(CASE, OPEN[0]), programme, referral, person)
        with refused("CASE_CLOSED"):
            decide(given(CASE, *WORKED, CaseClosed("C-1", "002", "S-1", DAY, "NO_CONTACT")), programme, referral, person)


def test_a_new_configuration_decides_from_the_day_it_is_in_force(programme, referral, person, configured):
    stricter = {**configured().data["config"], "eligibility": {"rule_version": "002-2", "min_age": 40}}
    known = fold(programme, configured("ConfigurationVersioned", date(2024, 9, 1), config=stricter, effective_from="2024-09-13"))
    assert known.rules(date(2024, 9, 12)).rule_version == "002-1"
    with refused("AGE_BELOW_MINIMUM"):
        confirm(given(CASE, *WORKED), known, referral, person)
