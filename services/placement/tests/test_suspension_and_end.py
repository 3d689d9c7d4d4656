"""Suspended, resumed, extended; completed, withdrawn, interrupted, attested."""
from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from chassis.decide import Release, TaskRaised
from chassis.given import given, refused
from placement.adapters.kinds import INTERNSHIP, MATCH
from placement.domain.ending import complete_internship, interrupt_internship, issue_attestation, withdraw_from_internship
from placement.domain.events import AttendancePeriodValidated, AttendanceRecorded, PlannedDay
from placement.domain.match import MatchRejected
from placement.domain.suspension import extend_internship, resume_internship, suspend_internship

from .story import (
    A_MATCH,
    CASE,
    DAYS,
    END,
    INSURED,
    PLANNED,
    PROGRAMME,
    REF,
    RULES,
    RUNNING,
    SENT,
    SIX,
    START,
    attended,
    configured,
    starting,
)

ROWS = tuple(AttendanceRecorded("I", day, *attended(day), None, None, None, None) for day in DAYS)
FIRST_MONTH = ROWS[:20]
SINCE = date(2024, 11, 14)


def validated(number: int, ends: date) -> AttendancePeriodValidated:
    return AttendancePeriodValidated("I", number, START, ends, Decimal(120), Decimal(120), Decimal(116), (), (), REF)


SHORT = date(2025, 4, 4)
VALIDATED = tuple(validated(p.number, p.ends) for p in PLANNED.planned_hours_by_period)


def suspending(*before: Any, **otherwise: Any) -> list[Any]:
    usual: dict[str, Any] = {"internship_id": "I", "reason": "ILLNESS", "suspended_from": SINCE, "expected_to": date(2024, 12, 18),
                             "programme": PROGRAMME}
    return suspend_internship(given(INTERNSHIP, *RUNNING, *before), **{**usual, **otherwise})


SUSPENDED = (*FIRST_MONTH, suspending(*FIRST_MONTH)[0])


def resuming(*before: Any, **otherwise: Any) -> list[Any]:
    usual: dict[str, Any] = {"internship_id": "I", "resumed_on": date(2024, 12, 19), "programme": PROGRAMME, "case": CASE}
    return resume_internship(given(INTERNSHIP, *RUNNING, *before), **{**usual, **otherwise})


def extending(*before: Any, **otherwise: Any) -> list[Any]:
    usual: dict[str, Any] = {"internship_id": "I", "new_end": date(2025, 5, 13), "calendar": [PlannedDay(date(2025, 4, 14), SIX)],
                             "reason_code": "GOALS", "programme": PROGRAMME, "case": CASE, "on": date(2025, 4, 1),
                             "validation_kind": "CPI_VALIDATION", "validation_document": "doc"}
    return extend_internship(given(INTERNSHIP, *RUNNING, *before), **{**usual, **otherwise})


def completing(*before: Any, **otherwise: Any) -> list[Any]:
    usual: dict[str, Any] = {"internship_id": "I", "ended_on": END, "programme": PROGRAMME}
    return complete_internship(given(INTERNSHIP, *RUNNING, *before), **{**usual, **otherwise})


def attesting(*before: Any, **otherwise: Any) -> list[Any]:
    usual: dict[str, Any] = {"internship_id": "I", "attestation_no": "SYN", "competences": ["SALES"], "programme": PROGRAMME,
                             "on": date(2025, 4, 24)}
    return issue_attestation(given(INTERNSHIP, *RUNNING, *before), **{**usual, **otherwise})


@pytest.mark.parametrize(("days", "long"), [(29, False), (30, True)])
def test_an_illness_of_less_than_thirty_days_is_an_absence(days, long):
    to = SINCE + timedelta(days=days - 1)
    if long:
        assert suspending(expected_to=to)[0].reason_kind == "PERSON"
    else:
        with refused("SUSPENSION_TOO_SHORT"):
            suspending(expected_to=to)


def test_a_closure_is_of_the_host_and_the_reason_must_be_one_of_the_policys():
    assert suspending(reason="COMPANY_CLOSURE")[0].reason_kind == "HOST"
    with refused("SUSPENSION_REASON_NOT_ALLOWED"):
        suspending(reason="DETENTION_MEASURE")


def test_a_suspension_has_a_limit_where_the_policy_sets_one():
    limited = replace(PROGRAMME, policies={REF: replace(RULES, suspension_max_days=34)})
    with refused("SUSPENSION_LIMIT_EXCEEDED"):
        suspending(programme=limited)
    assert suspending(programme=limited, expected_to=date(2024, 12, 17))


