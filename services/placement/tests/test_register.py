"""The register of attendance: rows, corrections, periods."""
from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from chassis.given import given, refused
from contracts.words import OperatorId
from placement.adapters.kinds import INTERNSHIP
from placement.domain.events import AttendanceRecorded, InternshipSuspended
from placement.domain.register import Validator, correct_attendance, record_attendance, validate_period
from placement.domain.tutoring import log_visit, raise_issue, resolve_issue

from .story import DAYS, END, PROGRAMME, REF, RULES, RUNNING, START, TUTOR, attended

BOTH = [Validator(OperatorId("ht-02"), "TUTOR_AZIENDALE"), Validator(OperatorId("op-tp-02"), "TUTOR_PROMOTORE")]
ROWS = tuple(AttendanceRecorded("I", day, *attended(day), None, None, None, None) for day in DAYS)
JUSTIFIED_COUNTS = replace(PROGRAMME, policies={REF: replace(RULES, justified_counts=True)})
MONTHS = ((date(2024, 11, 18), 116), (date(2024, 12, 16), 118), (date(2025, 1, 16), 110), (date(2025, 2, 18), 72),
          (date(2025, 3, 18), 104), (date(2025, 4, 16), 112))


def recording(*before: Any, **otherwise: Any) -> list[Any]:
    usual: dict[str, Any] = {"internship_id": "I", "day": START, "hours": Decimal(6), "kind": "PRESENT", "programme": PROGRAMME,
                             "actor": TUTOR}
    return record_attendance(given(INTERNSHIP, *RUNNING, *before), **{**usual, **otherwise})


def correcting(*before: Any, **otherwise: Any) -> list[Any]:
    usual: dict[str, Any] = {"internship_id": "I", "day": START, "new_hours": Decimal(5), "new_kind": "PRESENT",
                             "reason_code": "TYPING_ERROR", "programme": PROGRAMME, "actor": TUTOR, "on": date(2024, 11, 20)}
    return correct_attendance(given(INTERNSHIP, *RUNNING, *before), **{**usual, **otherwise})


def validating(*before: Any, **otherwise: Any) -> list[Any]:
    usual: dict[str, Any] = {"internship_id": "I", "number": 1, "validators": BOTH, "programme": PROGRAMME, "actor": TUTOR,
                             "on": MONTHS[0][0]}
    return validate_period(given(INTERNSHIP, *RUNNING, *before), **{**usual, **otherwise})


def test_all_rows_of_the_case_fit_its_plan():
    before: list[Any] = []
    for day in DAYS:
        hours, kind = attended(day)
        before += recording(*before, day=day, hours=hours, kind=kind)
    assert tuple(before) == ROWS


@pytest.mark.parametrize(("day", "inside"), [(START, True), (START - timedelta(days=1), False), (END, True),
                                             (END + timedelta(days=1), False)])
def test_a_row_is_inside_the_internship(day, inside):
    if inside:
        assert recording(day=day)
    else:
        with refused("OUTSIDE_INTERVAL"):
            recording(day=day)


def test_a_day_of_no_period_is_refused_whatever_the_start_was_in_an_old_log():
    early = given(INTERNSHIP, *RUNNING[:3], replace(RUNNING[3], started_on=START - timedelta(days=5)))
    usual = {"internship_id": "I", "day": START - timedelta(days=3), "programme": PROGRAMME, "actor": TUTOR}
    with refused("OUTSIDE_INTERVAL"):
        record_attendance(early, hours=Decimal(6), kind="PRESENT", **usual)
    with refused("OUTSIDE_INTERVAL"):
        correct_attendance(early, new_hours=Decimal(6), new_kind="PRESENT", reason_code="MISSING_ROW", on=START, **usual)


def test_nothing_is_recorded_before_the_start():
    with refused("INVALID_TRANSITION"):
        record_attendance(given(INTERNSHIP, *RUNNING[:3]), internship_id="I", day=START, hours=Decimal(6), kind="PRESENT",
                          programme=PROGRAMME, actor=TUTOR)


@pytest.mark.parametrize("does", [recording, correcting, validating])
def test_a_tutor_keeps_the_register_of_his_own_internships_only(does):
    with refused("OPERATOR_NOT_AUTHORISED"):
        does(actor=replace(TUTOR, user="op-tp-99"))


def test_a_day_is_recorded_once():
    with refused("DUPLICATE_ROW"):
        recording(ROWS[0])


@pytest.mark.parametrize(("hours", "kind"), [("8.25", "PRESENT"), ("-1", "PRESENT"), ("1", "ABSENT"), ("6", "ABSENT_JUSTIFIED")])
def test_a_day_has_the_hours_of_its_kind(hours, kind):
    with refused("DAILY_HOURS_EXCEEDED"):
        recording(hours=Decimal(hours), kind=kind)


def test_a_week_has_the_hours_of_the_plan():
    with refused("WEEKLY_HOURS_EXCEEDED"):
        recording(*ROWS[:5], day=date(2024, 10, 19), hours=Decimal("0.5"))
    assert recording(*ROWS[:5], day=date(2024, 10, 21))


def test_nobody_is_there_at_night():
    with refused("NIGHT_WORK_NOT_ALLOWED"):
        recording(starts_at="20:00", ends_at="02:00")
    assert recording(starts_at="09:00", ends_at="15:00")[0].starts_at == "09:00"


