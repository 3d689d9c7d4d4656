from dataclasses import replace
from datetime import date

import pytest

from chassis.decide import Actor, Release, Take
from chassis.given import given, refused
from intake.adapters.kinds import CASE, REFERRAL
from intake.domain.case import CaseClosed
from intake.domain.programme import Programme, Rules
from intake.domain.referral import (
    Brought,
    Match,
    OpenCase,
    Referral,
    ReferralAccepted,
    ReferralReceived,
    ReferralRefused,
    accept_referral,
    receive_referral,
    refuse_referral,
)

DAY, LATER = date(2024, 9, 9), date(2024, 9, 11)
ACCEPTED = ReferralAccepted("R-1", "C-1", "002", "S-1", LATER)


def receive(state, programme, actor, **changed):
    asked = dict(
        referral_id="R-1", programme_id="002", source="EEMM_ADI", protocol_no="SYN-002-1", given_name="Anna", family_name="Rossini",
        tax_code="RSSNNA85T55X000W", birth_date=date(1985, 12, 15), gender="F", received_on=DAY, match=Match(), brought=Brought(),
        new_subject_id="S-1", case_id="C-1", declared_categories=("ADI_HOUSEHOLD",))
    return receive_referral(state, programme=programme, actor=actor, **(asked | changed))


def test_a_referral_of_an_unknown_person_gives_a_new_pseudonym_and_a_case_of_its_own(programme, manager, received):
    assert receive(Referral(), programme, manager) == [received()]


def test_a_person_known_by_the_tax_code_keeps_the_pseudonym(programme, manager):
    (event,) = receive(Referral(), programme, manager, match=Match("S-9"), brought=Brought(("R-0",)))
    assert (event.subject_id, event.case_id, event.number) == ("S-9", "C-1", 2)


def test_a_referral_received_twice_is_one(programme, manager, received):
    assert receive(given(REFERRAL, received()), programme, manager) == []


@pytest.mark.parametrize("other", [{"given_name": "Anno"}, {"programme_id": "003"}, {"source": "MUNICIPIO_3"}, {"protocol_no": "2"},
                                   {"received_on": LATER}, {"declared_categories": ()}, {"urgency": "URGENT"}])
def test_other_content_under_the_same_id_is_refused(programme, manager, received, other):
    with refused("INVALID_TRANSITION"):
        receive(given(REFERRAL, received()), programme, manager, **other)


def test_a_referral_of_a_sealed_source_received_twice_is_one(programme, manager):
    twice = given(REFERRAL, *receive(Referral(), programme, replace(manager, org="ussm"), source="USSM"))
    assert receive(twice, programme, manager, source="USSM") == []
    with refused("INVALID_TRANSITION"):
        receive(twice, programme, manager)


def test_a_private_school_may_not_refer(programme, manager):
    with refused("SOURCE_NOT_CONFIGURED"):
        receive(Referral(), programme, manager, source="PRIVATE_SCHOOL")


@pytest.mark.parametrize("day", [date(2024, 6, 30), date(2027, 1, 1)])
def test_outside_its_window_a_programme_takes_no_referrals(programme, manager, day):
    with refused("PROGRAMME_NOT_ACTIVE"):
        receive(Referral(), programme, manager, received_on=day)


@pytest.mark.parametrize("day", [date(2024, 7, 1), date(2026, 12, 31)])
def test_on_its_first_and_last_day_a_programme_takes_referrals(programme, manager, day):
    assert receive(Referral(), programme, manager, received_on=day)


def test_a_source_s_operator_refers_for_their_own_organisation_alone(programme):
    with refused("OPERATOR_NOT_AUTHORISED"):
        receive(Referral(), programme, Actor("op", "REFERRER", "scuola", "bari"))
    assert receive(Referral(), programme, Actor("op", "REFERRER", "ats-bari", "bari"))


def test_a_case_manager_may_not_name_another_body_than_the_source_s(programme, manager):
    with refused("OPERATOR_NOT_AUTHORISED"):
        receive(Referral(), programme, manager, referrer_org="scuola")


