from dataclasses import replace
from datetime import date

import pytest

from chassis.decide import Actor
from chassis.given import given, refused
from intake.adapters.kinds import CASE, REFERRAL
from intake.domain.case import (
    Case,
    CaseClosed,
    CaseHandedOver,
    CaseManagerAssigned,
    CaseOpened,
    PrivacyNoticeDelivered,
    TargetCategoryAttested,
)
from intake.domain.casework import (
    assign_case_manager,
    attest_category,
    close_case,
    deliver_privacy_notice,
    hand_over_case,
    open_case,
)
from intake.domain.engagements import Engagements
from intake.domain.referral import Referral
from intake.domain.subject import Subject

DAY = date(2024, 9, 11)
NOTICE = PrivacyNoticeDelivered("C-1", "002", "S-1", "v1", "it", DAY, "IN_PERSON")
OPENED = CaseOpened("C-1", "002", "S-1", DAY, "MUNICIPIO_3")
ASSIGNED = CaseManagerAssigned("C-1", "op-cm-02", DAY)
CLOSED = CaseClosed("C-1", "002", "S-1", DAY, "COMPLETED")
ADMIN = Actor("op-pa", "PARTNER_ADMIN", "comune-bari", "bari")


def deliver(state, referral, version="v1", person=Subject()):  # noqa: B008
    return deliver_privacy_notice(state, case_id="C-1", notice_version=version, language="it", channel="IN_PERSON", delivered_on=DAY,
                                  referral=referral, subject=person)


def open_it(state, referral, person):
    return open_case(state, case_id="C-1", territorial_unit="MUNICIPIO_3", opened_on=DAY, referral=referral, subject=person)


def assign(state, operator="op-cm-02", role="CASE_MANAGER"):
    return assign_case_manager(state, case_id="C-1", operator_id=operator, operator_role=role, assigned_on=DAY)


def hand_over(state, actor, to="op-cm-03", role="CASE_MANAGER"):
    return hand_over_case(state, case_id="C-1", to_operator_id=to, to_operator_role=role, reason="LEAVE", handed_over_on=DAY, actor=actor)


def attest(state, category="ADI_HOUSEHOLD", since=date(2024, 1, 1), to=date(2025, 6, 30)):
    return attest_category(state, attestation_id="A-1", case_id="C-1", category=category, evidence_doc="doc-adi", valid_from=since,
                           attested_on=DAY, valid_to=to)


def close(state, referral, engagements=Engagements()):  # noqa: B008
    return close_case(state, case_id="C-1", reason="COMPLETED", closed_on=DAY, referral=referral, engagements=engagements)


def test_the_privacy_notice_is_the_first_thing_on_record_of_a_case(referral):
    assert deliver(Case(), referral) == [NOTICE]


def test_the_same_notice_is_delivered_once_and_a_new_version_again(referral):
    assert deliver(given(CASE, NOTICE), referral) == []
    assert deliver(given(CASE, NOTICE), referral, "v2")


def test_no_notice_is_recorded_of_one_whose_referral_was_refused_or_who_was_erased(referral, person):
    gone, no = replace(person, erased=True), replace(referral, decided="REFUSED")
    with refused("REFERRAL_NOT_ACCEPTED"):
        deliver(Case(), no)
    with refused("SUBJECT_ERASED"):
        deliver(Case(), referral, person=gone)
    with refused("SUBJECT_ERASED", "REFERRAL_NOT_ACCEPTED"):
        deliver(Case(), no, person=gone)
    assert deliver(Case(), replace(referral, decided=None)) == [NOTICE]


def test_a_case_is_opened_for_an_accepted_registered_and_informed_person(referral, person):
    assert open_it(given(CASE, NOTICE), referral, person) == [OPENED]


def test_a_case_opened_twice_is_opened_once(referral, person):
    assert open_it(given(CASE, NOTICE, OPENED), referral, person) == []


def test_no_case_is_opened_before_the_privacy_notice(referral, person):
    with refused("PRIVACY_NOTICE_MISSING"):
        open_it(Case(), referral, person)


def test_no_case_is_opened_before_acceptance_and_registration(received):
    with refused("REFERRAL_NOT_ACCEPTED", "SUBJECT_NOT_REGISTERED"):
        open_it(given(CASE, NOTICE), given(REFERRAL, received()), Subject())


def test_a_case_that_no_referral_brought_is_unknown(person):
    for decide in (lambda: deliver(Case(), Referral()), lambda: open_it(Case(), Referral(), person), lambda: close(Case(), Referral())):
        with refused("CASE_UNKNOWN"):
            decide()


def test_an_administrator_assigns_one_case_manager():
    state = given(CASE, NOTICE, OPENED)
    assert assign(state) == [ASSIGNED]
    assert assign(given(CASE, NOTICE, OPENED, ASSIGNED)) == []


def test_a_second_case_manager_gets_the_case_by_handing_over_only():
    with refused("CASE_MANAGER_ALREADY_ASSIGNED"):
        assign(given(CASE, NOTICE, OPENED, ASSIGNED), "op-cm-03")


