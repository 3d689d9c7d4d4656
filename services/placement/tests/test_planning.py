"""Planning an internship: what the case of programme 002 plans, and every no on the way."""
from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from chassis.given import refused
from chassis.task import TaskRaised
from placement.domain.events import InternshipPlanned, PlannedDay
from placement.domain.match import Holder, Match
from placement.domain.rooms import PERSON, PROMOTER_TUTOR, UNIT, Room

from .story import (
    A_HOST,
    A_MATCH,
    CALENDAR,
    CASE,
    CONFIGURED,
    DAYS,
    END,
    PLAN,
    PLANNED,
    PROGRAMME,
    REF,
    ROOMS,
    RULES,
    SIX,
    START,
    configured,
    planning,
)


def under(**rules: object) -> object:
    return replace(PROGRAMME, policies={REF: replace(RULES, **rules)})


def test_six_months_of_thirty_hours_a_week_are_six_periods_of_120_hours():
    planned, task = planning()
    assert isinstance(planned, InternshipPlanned)
    assert [(p.number, p.hours, p.full) for p in planned.planned_hours_by_period] == [(n, 120, 120) for n in range(1, 7)]
    assert (planned.planned_hours_by_period[3].starts, planned.planned_hours_by_period[3].ends) == (date(2025, 1, 14), date(2025, 2, 13))
    assert (planned.policy_ref, planned.stipend_mode, planned.plan_version) == (REF, "FLAT_THRESHOLD", 1)
    assert isinstance(task, TaskRaised)
    assert (task.kind, task.role, task.due, task.case_id) == ("GEPI_REGISTRATION", "CASE_MANAGER", START, "C")


def test_a_household_of_another_category_is_not_registered_in_gepi():
    assert len(planning(case=replace(CASE, categories=frozenset({"SOCIOECON_DISADV"})))) == 1


def test_a_plan_reported_twice_is_planned_once():
    assert planning(planning()[0]) == []


def test_the_three_acceptances_come_before_the_plan_is_asked_for():
    with refused("ACCEPTANCE_MISSING", "PLAN_NOT_AGREED"):
        planning(match=replace(A_MATCH, accepted=frozenset({"HOST"})), case=replace(CASE, plan=None))


def test_nothing_is_planned_before_the_privacy_notice():
    with refused("PRIVACY_NOTICE_MISSING", "ACCEPTANCE_MISSING"):
        planning(match=Match(), case=replace(CASE, privacy_notice=False))


@pytest.mark.parametrize("plan", [None, replace(PLAN, valid_to=date(2024, 10, 3))])
def test_the_plan_must_be_agreed_and_not_expired(plan):
    with refused("PLAN_NOT_AGREED"):
        planning(case=replace(CASE, plan=plan))


def test_the_goals_are_goals_of_the_plan():
    with refused("PLAN_NOT_AGREED"):
        planning(goal_ids=["G1", "G9"])
    with refused("PLAN_NOT_AGREED"):
        planning(goal_ids=[])


def test_seven_months_need_the_validation_of_the_cpi():
    with refused("EXTENSION_VALIDATION_MISSING"):
        planning(planned_end=date(2025, 5, 13))
    with refused("EXTENSION_VALIDATION_MISSING"):
        planning(planned_end=date(2025, 5, 13), validation_kind="SERVICE_ATTESTATION", validation_document="doc")
    assert planning(planned_end=date(2025, 5, 13), validation_kind="CPI_VALIDATION", validation_document="doc")


@pytest.mark.parametrize(("end", "fits"), [(date(2025, 10, 13), True), (date(2025, 10, 14), False)])
def test_thirteen_months_are_too_long_with_or_without_validation(end, fits):
    if fits:
        assert planning(planned_end=end, validation_kind="CPI_VALIDATION", validation_document="doc")
    else:
        with refused("DURATION_ABOVE_MAX"):
            planning(planned_end=end, validation_kind="CPI_VALIDATION", validation_document="doc")


def test_a_sealed_category_may_allow_more_months():
    assert planning(planned_end=date(2026, 10, 13), case=replace(CASE, max_months=24))


@pytest.mark.parametrize(("days", "seasonal"), [(60, False), (30, True)])
def test_an_internship_has_a_least_duration(days, seasonal):
    end, short = START + timedelta(days=days - 1), START + timedelta(days=days - 2)
    assert planning(planned_end=end, calendar=[d for d in CALENDAR if d.day <= end], seasonal=seasonal)
    with refused("DURATION_BELOW_MIN"):
        planning(planned_end=short, calendar=[d for d in CALENDAR if d.day <= short], seasonal=seasonal)