def test_a_source_that_reveals_is_spoken_as_its_kind_alone(programme, manager):
    (event,) = receive(Referral(), programme, replace(manager, org="ussm"), source="USSM")
    assert (event.source, event.source_kind, event.sealed_source) == (None, "PUBLIC_SERVICE", "USSM")
    assert (event.referrer_org, event.referrer_role) == ("bari", "REFERRER")
    assert given(REFERRAL, event).source == "USSM"


def test_an_accepted_referral_names_the_case_and_the_person(programme, received):
    events = accept_referral(given(REFERRAL, received()), referral_id="R-1", accepted_on=LATER, programme=programme,
                             open_case=OpenCase())
    assert events == [ACCEPTED]


def accept(state, programme, holder=None):
    return accept_referral(state, referral_id="R-1", accepted_on=LATER, programme=programme, open_case=OpenCase(holder))


def test_a_person_with_an_open_case_in_the_programme_gets_no_second_one(programme, received):
    with refused("CASE_ALREADY_OPEN"):
        accept(given(REFERRAL, received()), programme, holder="C-0")


def test_a_referral_is_decided_once(programme, received):
    with refused("ALREADY_DECIDED"):
        accept(given(REFERRAL, received(), ACCEPTED), programme, holder="C-1")
    with refused("ALREADY_DECIDED"):
        refuse_it(given(REFERRAL, received(), ACCEPTED))


def test_a_referral_cannot_be_accepted_once_the_programme_has_ended(received):
    with refused("PROGRAMME_NOT_ACTIVE"):
        accept(given(REFERRAL, received()), Programme((Rules(start=date(2024, 1, 1), end=date(2024, 9, 10)),)))


def test_a_referral_that_was_never_received_is_unknown(programme):
    with refused("REFERRAL_UNKNOWN"):
        accept(Referral(), programme)
    with refused("REFERRAL_UNKNOWN"):
        refuse_it(Referral())


def refuse_it(state, reason="NO_PLACES", note=None):
    return refuse_referral(state, referral_id="R-1", reason_code=reason, refused_on=LATER, note=note)


def test_a_refusal_has_a_reason(received):
    state = given(REFERRAL, received())
    assert refuse_it(state) == [ReferralRefused("R-1", "NO_PLACES", LATER, None, None)]
    with refused("REASON_MISSING"):
        refuse_it(state, "OTHER")
    assert refuse_it(state, "OTHER", "moved away")


def test_a_refused_referral_is_not_accepted_later(programme, received):
    with refused("ALREADY_DECIDED"):
        accept(given(REFERRAL, received(), ReferralRefused("R-1", "NO_PLACES", LATER, None, None)), programme)


def test_the_tax_code_is_the_person_s_and_the_case_the_referral_s(received):
    assert list(REFERRAL.claims(received(), lambda kind, value: f"mac({kind},{value})")) == [
        Take("tax-code", "mac(tax-code,RSSNNA85T55X000W)", "S-1"), Take("case-referral", "C-1", "R-1"), Take("brought", "S-1/1", "R-1")]


def test_the_open_case_is_held_from_acceptance_to_closing():
    def none(kind: str, value: str) -> str:
        raise AssertionError

    assert list(REFERRAL.claims(ACCEPTED, none)) == [Take("open-case", "002/S-1", "C-1")]
    closed = CaseClosed("C-1", "002", "S-1", LATER, "COMPLETED")
    assert list(CASE.claims(closed, none)) == [Release("open-case", "002/S-1")]


def test_the_state_of_a_forgotten_person_s_referral_still_loads(received):
    event = received(**{name: "(erased)" for name in ("protocol_no", "declared_categories", "given_name", "tax_code", "birth_date")})
    assert given(REFERRAL, event, ReferralAccepted("R-1", "C-1", "002", "S-1", LATER)).decided == "ACCEPTED"
    assert isinstance(event, ReferralReceived)
