from datetime import date

import pytest

from chassis.decide import Take
from chassis.given import given, refused
from intake.adapters.kinds import SUBJECT
from intake.domain.referral import Match
from intake.domain.subject import ParticipantDetailsCorrected, ParticipantRegistered, Subject, correct_details, register_participant

DAY = date(2024, 9, 11)
ANNA = ParticipantRegistered("S-1", "HH-002", None, "Anna", "Rossini", "RSSNNA85T55X000W", date(1985, 12, 15), "F", "072006", None,
                             None, None, None)
BORN = ANNA.birth_date


def register(state=Subject(), owner="S-1"):  # noqa: B008
    return register_participant(
        state, subject_id="S-1", given_name="Anna", family_name="Rossini", tax_code="RSSNNA85T55X000W", birth_date=BORN, gender="F",
        residence="072006", registered_on=DAY, match=Match(owner), household_ref="HH-002")


def correct(state, owner="S-1", **changed):
    return correct_details(state, subject_id="S-1", reason="TYPING_ERROR", evidence_doc="doc-id", corrected_on=DAY, match=Match(owner),
                           **changed)


def test_a_person_whom_a_referral_brought_is_registered():
    assert register() == [ANNA]


def test_a_person_registered_twice_is_registered_once():
    assert register(given(SUBJECT, ANNA)) == []


def test_one_registered_with_other_details_is_corrected_instead():
    with refused("INVALID_TRANSITION"):
        register(given(SUBJECT, *register(), *correct(given(SUBJECT, ANNA), residence="027042")))


@pytest.mark.parametrize("owner", [None, "S-2"])
def test_a_tax_code_that_no_referral_brought_for_this_person_registers_nobody(owner):
    with refused("SUBJECT_UNKNOWN"):
        register(owner=owner)


def test_a_correction_says_what_changed_and_keeps_what_it_is():
    (event,) = correct(given(SUBJECT, ANNA), family_name="Rossini Bruni", given_name="Anna")
    assert (event.fields, event.family_name, event.given_name) == (("FAMILY_NAME",), "Rossini Bruni", None)
    state = given(SUBJECT, ANNA, event)
    assert (state.given_name, state.family_name, state.birth_date) == ("Anna", "Rossini Bruni", BORN)


def test_a_correction_that_changes_nothing_records_nothing():
    assert correct(given(SUBJECT, ANNA), residence="072006") == []


def test_nobody_is_corrected_before_being_registered():
    with refused("SUBJECT_UNKNOWN"):
        correct(Subject(), given_name="Anna")


def test_another_person_s_tax_code_is_not_taken():
    with refused("TAX_CODE_TAKEN"):
        correct(given(SUBJECT, ANNA), owner="S-2", tax_code="SNNPLA70B43X000N")


def test_a_new_tax_code_becomes_the_person_s_as_well():
    (event,) = correct(given(SUBJECT, ANNA), owner=None, tax_code="SNNPLA70B43X000N")
    assert list(SUBJECT.claims(event, lambda kind, value: value)) == [Take("tax-code", "SNNPLA70B43X000N", "S-1")]
    (event,) = correct(given(SUBJECT, ANNA), residence="027042")
    assert list(SUBJECT.claims(event, lambda kind, value: value)) == []


@pytest.mark.parametrize(("on", "age"), [(date(2001, 12, 14), 15), (date(2001, 12, 15), 16), (date(2024, 9, 13), 38)])
def test_a_year_is_full_on_the_birthday(on, age):
    assert given(SUBJECT, ANNA).age(on) == age


def test_a_forgotten_person_loads_without_an_age():
    forgotten = ParticipantRegistered("S-1", "HH-002", None, *["(erased)"] * 10)
    corrected = ParticipantDetailsCorrected("S-1", ("RESIDENCE",), "CHANGED", "doc", *["(erased)"] * 8)
    assert given(SUBJECT, forgotten, corrected).age(DAY) is None
