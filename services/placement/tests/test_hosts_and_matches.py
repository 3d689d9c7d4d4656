"""Hosts and what they declare, places, matches, conventions, training, registrations, hires."""
from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from chassis.decide import Actor, Refused, Release, Take
from chassis.given import given, refused
from chassis.task import TASK
from placement.adapters.kinds import AGREEMENT, HIRE, HOST, INTERNSHIP, MATCH, OPPORTUNITY, REGISTRATION, TRAINING
from placement.adapters.words import clock_time, document_digest, minutes, operator_id, vat_number
from placement.domain.agreement import sign_agreement
from placement.domain.case import Case
from placement.domain.hire import Stabilised, ask_for_action_plan, record_hire
from placement.domain.host import Host, Requirement, SameHost, Unit, declare_requirements, register_host
from placement.domain.match import Holder, MatchRejected, Place, accept_match, propose_match, reject_match
from placement.domain.opportunity import Opportunity, publish_opportunity
from placement.domain.registration import confirm_registration
from placement.domain.training import Trainings, complete_training, enrol_in_training

from .story import (
    A_HOST,
    ACCEPTED,
    AN_OPPORTUNITY,
    CASE,
    DECLARED,
    ITEMS,
    ORIENTER,
    PLANNED,
    PROGRAMME,
    PROPOSED,
    PUBLISHED,
    REGISTERED,
    SIGNED,
    STARTED,
    certificate,
)

ON = date(2024, 9, 16)
CM, HT = Actor("op-cm-02", "CASE_MANAGER", "comune-bari", "bari"), Actor("ht-02", "TUTOR_AZIENDALE", "h", "bari")


def registering(*before: Any, **otherwise: Any) -> list[Any]:
    usual: dict[str, Any] = {
        "host_id": "H", "name": "Cartolibreria Sintetica", "vat_number": "99999010293", "ateco": "47.62", "ateco_version": "2007",
        "risk_class": "LOW", "legal_nature": "PRIVATE", "units": [Unit("U1", 4, "072006")], "same": SameHost(), "on": ON}
    return register_host(given(HOST, *before), **{**usual, **otherwise})


def test_a_body_is_registered_by_name_and_its_vat_number_is_claimed():
    event, = registering()
    assert event == REGISTERED
    assert list(HOST.claims(event, lambda kind, value: f"mac of {kind} {value}")) == [Take("vat", "mac of vat 99999010293", "H")]
    assert registering(event) == []


def test_a_host_of_other_content_is_no_repetition():
    with refused("INVALID_TRANSITION"):
        registering(REGISTERED, risk_class="HIGH")
    with refused("INVALID_TRANSITION", "HOST_ALREADY_REGISTERED"):
        registering(REGISTERED, vat_number="00743110157", same=SameHost("H1"))


def test_a_sole_trader_is_not_named_nor_located():
    event, = registering(sole_trader=True)
    assert (event.body_name, event.units[0].istat) == (None, None)
    assert (event.name, event.where) == ("Cartolibreria Sintetica", "U1=072006")


def test_a_vat_number_belongs_to_one_host():
    with refused("HOST_ALREADY_REGISTERED"):
        registering(same=SameHost("H1"))


@pytest.mark.parametrize(("check", "good", "bad"), [
    (vat_number, "99999010293", "99999010294"), (vat_number, "00743110157", "00743110158"), (vat_number, "99999010996", "0" * 11),
    (vat_number, "99999010293", "9999901029"), (clock_time, "09:00", "9:00"), (clock_time, "23:59", "24:00"),
    (operator_id, "0" * 8 + "-0000" * 3 + "-" + "a" * 12, "RSSNNA85T55X000W"), (operator_id, str(UUID(int=1)), "anna@example.org"),
    (operator_id, str(UUID(int=10)), str(UUID(int=10)).upper()),
    (document_digest, "a" * 64, "A" * 64)])
def test_values_have_their_form(check, good, bad):
    assert check(f" {good}".strip()) == good
    with pytest.raises(Refused):
        check(bad)


