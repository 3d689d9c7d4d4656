"""Participations, as a reporting officer would say it. Boundary days are those of `domain.md` 9.6 and case 002."""
from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from chassis.decide import Take
from chassis.given import given, refused
from contracts.words import Configuration
from reporting.adapters.deadlines import DEADLINES
from reporting.adapters.kinds import PARTICIPATION
from reporting.domain.known import Case, Standing
from reporting.domain.participation import (
    ImmediateResultRecorded,
    ParticipationEntered,
    ParticipationExited,
    SixMonthResultRecorded,
    ask_six_month_result,
    close_immediate_window,
    enter_participation,
    exit_participation,
    record_immediate_result,
    record_six_month_result,
    reference_date,
)
from reporting.domain.programme import Programme, ProgrammeActivated, evolve

ENTRY, EXIT = date(2024, 9, 16), date(2025, 6, 30)
BARI = evolve(Programme(), ProgrammeActivated("002", "Bari", "PN", None, None, None, None, date(2024, 7, 1), date(2026, 12, 31), 1,
                                              Configuration({"policies": []})))
LEFT = ParticipationExited("p", "c", "002", "s", EXIT, "COMPLETED")


def enter(*before: Any, **changes: Any) -> list[Any]:
    given_args: dict[str, Any] = {
        "participation_id": "p", "case_id": "c", "case": Case("c", "002", "s"), "programme": BARI, "standing": Standing(),
        "birth_date": date(1985, 12, 15), "gender": "F", "labour_status": "UNEMPLOYED", "unemployment_months": 30, "isced": 2,
        "in_education": False, "third_country": False, "foreign_background": False, "homeless": False, "degurba": 1, "on": ENTRY}
    return enter_participation(given(PARTICIPATION, *before), **(given_args | changes))


ENTERED: ParticipationEntered = enter()[0]


def immediate(*before: Any, on: date = date(2025, 7, 14), status: Any = "EDUCATION", codes: Any = ("EECR02",)) -> list[Any]:
    return record_immediate_result(given(PARTICIPATION, *before), participation_id="p", status=status, codes=codes, source="REGISTER",
                                   observed_on=on)


def six_month(*before: Any, on: date = date(2025, 12, 30), status: Any = "NONE", codes: Any = ()) -> list[Any]:
    return record_six_month_result(given(PARTICIPATION, *before), participation_id="p", status=status, codes=codes, source="COB", on=on)


def as_employed(**changes: Any) -> ParticipationEntered:
    entered: ParticipationEntered = enter(labour_status="EMPLOYED", unemployment_months=None, **changes)[0]
    return entered


class TestEntry:
    def test_anna_is_38_and_her_record_is_complete(self) -> None:
        assert (ENTERED.age, ENTERED.complete, ENTERED.entry_date) == (38, True, ENTRY)

    @pytest.mark.parametrize(("on", "age"), [(date(2024, 12, 14), 38), (date(2024, 12, 15), 39)])
    def test_the_age_is_that_of_the_day(self, on: date, age: int) -> None:
        assert enter(on=on)[0].age == age

    @pytest.mark.parametrize("absent", ["isced", "in_education", "third_country", "foreign_background", "homeless", "degurba",
                                        "unemployment_months"])
    def test_a_record_that_lacks_something_is_not_complete(self, absent: str) -> None:
        assert not enter(**{absent: None})[0].complete

    def test_months_of_unemployment_are_asked_of_the_unemployed_only(self) -> None:
        assert as_employed().complete

    def test_entry_data_stay(self) -> None:
        assert enter(ENTERED, isced=5) == []

    def test_who_returns_goes_on_in_the_same_participation(self) -> None:
        with refused("PARTICIPATION_EXISTS"):
            enter(standing=Standing("other"))
        assert list(PARTICIPATION.claims(ENTERED, lambda kind, value: value)) == [Take("participation", "002/s", "p")]

    def test_only_while_the_programme_runs(self) -> None:
        with refused("OUTSIDE_PROGRAMME_WINDOW"):
            enter(on=date(2024, 6, 30))
        with refused("PROGRAMME_NOT_ACTIVE"):
            enter(programme=Programme())

    @pytest.mark.parametrize("wrong", [{"isced": 9}, {"degurba": 4}, {"unemployment_months": -1}, {"birth_date": date(2030, 1, 1)}])
    def test_data_out_of_range_are_refused(self, wrong: dict[str, Any]) -> None:
        with refused("ENTRY_DATA_INVALID"):
            enter(**wrong)


class TestExit:
    def leave(self, *before: Any, on: date = EXIT) -> list[Any]:
        return exit_participation(given(PARTICIPATION, *before), participation_id="p", exit_reason="COMPLETED", on=on)

    def test_a_participant_leaves_once(self) -> None:
        assert self.leave(ENTERED) == [LEFT]
        assert self.leave(ENTERED, LEFT) == []

    def test_not_before_having_entered(self) -> None:
        with refused("EXIT_BEFORE_ENTRY"):
            self.leave(ENTERED, on=date(2024, 9, 15))
        with refused("PARTICIPATION_UNKNOWN"):
            self.leave()

    def test_after_a_return_the_later_exit_counts_and_results_begin_anew(self) -> None:
        (again,) = self.leave(ENTERED, LEFT, *immediate(ENTERED, LEFT), on=date(2025, 9, 1))
        assert given(PARTICIPATION, ENTERED, LEFT, *immediate(ENTERED, LEFT), again).immediate is None
        with refused("ALREADY_EXITED"):
            self.leave(ENTERED, LEFT, on=date(2025, 6, 29))