def test_hours_a_week_and_a_day_have_a_cap():
    with refused("WEEKLY_HOURS_EXCEEDED"):
        planning(weekly_hours=Decimal("29.5"))
    with refused("WEEKLY_HOURS_EXCEEDED"):
        planning(weekly_hours=Decimal(41))
    with refused("WEEKLY_HOURS_EXCEEDED", "DAILY_HOURS_EXCEEDED"):
        planning(calendar=[PlannedDay(day, Decimal("8.5")) for day in DAYS])


@pytest.mark.parametrize(("hours", "fits"), [("8", True), ("0.25", True), ("0", False), ("-6", False), ("8.25", False)])
def test_a_planned_day_has_hours_and_at_most_the_days_cap(hours, fits):
    calendar = [PlannedDay(DAYS[0], Decimal(hours))]
    if fits:
        assert planning(calendar=calendar)
    else:
        with refused("DAILY_HOURS_EXCEEDED"):
            planning(calendar=calendar)


@pytest.mark.parametrize(("weekly", "fits"), [("6", True), ("5.75", False), ("0", False), ("-30", False)])
def test_a_week_has_hours_and_at_least_those_of_its_planned_days(weekly, fits):
    if fits:
        assert planning(weekly_hours=Decimal(weekly), calendar=CALENDAR[:1])
    else:
        with refused("WEEKLY_HOURS_EXCEEDED"):
            planning(weekly_hours=Decimal(weekly), calendar=CALENDAR[:1])


def test_a_plan_without_a_single_planned_day_is_none():
    with refused("OUTSIDE_INTERVAL"):
        planning(calendar=[])


def test_a_second_internship_is_not_planned_on_the_same_match():
    with refused("INVALID_TRANSITION"):
        planning(holder=Holder("I9"))
    assert planning(PLANNED, holder=Holder("I")) == []


@pytest.mark.parametrize(("starts", "ends", "night"), [("06:00", "22:00", False), ("05:59", "11:59", True), ("16:01", "22:01", True),
                                                       ("22:00", "04:00", True)])
def test_nobody_is_planned_at_night(starts, ends, night):
    calendar = [PlannedDay(DAYS[0], SIX, starts, ends)]
    if not night:
        assert planning(calendar=calendar)
    else:
        with refused("NIGHT_WORK_NOT_ALLOWED"):
            planning(calendar=calendar)
        assert planning(calendar=calendar, programme=under(night=True))


def test_a_planned_day_is_inside_the_internship_and_planned_once():
    with refused("OUTSIDE_INTERVAL"):
        planning(calendar=[PlannedDay(END + timedelta(days=1), SIX)])
    with refused("DUPLICATE_ROW"):
        planning(calendar=[PlannedDay(DAYS[0], Decimal(3)), PlannedDay(DAYS[0], Decimal(3))])


@pytest.mark.parametrize(("rules", "amount", "fits"), [
    ({}, 60000, True), ({}, 59999, False), ({}, None, False),
    ({"stipend_mode": "HOURLY_CAPPED", "monthly_cents": None, "max_monthly_cents": 50000}, 50000, True),
    ({"stipend_mode": "HOURLY_CAPPED", "monthly_cents": None, "max_monthly_cents": 50000}, 55000, False),
    ({"monthly_cents": None, "min_monthly_cents": 50000}, 45000, False),
    ({"monthly_cents": None, "min_monthly_cents": 50000}, 70000, True),
    ({"stipend_mode": "NONE"}, None, True), ({"stipend_mode": "NONE"}, 1, False)])
def test_the_stipend_is_within_the_policy(rules, amount, fits):
    if fits:
        assert planning(programme=under(**rules), amount_cents=amount)
    else:
        with refused("STIPEND_OUT_OF_RANGE"):
            planning(programme=under(**rules), amount_cents=amount)


def test_a_policy_that_does_not_say_how_to_pay_plans_nothing():
    with refused("STIPEND_MODE_UNDEFINED"):
        planning(programme=under(stipend_mode=""))


def test_the_unit_has_room_for_so_many_ordinary_interns_but_social_inclusion_is_exempt():
    full = replace(ROOMS, unit=Room(UNIT, None, (END,)))
    assert planning(rooms=full)
    with refused("HOST_QUOTA_EXCEEDED"):
        planning(rooms=full, type="FORMATIVO_ORIENTAMENTO")
    assert planning(rooms=replace(ROOMS, unit=Room(UNIT, None, (START - timedelta(days=1),))), type="FORMATIVO_ORIENTAMENTO")
    assert planning(rooms=full, type="FORMATIVO_ORIENTAMENTO", case=replace(CASE, quota_exempt=True))