def test_a_new_declaration_takes_the_place_of_the_old():
    usual = {"host_id": "H", "valid_to": date(2025, 9, 18), "signatory": "x", "actor": HT, "declared_on": date(2024, 9, 19)}
    declared = declare_requirements(given(HOST, REGISTERED), checklist=[Requirement(item, True) for item in ITEMS], **usual)
    assert declared == [DECLARED]
    assert declare_requirements(given(HOST, REGISTERED, DECLARED), checklist=list(DECLARED.checklist), **usual) == []
    lost = declare_requirements(given(HOST, REGISTERED, DECLARED), checklist=[Requirement("DURC", False)], **usual)
    assert not given(HOST, REGISTERED, DECLARED, *lost).satisfies("SAFETY", ON)
    with refused("INVALID_TRANSITION"):
        declare_requirements(Host(), checklist=[], **usual)


@pytest.mark.parametrize(("on", "satisfied"), [(date(2025, 9, 18), True), (date(2025, 9, 19), False)])
def test_a_declaration_expires(on, satisfied):
    assert A_HOST.satisfies("DURC", on) is satisfied


def test_places_are_of_a_unit_of_a_registered_host():
    usual = {"opportunity_id": "O", "host_id": "H", "unit_id": "U1", "tasks": "vendita", "places": 1, "weekly_hours": Decimal(30),
             "starts": date(2024, 10, 14), "on": ON}
    assert publish_opportunity(Opportunity(), host=A_HOST, **usual) == [PUBLISHED]
    assert publish_opportunity(given(OPPORTUNITY, PUBLISHED), host=A_HOST, **usual) == []
    with refused("INVALID_TRANSITION"):
        publish_opportunity(given(OPPORTUNITY, PUBLISHED), host=A_HOST, **{**usual, "places": 2})
    with refused("INVALID_TRANSITION"):
        publish_opportunity(Opportunity(), host=Host(), **usual)


def proposing(*before: Any, **otherwise: Any) -> list[Any]:
    usual: dict[str, Any] = {"match_id": "M", "case_id": "C", "opportunity_id": "O", "criteria": [], "case": CASE,
                             "opportunity": AN_OPPORTUNITY, "place": Place(1), "actor": ORIENTER, "on": ON}
    return propose_match(given(MATCH, *before), **{**usual, **otherwise})


def test_a_match_takes_a_place_and_a_rejection_gives_it_back():
    assert proposing() == [PROPOSED]
    assert proposing(PROPOSED) == []
    assert list(MATCH.claims(PROPOSED, lambda kind, value: value)) == [Take("place", "O:1", "M")]
    with refused("NO_PLACES"):
        proposing(place=Place())
    with refused("PRIVACY_NOTICE_MISSING"):
        proposing(case=Case("C"))
    rejected, = rejecting(PROPOSED, reason_code="SCHEDULE")
    assert list(MATCH.claims(rejected, lambda kind, value: value)) == [Release("place", "O:1")]
    assert not given(MATCH, PROPOSED, *ACCEPTED, rejected).agreed


def accepting(*before: Any, by: str, actor: Actor, automated: bool = False, host: Host = A_HOST) -> list[Any]:
    return accept_match(given(MATCH, *before), match_id="M", accepted_by=by, host=host, actor=actor, on=ON,  # type: ignore[arg-type]
                        automated=automated)


def rejecting(*before: Any, **otherwise: Any) -> list[Any]:
    usual: dict[str, Any] = {"match_id": "M", "rejected_by": "HOST", "reason_code": "TASKS", "holder": Holder(), "host": A_HOST,
                             "actor": HT, "on": ON}
    return reject_match(given(MATCH, *before), **{**usual, **otherwise})