def test_an_operator_of_another_role_is_no_case_manager(manager):
    with refused("OPERATOR_NOT_AUTHORISED"):
        assign(given(CASE, NOTICE, OPENED), role="ORIENTATORE")
    with refused("OPERATOR_NOT_AUTHORISED"):
        hand_over(given(CASE, NOTICE, OPENED, ASSIGNED), manager, role="ORIENTATORE")


@pytest.mark.parametrize("actor", [Actor("op-cm-02", "CASE_MANAGER", "comune-bari", "bari"), ADMIN])
def test_the_case_s_own_manager_or_an_administrator_hands_it_over(actor):
    events = hand_over(given(CASE, NOTICE, OPENED, ASSIGNED), actor)
    assert events == [CaseHandedOver("C-1", "op-cm-02", "op-cm-03", "LEAVE", DAY, None)]
    assert given(CASE, NOTICE, OPENED, ASSIGNED, *events).case_manager == "op-cm-03"


def test_another_case_manager_does_not_hand_it_over():
    with refused("OPERATOR_NOT_AUTHORISED"):
        hand_over(given(CASE, NOTICE, OPENED, ASSIGNED), Actor("op-cm-09", "CASE_MANAGER", "comune-bari", "bari"))


def test_a_case_handed_to_the_one_who_has_it_stays(manager):
    assert hand_over(given(CASE, NOTICE, OPENED, ASSIGNED), manager, to="op-cm-02") == []


def test_a_case_without_a_manager_is_neither_handed_over_nor_worked():
    state = given(CASE, NOTICE, OPENED)
    with refused("NO_CASE_MANAGER"):
        hand_over(state, ADMIN)
    with refused("NO_CASE_MANAGER"):
        attest(state)


def test_a_category_of_hardship_is_spoken_with_its_document():
    (event,) = attest(given(CASE, NOTICE, OPENED, ASSIGNED))
    assert event == TargetCategoryAttested("A-1", "C-1", "H", "ADI_HOUSEHOLD", "doc-adi", date(2024, 1, 1), date(2025, 6, 30),
                                           None, None, None)


@pytest.mark.parametrize(("category", "sealed_as"), [("DISABILITY", "health_category"), ("EX_PRISONER", "judicial_category"),
                                                     ("VIOLENCE_VICTIM", "health_category")])
def test_a_special_category_is_sealed_and_so_is_its_document(category, sealed_as):
    (event,) = attest(given(CASE, NOTICE, OPENED, ASSIGNED), category)
    assert (event.gdpr_class, event.category, event.evidence_doc) == ("SPECIAL", None, None)
    assert (getattr(event, sealed_as), event.sealed_evidence) == (category, "doc-adi")
    assert given(CASE, event).held["A-1"].category == category


def test_a_minor_is_of_class_m():
    (event,) = attest(given(CASE, NOTICE, OPENED, ASSIGNED), "MINOR_16PLUS")
    assert event.gdpr_class == "M"


def test_the_same_attestation_counts_once():
    (event,) = attest(given(CASE, NOTICE, OPENED, ASSIGNED))
    assert attest(given(CASE, NOTICE, OPENED, ASSIGNED, event)) == []


def test_an_attestation_does_not_end_before_it_begins():
    with refused("INTERVAL_INVALID"):
        attest(given(CASE, NOTICE, OPENED, ASSIGNED), to=date(2023, 12, 31))
    assert attest(given(CASE, NOTICE, OPENED, ASSIGNED), to=date(2024, 1, 1))


def test_a_case_that_is_not_open_is_not_worked(manager):
    state = given(CASE, NOTICE)
    for decide in (lambda: assign(state), lambda: hand_over(state, manager), lambda: attest(state)):
        with refused("CASE_NOT_OPEN"):
            decide()


def test_a_closed_case_is_not_worked(referral, person, manager):
    state = given(CASE, NOTICE, OPENED, ASSIGNED, CLOSED)
    for decide in (lambda: assign(state), lambda: hand_over(state, manager), lambda: attest(state), lambda: deliver(state, referral),
                   lambda: open_it(state, referral, person)):
        with refused("CASE_CLOSED"):
            decide()


def test_a_case_with_nothing_running_or_owed_is_closed_once(referral):
    assert close(given(CASE, NOTICE, OPENED, ASSIGNED), referral) == [CLOSED]
    assert close(given(CASE, NOTICE, OPENED, ASSIGNED, CLOSED), referral) == []


def test_an_accepted_person_who_never_came_can_be_closed_too(referral):
    assert close(Case(), referral) == [CLOSED]


def test_a_referral_that_was_not_accepted_has_no_case_to_close(received):
    with refused("REFERRAL_NOT_ACCEPTED"):
        close(Case(), given(REFERRAL, received()))


def test_a_case_with_an_open_internship_and_an_unpaid_stipend_stays_open(referral):
    with refused("OPEN_INTERNSHIP", "UNPAID_STIPEND"):
        close(given(CASE, NOTICE, OPENED), referral, Engagements(begun=frozenset({"I-1"}), approved={"A-1": ("", 36000)}))