def test_nobody_is_there_in_a_suspension():
    with refused("REGISTER_ROW_IN_SUSPENSION"):
        recording(InternshipSuspended("I", "PERSON", START, date(2024, 11, 20), "ILLNESS", None), day=date(2024, 10, 15))


@pytest.mark.parametrize("number", range(1, 7))
def test_the_six_periods_come_out_as_in_the_case_file(number):
    on, hours = MONTHS[number - 1]
    validated = validating(*ROWS, number=number, on=on)[0]
    assert (validated.planned_full, validated.planned_hours, validated.recognised_hours) == (120, 120, hours)
    assert validated.validated_by == ("TUTOR_AZIENDALE", "TUTOR_PROMOTORE")
    assert validated.policy_ref == REF


def test_a_justified_absence_counts_only_where_the_policy_says_so():
    assert validating(*ROWS, number=4, on=MONTHS[3][0], programme=JUSTIFIED_COUNTS)[0].recognised_hours == 72 + 4 * 6


@pytest.mark.parametrize(("validators", "missing"), [
    (BOTH[:1], ["TUTOR_PROMOTORE"]), (BOTH[1:], ["TUTOR_AZIENDALE"]), ([], ["TUTOR_AZIENDALE", "TUTOR_PROMOTORE"]),
    ([BOTH[0], Validator("op-tp-99", "TUTOR_PROMOTORE")], ["TUTOR_PROMOTORE"])])
def test_both_tutors_of_the_internship_validate(validators, missing):
    with refused(*(f"VALIDATOR_MISSING:{role}" for role in missing)):
        validating(validators=validators)


def test_a_period_is_validated_once_it_is_over_and_once():
    with refused("OUTSIDE_INTERVAL"):
        validating(on=date(2024, 11, 13))
    with refused("OUTSIDE_INTERVAL"):
        validating(number=7, on=date(2025, 6, 1))
    assert validating(on=date(2024, 11, 14))
    assert validating(*ROWS[:20], *validating(*ROWS[:20])) == []


def test_a_validated_period_changes_by_correction_only():
    done = (*ROWS[:20], *validating(*ROWS[:20]))
    with refused("INVALID_TRANSITION"):
        recording(*done, day=date(2024, 11, 12))
    corrected = correcting(*done)[0]
    assert (corrected.old_hours, corrected.new_hours, corrected.period, corrected.recognised_hours) == (6, 5, 1, 115)
    assert corrected.validated
    assert corrected.requested_by == "op-tp-02"
    assert correcting(*done, corrected) == []


def test_a_missing_row_is_put_in_by_correction():
    corrected = correcting(*ROWS[1:20], new_hours=Decimal(6), reason_code="MISSING_ROW")[0]
    assert (corrected.old_hours, corrected.recognised_hours, corrected.validated) == (0, 116, False)


def test_a_correction_keeps_the_rules_of_a_row():
    with refused("OUTSIDE_INTERVAL", "DAILY_HOURS_EXCEEDED"):
        correcting(day=END + timedelta(days=1), new_hours=Decimal(9))
    with refused("WEEKLY_HOURS_EXCEEDED"):
        correcting(*ROWS[:5], new_hours=Decimal(7))


def test_visits_and_issues_are_logged_once_and_an_issue_is_settled_after_it_was_raised():
    running = given(INTERNSHIP, *RUNNING)
    visit = {"internship_id": "I", "visit_id": "V", "met": "PARTICIPANT", "minutes": 45, "actor": TUTOR, "on": START}
    logged = log_visit(running, **visit)
    assert logged[0].visitor == "op-tp-02"
    assert log_visit(given(INTERNSHIP, *RUNNING, *logged), **visit) == []
    issue = {"internship_id": "I", "issue_id": "X", "severity": "MEDIUM", "category": "ATTENDANCE", "description": "orari",
             "actor": TUTOR, "on": START}
    raised = raise_issue(running, **issue)
    settled = {"internship_id": "I", "issue_id": "X", "measure": "orario flessibile", "on": START}
    with refused("INVALID_TRANSITION"):
        resolve_issue(running, **settled)
    resolved = resolve_issue(given(INTERNSHIP, *RUNNING, *raised), **settled)
    assert resolve_issue(given(INTERNSHIP, *RUNNING, *raised, *resolved), **settled) == []
    assert raise_issue(given(INTERNSHIP, *RUNNING, *raised, *resolved), **issue) == []
    with refused("INVALID_TRANSITION"):
        log_visit(given(INTERNSHIP, *RUNNING[:3]), **visit)


@pytest.mark.parametrize(("end", "extends", "final"), [
    (END, True, True), (END - timedelta(days=1), True, False), (END - timedelta(days=1), False, True)])
def test_the_last_period_is_not_validated_while_a_suspension_moves_its_end(end, extends, final):
    planned = replace(RUNNING[0], planned_end=end)
    away = InternshipSuspended("I", "PERSON", date(2025, 3, 20), date(2025, 4, 25), "ILLNESS", None)
    state = given(INTERNSHIP, planned, *RUNNING[1:], away)
    usual = {"internship_id": "I", "validators": BOTH, "actor": TUTOR, "on": END + timedelta(days=2),
             "programme": replace(PROGRAMME, policies={REF: replace(RULES, suspension_extends=extends)})}
    assert validate_period(state, number=5, **usual)
    if final:
        assert validate_period(state, number=6, **usual)
    else:
        with refused("OUTSIDE_INTERVAL"):
            validate_period(state, number=6, **usual)