def test_three_say_yes_each_by_somebody_who_speaks_for_them():
    found = [*accepting(PROPOSED, by="PARTICIPANT", actor=ORIENTER), *accepting(PROPOSED, by="HOST", actor=HT),
             *accepting(PROPOSED, by="TEAM", actor=CM)]
    assert tuple(found) == ACCEPTED
    assert given(MATCH, PROPOSED, *found).agreed
    assert accepting(PROPOSED, *found, by="TEAM", actor=CM) == []
    with refused("OPERATOR_NOT_AUTHORISED"):
        accepting(PROPOSED, by="TEAM", actor=HT)


def test_a_machine_decides_on_nobody():
    with refused("AUTOMATED_DECISION_FORBIDDEN"):
        accepting(PROPOSED, by="TEAM", actor=CM, automated=True)
    with refused("AUTOMATED_DECISION_FORBIDDEN"):
        accepting(PROPOSED, by="TEAM", actor=Actor("x", "SYSTEM", "x", "bari"))


def test_what_was_rejected_or_never_proposed_is_not_accepted():
    rejected = MatchRejected("M", "HOST", "TASKS", "O", 1, None)
    for before in ((), (PROPOSED, rejected)):
        with refused("INVALID_TRANSITION"):
            accepting(*before, by="TEAM", actor=CM)
    assert rejecting(PROPOSED, rejected) == []
    with refused("OPERATOR_NOT_AUTHORISED"):
        rejecting(PROPOSED, actor=ORIENTER)


@pytest.mark.parametrize(("tutors", "hears"), [((), True), (("ht-02",), True), (("ht-01", "ht-02"), True), (("ht-01",), False)])
def test_where_a_host_names_its_tutors_one_of_them_speaks_for_it(tutors, hears):
    host = given(HOST, replace(REGISTERED, tutors=tutors))
    declaration = {"host_id": "H", "checklist": list(DECLARED.checklist), "valid_to": date(2025, 9, 18), "signatory": "x", "actor": HT,
                   "declared_on": date(2024, 9, 19)}
    for does in (lambda: accepting(PROPOSED, by="HOST", actor=HT, host=host), lambda: rejecting(PROPOSED, host=host),
                 lambda: declare_requirements(host, **declaration)):
        if hears:
            assert does()
        else:
            with refused("OPERATOR_NOT_AUTHORISED"):
                does()
    assert accepting(PROPOSED, by="TEAM", actor=CM, host=host)


@pytest.mark.parametrize(("party", "actor"), [("HOST", HT), ("PARTICIPANT", ORIENTER), ("TEAM", CM)])
def test_nobody_rejects_a_match_on_which_an_internship_was_planned(party, actor):
    assert list(INTERNSHIP.claims(PLANNED, lambda kind, value: value)) == [Take("match", "M", "I")]
    with refused("INVALID_TRANSITION"):
        rejecting(PROPOSED, *ACCEPTED, rejected_by=party, actor=actor, holder=Holder("I"))
    assert rejecting(PROPOSED, *ACCEPTED, rejected_by=party, actor=actor)


def test_a_convention_is_signed_once_with_a_registered_host():
    usual = {"agreement_id": "A", "host_id": "H", "promoter": "comune-bari", "kind": "CONVENZIONE", "signed_on": date(2024, 10, 4),
             "valid_to": date(2025, 10, 3), "document_digest": "0" * 64}
    assert sign_agreement(given(AGREEMENT), host=A_HOST, **usual) == [SIGNED]
    assert sign_agreement(given(AGREEMENT, SIGNED), host=A_HOST, **usual) == []
    with refused("INVALID_TRANSITION"):
        sign_agreement(given(AGREEMENT), host=Host(), **usual)


def test_enrolments_of_a_case_are_numbered():
    usual = {"enrolment_id": "E", "case_id": "C", "module_code": "SAFETY_GENERAL", "hours": Decimal(4), "on": ON}
    enrolled, = enrol_in_training(given(TRAINING), case=CASE, trainings=Trainings((certificate("HACCP", 8, ON),)), **usual)
    assert list(TRAINING.claims(enrolled, lambda kind, value: value)) == [Take("training", "C:2", "E")]
    assert enrol_in_training(given(TRAINING, enrolled), case=CASE, trainings=Trainings(), **usual) == []
    with refused("PRIVACY_NOTICE_MISSING"):
        enrol_in_training(given(TRAINING), case=Case("C"), trainings=Trainings(), **usual)