class TestImmediateResult:
    def test_anna_is_in_training(self) -> None:
        assert immediate(ENTERED, LEFT) == [ImmediateResultRecorded("p", date(2025, 7, 14), "EDUCATION", ("EECR02",), "REGISTER")]

    @pytest.mark.parametrize("on", [date(2025, 6, 30), date(2025, 7, 28)])
    def test_it_is_observed_from_the_exit_to_day_28(self, on: date) -> None:
        assert immediate(ENTERED, LEFT, on=on)

    @pytest.mark.parametrize("on", [date(2025, 6, 29), date(2025, 7, 29)])
    def test_not_before_nor_after(self, on: date) -> None:
        with refused("WINDOW_CLOSED"):
            immediate(ENTERED, LEFT, on=on)

    def test_seeking_a_job_and_having_one_exclude_each_other(self) -> None:
        with refused("EECR_CONFLICT", "EECR_NOT_APPLICABLE:EECR01"):
            immediate(ENTERED, LEFT, codes=("EECR01", "EECR04"))

    def test_what_someone_was_at_entry_cannot_be_a_result(self) -> None:
        with refused("EECR_NOT_APPLICABLE:EECR04"):
            immediate(as_employed(), LEFT, status="EMPLOYED", codes=("EECR04",))
        with refused("EECR_NOT_APPLICABLE:EECR02"):
            immediate(enter(in_education=True)[0], LEFT)

    def test_who_is_in_employment_is_employed(self) -> None:
        with refused("EECR_CONFLICT"):
            immediate(ENTERED, LEFT, status="NONE", codes=("EECR04",))

    def test_the_last_one_counts_and_the_same_again_is_nothing_new(self) -> None:
        first = immediate(ENTERED, LEFT)
        second = immediate(ENTERED, LEFT, *first, on=date(2025, 7, 20), status="EMPLOYED", codes=("EECR04",))
        assert given(PARTICIPATION, ENTERED, LEFT, *first, *second).immediate == second[0]
        assert immediate(ENTERED, LEFT, *first) == []

    def test_a_result_follows_an_exit(self) -> None:
        with refused("PARTICIPATION_NOT_EXITED"):
            immediate(ENTERED)

    def test_unknown_is_recorded_when_the_window_closes_and_gives_way_to_what_was_observed_in_it(self) -> None:
        unknown = close_immediate_window(given(PARTICIPATION, ENTERED, LEFT), participation_id="p", exit_date=EXIT)
        assert unknown == [ImmediateResultRecorded("p", None, "UNKNOWN", (), None)]
        late = immediate(ENTERED, LEFT, *unknown)
        assert given(PARTICIPATION, ENTERED, LEFT, *unknown, *late).immediate == late[0]

    def test_nothing_is_closed_that_has_a_result_or_another_exit(self) -> None:
        known = given(PARTICIPATION, ENTERED, LEFT, *immediate(ENTERED, LEFT))
        assert close_immediate_window(known, participation_id="p", exit_date=EXIT) == []
        assert close_immediate_window(given(PARTICIPATION, ENTERED, LEFT), participation_id="p", exit_date=ENTRY) == []


class TestSixMonthResult:
    def test_it_is_that_of_the_reference_date(self) -> None:
        assert six_month(ENTERED, LEFT) == [SixMonthResultRecorded("p", date(2025, 12, 30), "NONE", (), "COB")]
        with refused("REFERENCE_DATE_NOT_REACHED"):
            six_month(ENTERED, LEFT, on=date(2025, 12, 29))

    @pytest.mark.parametrize(("left", "due"), [("2025-06-30", "2025-12-30"), ("2025-08-31", "2026-02-28"), ("2023-08-30", "2024-02-29"),
                                               ("2025-12-31", "2026-06-30"), ("2025-01-15", "2025-07-15")])
    def test_six_calendar_months(self, left: str, due: str) -> None:
        assert reference_date(date.fromisoformat(left)) == date.fromisoformat(due)

    def test_an_improved_situation_is_of_those_employed_at_entry(self) -> None:
        with refused("EECR06_NOT_APPLICABLE"):
            six_month(ENTERED, LEFT, status="EMPLOYED", codes=("EECR06",))
        assert six_month(as_employed(), LEFT, status="EMPLOYED", codes=("EECR06",))
        with refused("EECR_NOT_APPLICABLE:EECR05"):
            six_month(as_employed(), LEFT, status="EMPLOYED", codes=("EECR05",))

    def test_who_is_not_employed_has_neither_code(self) -> None:
        with refused("EECR_CONFLICT"):
            six_month(ENTERED, LEFT, codes=("EECR05",))

    def test_a_task_asks_for_it_once_and_only_for_the_last_exit(self) -> None:
        state = given(PARTICIPATION, ENTERED, LEFT)
        (task,) = ask_six_month_result(state, participation_id="p", exit_date=EXIT)
        assert (task.kind, task.due, task.done_by) == ("SIX_MONTH_RESULT", date(2025, 12, 30), "reporting.SixMonthResultRecorded.v1")
        assert (task.case_id, task.programme_id, task.subject_id) == ("c", "002", "s")
        assert ask_six_month_result(state, participation_id="p", exit_date=EXIT) == [task]
        assert ask_six_month_result(state, participation_id="p", exit_date=ENTRY) == []


def test_an_exit_sets_two_dates() -> None:
    assert [(d.kind, d.due(LEFT)) for d in DEADLINES] == [
        ("immediate-window", date(2025, 7, 29)), ("six-month-result", date(2025, 12, 30))]
    for deadline in DEADLINES:
        do = deadline.do(LEFT)
        assert do.decision(given(PARTICIPATION, ENTERED, LEFT), **do.args)
