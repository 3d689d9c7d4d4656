"""Insurance, mandatory communications, and what must be there on the first day."""
from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from chassis.given import given, refused
from placement.adapters.kinds import INTERNSHIP
from placement.domain.agreement import Agreement
from placement.domain.rooms import PERSON, UNIT, Room
from placement.domain.training import Trainings

from .story import (
    A_HOST,
    AN_AGREEMENT,
    AN_OPPORTUNITY,
    CERTIFIED,
    END,
    ENTITLED,
    INSURED,
    PLAN,
    PLANNED,
    PROGRAMME,
    REF,
    ROOMS,
    RULES,
    RUNNING,
    SENT,
    START,
    STARTED,
    certificate,
    communicating,
    insuring,
    planning,
    starting,
)

READY = (PLANNED, INSURED, SENT)


def test_with_everything_there_it_starts_and_says_what_was_checked():
    checks = {check.rule: check.result for check in STARTED.checks}
    assert {checks[rule] for rule in ("R15", "R18", "R20", "R21", "R24", "R25", "R28", "R30", "R31")} == {"PASSED"}
    assert {checks[rule] for rule in ("R14", "R26", "R27")} == {"NOT_APPLICABLE"}
    assert list(checks) == sorted(checks)
    assert given(INTERNSHIP, *RUNNING).status == "ACTIVE"
    assert STARTED.holds == ("promoter-tutor op-tp-02:1", "host-tutor ht-02:1", "active-internship 002:S:1")


def test_it_starts_once():
    assert starting(*RUNNING) == []
    with refused("INVALID_TRANSITION"):
        starting(*RUNNING, started_on=START + timedelta(days=1))
    with refused("INVALID_TRANSITION"):
        starting()


def test_without_the_communication_of_that_day_it_does_not_start():
    with refused("COB_NOT_SENT"):
        starting(PLANNED, INSURED)
    with refused("COB_NOT_SENT", "OUTSIDE_INTERVAL"):
        starting(PLANNED, INSURED, started_on=date(2024, 10, 10))
    with refused("COB_NOT_SENT"):
        starting(*READY, started_on=START + timedelta(days=1))


@pytest.mark.parametrize(("on", "inside"), [(START - timedelta(days=1), False), (START, True), (START + timedelta(days=1), True),
                                            (END, True), (END + timedelta(days=1), False)])
def test_it_starts_between_the_first_and_the_last_planned_day(on, inside):
    said = communicating(PLANNED, effective_on=on)[0]
    ready = {"host": replace(A_HOST, declared_to=END + timedelta(days=1))}
    if inside:
        started = starting(PLANNED, INSURED, said, started_on=on, **ready)[0]
        assert [check.result for check in started.checks if check.rule == "R29"] == ["PASSED"]
    else:
        with refused("OUTSIDE_INTERVAL"):
            starting(PLANNED, INSURED, said, started_on=on, **ready)


@pytest.mark.parametrize(("sent_on", "late"), [(date(2024, 10, 13), False), (START, True)])
def test_the_communication_is_sent_by_the_day_before(sent_on, late):
    said = communicating(PLANNED, INSURED, sent_on=sent_on)[0]
    assert said.late is late
    if late:
        with refused("COB_LATE"):
            starting(PLANNED, INSURED, said)
    else:
        assert starting(PLANNED, INSURED, said)


def test_a_communication_names_the_internships_type():
    with refused("COB_TYPE_MISMATCH"):
        communicating(PLANNED, internship_type="FORMATIVO_ORIENTAMENTO")
    assert communicating(PLANNED, SENT) == []


def test_there_is_no_communication_of_what_has_not_happened():
    with refused("INVALID_TRANSITION"):
        communicating()
    with refused("INVALID_TRANSITION"):
        communicating(*RUNNING, kind="TERMINATION")


@pytest.mark.parametrize(("sent_on", "late"), [(date(2024, 11, 6), False), (date(2024, 11, 7), True)])
def test_a_change_communicated_after_five_days_is_late_and_recorded(sent_on, late):
    said = communicating(*RUNNING, kind="EXTENSION", effective_on=date(2024, 11, 1), sent_on=sent_on)
    assert said[0].late is late


@pytest.mark.parametrize(("valid_to", "covers"), [(END, True), (END - timedelta(days=1), False)])
def test_the_insurance_covers_the_whole_period(valid_to, covers):
    insured = insuring(PLANNED, valid_to=valid_to)[0]
    if covers:
        assert starting(PLANNED, insured, SENT)
    else:
        with refused("INSURANCE_NOT_VALID"):
            starting(PLANNED, insured, SENT)


def test_insurance_is_registered_for_what_is_planned_once():
    assert insuring(PLANNED, INSURED) == []
    with refused("INVALID_TRANSITION"):
        insuring()