@pytest.mark.parametrize(("attended", "outcome", "fits"), [("3.6", "PASSED", True), ("3.59", "PASSED", False), ("1", "FAILED", True)])
def test_ninety_hours_of_a_hundred_pass_a_module(attended, outcome, fits):
    enrolled = enrol_in_training(given(TRAINING), enrolment_id="E", case_id="C", module_code="SAFETY_GENERAL", hours=Decimal(4), on=ON,
                                 case=CASE, trainings=Trainings())
    usual = {"enrolment_id": "E", "hours_attended": Decimal(attended), "outcome": outcome, "programme": PROGRAMME, "on": ON}
    if fits:
        completed, = complete_training(given(TRAINING, *enrolled), **usual)
        assert given(TRAINING, *enrolled, completed).certifies("SAFETY_GENERAL", ON) is (outcome == "PASSED")
        assert complete_training(given(TRAINING, *enrolled, completed), **usual) == []
    else:
        with refused("ATTESTATION_THRESHOLD_NOT_MET"):
            complete_training(given(TRAINING, *enrolled), **usual)
    with refused("INVALID_TRANSITION"):
        complete_training(given(TRAINING), **{**usual, "outcome": "FAILED"})


def test_a_registration_elsewhere_is_confirmed_once():
    usual = {"registration_id": "R", "case_id": "C", "system": "GEPI", "reference": "SYN-GEPI-1", "case": CASE, "actor": CM, "on": ON}
    confirmed = confirm_registration(given(REGISTRATION), **usual)
    assert (confirmed[0].operator_id, confirmed[0].subject_id) == ("op-cm-02", "S")
    assert confirm_registration(given(REGISTRATION, *confirmed), **usual) == []


@pytest.mark.parametrize(("contract", "known", "first"), [("PERMANENT", False, True), ("PERMANENT", True, False),
                                                          ("OTHER", False, False)])
def test_the_first_stabilising_contract_of_a_case_is_claimed(contract, known, first):
    usual = {"hire_id": "X", "case_id": "C", "employer_id": "H", "same_host": True, "contract": contract, "starts": ON,
             "weekly_hours": Decimal(36), "case": CASE, "programme": PROGRAMME, "stabilised": Stabilised(known), "on": ON}
    hired, = record_hire(given(HIRE), **usual)
    assert list(HIRE.claims(hired, lambda kind, value: value)) == ([Take("stabilised", "C", "X")] if first else [])
    assert record_hire(given(HIRE, hired), **usual) == []


def test_an_action_plan_is_asked_for_once_and_not_of_who_was_hired():
    usual = {"task_id": "T", "cause": "I", "due": date(2025, 4, 28), "case_id": "C", "programme_id": "002", "subject_id": "S"}
    raised, = ask_for_action_plan(given(TASK), stabilised=Stabilised(), **usual)
    assert (raised.kind, raised.role, raised.done_by) == ("OFFER_ACTION_PLAN", "ORIENTATORE", "assessment.ActionPlanOffered.v1")
    assert ask_for_action_plan(given(TASK, raised), stabilised=Stabilised(), **usual) == []
    with refused("STABILISED"):
        ask_for_action_plan(given(TASK), stabilised=Stabilised(True), **usual)


def test_a_started_internship_takes_room_and_its_end_gives_it_back():
    taken = list(INTERNSHIP.claims(STARTED, lambda kind, value: value))
    assert taken[0] == Take("promoter-tutor", "op-tp-02:1", "I")
    assert replace(STARTED).holds == tuple(f"{claim.kind} {claim.key}" for claim in taken)


@pytest.mark.parametrize(("taken", "fits"), [(1, True), (0, False), (-30, False)])
def test_a_visit_takes_at_least_a_minute(taken, fits):
    if fits:
        assert minutes(taken) == taken
    else:
        with refused("INPUT_INVALID"):
            minutes(taken)