def test_a_suspension_begins_after_the_last_presence_and_the_last_validated_period():
    with refused("REGISTER_ROW_IN_SUSPENSION"):
        suspending(*FIRST_MONTH, suspended_from=date(2024, 11, 8))
    with refused("OUTSIDE_INTERVAL"):
        suspending(VALIDATED[0], suspended_from=date(2024, 11, 12))
    with refused("INVALID_TRANSITION"):
        suspending(*SUSPENDED, suspended_from=date(2024, 12, 1))
    assert suspending(*SUSPENDED) == []


def test_the_days_that_passed_move_the_end_and_raise_the_task_of_communicating_it():
    resumed, task = resuming(*SUSPENDED)
    assert (resumed.suspended_days, resumed.new_planned_end, resumed.cut) == (35, date(2025, 5, 18), False)
    assert (task.kind, task.due, task.case_id) == ("COB_EXTENSION", date(2024, 12, 24), "C")
    second = resumed.planned_hours_by_period[1]
    assert (second.hours, second.full) == (0, 120)
    assert resumed.planned_hours_by_period[-1].number == 8
    assert resuming(*SUSPENDED, resumed) == []


@pytest.mark.parametrize(("day", "fits"), [(date(2024, 12, 13), False), (date(2024, 12, 14), True)])
def test_it_is_resumed_after_the_last_validated_period(day, fits):
    if fits:
        resumed = resuming(*SUSPENDED, *VALIDATED[:2], resumed_on=day)[0]
        assert resumed.planned_hours_by_period[1].hours == 0
    else:
        with refused("OUTSIDE_INTERVAL"):
            resuming(*SUSPENDED, *VALIDATED[:2], resumed_on=day)


def test_days_planned_anew_take_the_place_of_those_after_the_resumption():
    resumed = resuming(*SUSPENDED, calendar=[PlannedDay(date(2025, 5, 16), SIX)])[0]
    assert [planned.day for planned in resumed.calendar][-2:] == [date(2024, 12, 18), date(2025, 5, 16)]
    with refused("OUTSIDE_INTERVAL"):
        resuming(*SUSPENDED, calendar=[PlannedDay(date(2025, 5, 19), SIX)])
    with refused("OUTSIDE_INTERVAL"):
        resuming(*SUSPENDED, calendar=[])


def test_a_shift_past_the_programmes_end_stops_there_and_says_so():
    resumed = resuming(*SUSPENDED, programme=configured(end=date(2025, 4, 30)))[0]
    assert (resumed.new_planned_end, resumed.cut) == (date(2025, 4, 30), True)


def test_where_a_suspension_does_not_extend_the_end_stays():
    found = resuming(*SUSPENDED, programme=replace(PROGRAMME, policies={REF: replace(RULES, suspension_extends=False)}))
    assert len(found) == 1
    assert found[0].new_planned_end == END


def test_what_is_not_suspended_is_not_resumed_nor_on_the_day_it_was_suspended():
    with refused("INVALID_TRANSITION"):
        resuming(*FIRST_MONTH)
    with refused("INVALID_TRANSITION"):
        resuming(*SUSPENDED, resumed_on=SINCE)


def test_an_extension_needs_validation_insurance_and_the_programmes_time():
    longer = replace(INSURED, valid_to=date(2025, 5, 13))
    extended, task = extending(longer)
    assert (extended.old_end, extended.new_end, extended.planned_hours_by_period[-1].hours) == (END, date(2025, 5, 13), 6)
    assert (task.kind, task.due) == ("COB_EXTENSION", date(2025, 4, 6))
    with refused("EXTENSION_VALIDATION_MISSING", "INSURANCE_NOT_VALID", "OUTSIDE_PROGRAMME_WINDOW"):
        extending(validation_kind=None, programme=configured(end=date(2025, 5, 1)))
    with refused("DURATION_ABOVE_MAX"):
        extending(replace(INSURED, valid_to=date(2026, 1, 1)), new_end=date(2025, 10, 14))


@pytest.mark.parametrize(("validated_too", "fits"), [((), True), (VALIDATED[:5], True), ((*VALIDATED[:5], validated(6, SHORT)), False)])
def test_a_last_period_that_is_validated_does_not_grow_by_an_extension(validated_too, fits):
    planned = replace(PLANNED, planned_end=SHORT)
    usual = {"internship_id": "I", "new_end": END, "calendar": [PlannedDay(END - timedelta(days=3), SIX)], "reason_code": "GOALS",
             "programme": PROGRAMME, "case": CASE, "on": SHORT}
    state = given(INTERNSHIP, planned, *RUNNING[1:], *validated_too)
    if fits:
        assert extend_internship(state, **usual)[0].planned_hours_by_period[5].ends == END
    else:
        with refused("OUTSIDE_INTERVAL"):
            extend_internship(state, **usual)