@pytest.mark.parametrize("known", [
    CERTIFIED.known[:1], CERTIFIED.known[1:],
    (CERTIFIED.known[0], certificate("SAFETY_SPECIFIC_LOW", 3, date(2024, 10, 3))),
    (CERTIFIED.known[0], certificate("SAFETY_SPECIFIC_LOW", 4, START + timedelta(days=1))),
    (CERTIFIED.known[0], certificate("SAFETY_SPECIFIC_LOW", 4, date(2024, 10, 3), START - timedelta(days=1)))])
def test_general_and_specific_safety_are_certified_on_the_first_day(known):
    with refused("SAFETY_TRAINING_MISSING"):
        starting(*READY, trainings=Trainings(known))


def test_the_risk_class_of_the_host_asks_for_more_hours():
    high = replace(A_HOST, risk_class="HIGH")
    with refused("SAFETY_TRAINING_MISSING"):
        starting(*READY, host=high, trainings=Trainings((*CERTIFIED.known, certificate("SAFETY_SPECIFIC_HIGH", 8, date(2024, 10, 3)))))
    assert starting(*READY, host=high, trainings=Trainings((*CERTIFIED.known, certificate("SAFETY_SPECIFIC_HIGH", 12, START))))


def test_who_handles_food_has_an_haccp_certificate():
    bakery, haccp = replace(AN_OPPORTUNITY, food_handling=True), certificate("HACCP", 8, date(2024, 10, 1))
    with refused("HACCP_MISSING"):
        starting(*READY, opportunity=bakery)
    assert starting(*READY, opportunity=bakery, trainings=Trainings((*CERTIFIED.known, haccp)))
    with refused("HACCP_MISSING"):
        starting(*READY, programme=replace(PROGRAMME, policies={REF: replace(RULES, haccp="ALWAYS")}))


def test_where_the_risk_assessment_asks_for_it_fitness_is_certified():
    heavy = replace(AN_OPPORTUNITY, fitness_required=True)
    with refused("MEDICAL_FITNESS_MISSING"):
        starting(*READY, opportunity=heavy)
    assert starting(*READY, opportunity=heavy, fitness_certified=True)


@pytest.mark.parametrize("agreement", [
    Agreement(), replace(AN_AGREEMENT, host_id="H9"), replace(AN_AGREEMENT, kind="PROTOCOLLO"),
    replace(AN_AGREEMENT, valid_to=START - timedelta(days=1)), replace(AN_AGREEMENT, signed_on=START + timedelta(days=1))])
def test_a_convention_with_this_host_is_in_force(agreement):
    with refused("DOCUMENT_MISSING:CONVENZIONE"):
        starting(*READY, agreement=agreement)


def test_an_expired_declaration_of_the_host_blocks_the_start():
    with refused(*(f"HOST_REQUIREMENT_MISSING:{item}" for item in RULES.host_requirements)):
        starting(*READY, host=replace(A_HOST, declared_to=date(2024, 10, 13)))


def test_it_needs_an_entitlement_where_a_stipend_is_paid():
    with refused("BUDGET_NOT_AVAILABLE"):
        starting(*READY, case=replace(ENTITLED, entitled=frozenset({"I9"})))
    unpaid = replace(PROGRAMME, policies={REF: replace(RULES, stipend_mode="NONE")})
    planned = planning(programme=unpaid, amount_cents=None)[0]
    assert starting(planned, INSURED, SENT, programme=unpaid, case=replace(ENTITLED, entitled=frozenset()))


def test_it_needs_the_privacy_notice_and_a_plan_in_force():
    with refused("PRIVACY_NOTICE_MISSING", "PLAN_NOT_AGREED"):
        starting(*READY, case=replace(ENTITLED, privacy_notice=False, plan=replace(PLAN, valid_to=date(2024, 10, 13))))


def test_room_is_taken_when_it_starts():
    full = replace(ROOMS, person=Room(PERSON, None, (date(2024, 1, 1),)), promoter=replace(ROOMS.promoter, free=None))
    with refused("TUTOR_LOAD_EXCEEDED", "ACTIVE_INTERNSHIP_EXISTS"):
        starting(*READY, rooms=full)
    ordinary = replace(PLANNED, type="FORMATIVO_ORIENTAMENTO")
    with refused("HOST_QUOTA_EXCEEDED"):
        starting(ordinary, INSURED, SENT, rooms=replace(ROOMS, unit=Room(UNIT)))
    assert starting(ordinary, INSURED, SENT)[0].holds[-1] == "unit U1:1"


def test_what_is_missing_is_listed_whole_the_lowest_rule_first():
    with refused("DOCUMENT_MISSING:CONVENZIONE", "COB_NOT_SENT", "INSURANCE_NOT_VALID", "SAFETY_TRAINING_MISSING",
                 "BUDGET_NOT_AVAILABLE"):
        starting(PLANNED, agreement=Agreement(), trainings=Trainings(), case=replace(ENTITLED, entitled=frozenset()))
    assert certificate("SAFETY_GENERAL", 4, START).attended == Decimal(4)