@pytest.mark.parametrize(("employees", "places"), [(0, 1), (5, 1), (6, 2), (20, 2), (21, 2), (30, 3)])
def test_the_quota_table_counts_open_ended_employees(employees, places):
    assert RULES.places(employees) == places


def test_what_the_host_has_not_declared_is_named():
    with refused("HOST_REQUIREMENT_MISSING:DURC"):
        planning(host=replace(A_HOST, met=A_HOST.met - {"DURC"}))
    with refused(*(f"HOST_REQUIREMENT_MISSING:{item}" for item in RULES.host_requirements)):
        planning(host=replace(A_HOST, declared_to=START - timedelta(days=1)))


def test_a_fourth_intern_is_too_many_for_a_tutor():
    with refused("TUTOR_LOAD_EXCEEDED"):
        planning(rooms=replace(ROOMS, promoter=Room(PROMOTER_TUTOR, None, (END, END, END))))
    assert planning(rooms=replace(ROOMS, promoter=Room(PROMOTER_TUTOR, None, (END, END, START - timedelta(days=1)))))


@pytest.mark.parametrize("tutors", [{"promoter_tutor": "op-cm-02"}, {"host_tutor": "op-cm-02"}, {"host_tutor": "op-tp-02"},
                                    {"host": replace(A_HOST, tutors=frozenset({"ht-99"}))}])
def test_the_tutors_are_two_the_hosts_is_of_the_host_and_neither_is_the_case_manager(tutors):
    with refused("TUTOR_NOT_ELIGIBLE"):
        planning(**tutors)


def test_participant_and_host_had_nothing_to_do_with_each_other():
    with refused("PRIOR_RELATIONSHIP"):
        planning(no_prior_relationship=False)
    with refused("REPEAT_AT_SAME_HOST"):
        planning(case=replace(CASE, hosts=frozenset({"H"})), programme=under(same_host_repeat_allowed=False))


def test_all_parties_sign_and_a_minors_guardian_too():
    with refused("SIGNATURE_MISSING:HOST", "SIGNATURE_MISSING:TUTOR_AZIENDALE"):
        planning(signatures=["PROMOTER", "PARTICIPANT", "TUTOR_PROMOTORE"])
    minor = replace(CASE, under_18=True)
    with refused("SIGNATURE_MISSING:GUARDIAN"):
        planning(case=minor)
    assert planning(case=minor, attests_majority=True)


def test_the_internship_is_inside_the_programme():
    with refused("OUTSIDE_PROGRAMME_WINDOW"):
        planning(programme=configured(end=END - timedelta(days=1)))
    assert planning(programme=configured(start=None, end=None))


def test_the_window_is_that_of_the_version_in_force_on_the_day_of_the_plan():
    short, open_ended = replace(CONFIGURED, end=END - timedelta(days=1)), replace(CONFIGURED, end=None)
    planned_on, later = date(2024, 10, 4), date(2099, 1, 1)
    assert planning(programme=replace(PROGRAMME, versions=(short, replace(open_ended, since=planned_on))))
    with refused("OUTSIDE_PROGRAMME_WINDOW"):
        planning(programme=replace(PROGRAMME, versions=(short, replace(open_ended, since=later))))


def test_a_policy_applies_from_its_first_day():
    assert planning(programme=under(valid_from=START))
    with refused("POLICY_NOT_IN_FORCE"):
        planning(programme=under(valid_from=START + timedelta(days=1)))


def test_a_plan_that_names_no_policy_says_so():
    with refused("PLAN_WITHOUT_POLICY"):
        planning(case=replace(CASE, plan=replace(PLAN, policy_ref="")))


def test_one_active_internship_a_person():
    with refused("ACTIVE_INTERNSHIP_EXISTS"):
        planning(rooms=replace(ROOMS, person=Room(PERSON, None, (START,))))


def test_of_several_the_invariants_come_first_and_then_the_rules_by_number():
    with refused("ACCEPTANCE_MISSING", "EXTENSION_VALIDATION_MISSING", "STIPEND_OUT_OF_RANGE", "PRIOR_RELATIONSHIP",
                 "TUTOR_NOT_ELIGIBLE", "SIGNATURE_MISSING:PROMOTER", "COB_TYPE_MISMATCH", "OUTSIDE_PROGRAMME_WINDOW"):
        planning(match=replace(A_MATCH, rejected=True), planned_end=date(2025, 5, 13), amount_cents=1, no_prior_relationship=False,
                 host_tutor="op-tp-02", signatures=["HOST", "PARTICIPANT", "TUTOR_PROMOTORE", "TUTOR_AZIENDALE"], type="BORSA_LAVORO",
                 programme=configured(end=END))