def test_an_extension_has_planned_days():
    with refused("OUTSIDE_INTERVAL"):
        extending(replace(INSURED, valid_to=date(2025, 5, 13)), calendar=[])


def test_a_suspension_is_no_extension():
    resumed = resuming(*SUSPENDED)[0]
    insured = replace(INSURED, valid_to=date(2025, 7, 1))
    assert extending(*SUSPENDED, resumed, insured, new_end=date(2025, 5, 18), calendar=[]) == []
    with refused("EXTENSION_VALIDATION_MISSING"):
        extending(*SUSPENDED, resumed, insured, new_end=date(2025, 5, 19), calendar=[PlannedDay(date(2025, 5, 19), SIX)],
                  validation_kind=None)


def test_the_case_ends_with_632_of_720_hours_and_asks_for_an_action_plan_after_the_grace_days():
    completed, = completing(*ROWS)
    assert (completed.total_planned, completed.total_recognised, completed.ratio) == (720, 632, Decimal("0.8778"))
    assert completed.action_plan_due == date(2025, 4, 28)
    assert completed.holds == RUNNING[3].holds
    assert completing(*ROWS, completed) == []
    assert completing(*ROWS, programme=configured(action_plan=False))[0].action_plan_due is None


def test_it_ends_early_with_a_reason_and_that_is_communicated():
    early = date(2025, 4, 10)
    with refused("INVALID_TRANSITION"):
        completing(*ROWS, ended_on=early)
    completed, task = completing(*ROWS, ended_on=early, early_reason="GOALS_REACHED")
    assert completed.early_reason == "GOALS_REACHED"
    assert (task.kind, task.due) == ("COB_TERMINATION", date(2025, 4, 15))


def test_it_does_not_end_before_its_last_presence_nor_after_its_planned_end():
    with refused("OUTSIDE_INTERVAL"):
        completing(*ROWS, ended_on=date(2025, 4, 9), early_reason="HIRED")
    with refused("OUTSIDE_INTERVAL"):
        completing(*ROWS, ended_on=END + timedelta(days=1))
    with refused("INVALID_TRANSITION"):
        completing(*SUSPENDED)


def test_who_withdraws_is_counted_to_the_last_day_and_the_register_goes_on_to_it():
    withdrawn, task = withdraw_from_internship(
        given(INTERNSHIP, *RUNNING, *FIRST_MONTH), internship_id="I", last_day=date(2024, 11, 15), programme=PROGRAMME, match=A_MATCH,
        reason_code="PERSONAL")
    assert (withdrawn.total_planned, withdrawn.total_recognised) == (132, 116)
    assert (task.kind, task.due) == ("COB_TERMINATION", date(2024, 11, 20))
    after = given(INTERNSHIP, *RUNNING, *FIRST_MONTH, withdrawn)
    assert (after.status, after.periods()[1].hours, after.periods()[1].full) == ("WITHDRAWN", 12, 120)
    assert withdraw_from_internship(after, internship_id="I", last_day=date(2024, 11, 15), programme=PROGRAMME, match=A_MATCH,
                                    reason_code="PERSONAL") == []
    with refused("INVALID_TRANSITION"):
        interrupt_internship(after, internship_id="I", last_day=date(2024, 11, 15), programme=PROGRAMME, match=A_MATCH,
                             interrupted_by="HOST", cause="SERIOUS_BREACH")


def ending_early(state: Any, day: date, how: str) -> list[Any]:
    usual: dict[str, Any] = {"internship_id": "I", "programme": PROGRAMME}
    if how == "completed":
        return complete_internship(state, ended_on=day, early_reason="GOALS_REACHED", **usual)
    if how == "withdrawn":
        return withdraw_from_internship(state, last_day=day, match=A_MATCH, reason_code="PERSONAL", **usual)
    return interrupt_internship(state, last_day=day, match=A_MATCH, interrupted_by="HOST", cause="SERIOUS_BREACH", **usual)


@pytest.mark.parametrize("how", ["completed", "withdrawn", "interrupted"])
@pytest.mark.parametrize(("day", "fits"), [(date(2024, 12, 12), False), (date(2024, 12, 13), True), (date(2024, 12, 16), True)])
def test_the_hours_of_a_validated_period_are_not_cut_off_by_an_early_end(how, day, fits):
    state = given(INTERNSHIP, *RUNNING, *ROWS[:28], *VALIDATED[:2])
    assert VALIDATED[1].ends == date(2024, 12, 13)
    if fits:
        after = given(INTERNSHIP, *RUNNING, *ROWS[:28], *VALIDATED[:2], ending_early(state, day, how)[0])
        assert [period.hours for period in after.periods()[:2]] == [120, 120]
    else:
        with refused("OUTSIDE_INTERVAL"):
            ending_early(state, day, how)


def leaving(*before: Any, on: date = date(2024, 10, 10)) -> list[Any]:
    return withdraw_from_internship(given(INTERNSHIP, *before), internship_id="I", last_day=on, programme=PROGRAMME, match=A_MATCH,
                                    reason_code="FOUND_JOB")


def test_one_that_never_begins_is_withdrawn_from_with_no_hours_and_its_place_is_free_again():
    withdrawn, rejected = leaving(PLANNED, INSURED)
    assert (withdrawn.last_day, withdrawn.total_planned, withdrawn.total_recognised) == (date(2024, 10, 10), 0, 0)
    assert rejected == MatchRejected("M", "PARTICIPANT", "NOT_AVAILABLE", "O", 1, None)
    assert list(MATCH.claims(rejected, lambda kind, value: value)) == [Release("place", "O:1")]
    assert leaving(PLANNED, INSURED, withdrawn) == []
    with refused("INVALID_TRANSITION"):
        starting(PLANNED, INSURED, SENT, withdrawn)


@pytest.mark.parametrize("on", [START, date(2024, 12, 1)])
def test_whoever_says_so_late_was_never_active_either(on):
    withdrawn = leaving(PLANNED, on=on)[0]
    assert (withdrawn.last_day, withdrawn.total_planned) == (START - timedelta(days=1), 0)
    assert leaving(PLANNED, withdrawn, on=on) == []


def test_a_start_that_was_communicated_is_taken_back_by_a_termination():
    assert [event.kind for event in leaving(PLANNED, INSURED, SENT) if isinstance(event, TaskRaised)] == ["COB_TERMINATION"]


def test_a_host_may_call_off_what_has_not_begun_but_nobody_completes_it():
    called_off = interrupt_internship(given(INTERNSHIP, PLANNED), internship_id="I", last_day=date(2024, 10, 10), programme=PROGRAMME,
                                      match=A_MATCH, interrupted_by="HOST", cause="HOST_LOST_REQUIREMENTS")
    assert [called_off[0].total_planned, called_off[1].rejected_by] == [0, "HOST"]
    with refused("INVALID_TRANSITION"):
        complete_internship(given(INTERNSHIP, PLANNED), internship_id="I", ended_on=END, programme=PROGRAMME)


def test_a_suspended_internship_may_be_interrupted():
    interrupted = interrupt_internship(given(INTERNSHIP, *RUNNING, *SUSPENDED), internship_id="I", last_day=date(2024, 11, 30),
                                       programme=PROGRAMME, match=A_MATCH, interrupted_by="PROMOTER", cause="GOALS_UNREACHABLE")[0]
    assert interrupted.total_planned == 120


def test_the_attestation_follows_the_last_validation():
    completed = completing(*ROWS)
    with refused("INVALID_TRANSITION"):
        attesting(*ROWS)
    with refused("REGISTER_NOT_VALIDATED"):
        attesting(*ROWS, *completed, *VALIDATED[:5])
    attested = attesting(*ROWS, *completed, *VALIDATED)
    assert (attested[0].hours, attested[0].planned_hours) == (632, 720)
    assert attesting(*ROWS, *completed, *VALIDATED, *attested) == []


@pytest.mark.parametrize(("worked", "enough"), [(84, True), (83, False)])
def test_seventy_hours_of_a_hundred_are_attested(worked, enough):
    rows = tuple(AttendanceRecorded("I", day, SIX, "PRESENT", None, None, None, None) for day in DAYS[:worked])
    done = (*rows, *completing(*rows), *VALIDATED)
    if enough:
        assert attesting(*done)[0].hours == 504
    else:
        with refused("ATTESTATION_THRESHOLD_NOT_MET"):
            attesting(*done)


def test_a_plan_of_no_hours_has_no_ratio():
    empty = replace(PLANNED, calendar=())
    state = given(INTERNSHIP, empty, INSURED, SENT, RUNNING[3])
    assert complete_internship(state, internship_id="I", ended_on=END, programme=PROGRAMME)[0].ratio == 0
