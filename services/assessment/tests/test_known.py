"""What assessment makes of what it hears."""
from __future__ import annotations

from datetime import date
from functools import reduce
from typing import Any

from assessment.domain.known import Case, Programme, fold_case, fold_programme
from chassis.decide import Heard

DAY = date(2024, 9, 11)


def heard(type: str, aggregate: str = "x", occurred: date = DAY, **data: Any) -> Heard:
    return Heard(type, "1", type.split(".")[0], aggregate, occurred, "", "c", "002", "s", data=data)


def case(*facts: Heard) -> Case:
    return reduce(fold_case, facts, Case())


def test_a_case_is_known_from_any_fact_about_it() -> None:
    begun = case(heard("placement.InternshipStarted.v1", internship_id="i"))
    assert begun == Case("c", "002", "s", internships={"i": None}, begun=frozenset({"i"}))


def test_notice_manager_and_hand_over() -> None:
    known = case(heard("intake.PrivacyNoticeDelivered.v1"), heard("intake.CaseManagerAssigned.v1", operator_id="one"),
                 heard("intake.CaseHandedOver.v1", to_operator_id="two"))
    assert (known.notice, known.manager) == (True, "two")


def test_an_internship_ends_on_the_day_it_was_said_to_end() -> None:
    known = case(heard("placement.InternshipPlanned.v1", internship_id="i"),
                 heard("placement.InternshipCompleted.v1", internship_id="i", ended_on="2025-04-13"),
                 heard("placement.InternshipStarted.v1", internship_id="i"))
    assert known.internships == {"i": date(2025, 4, 13)}


def test_a_case_is_open_until_it_is_closed() -> None:
    assert not case(heard("intake.CaseOpened.v1")).closed
    assert case(heard("intake.CaseOpened.v1"), heard("intake.CaseClosed.v1")).closed


def test_the_version_in_force_is_the_last_said_of_those_effective_by_that_day() -> None:
    said = [heard("reporting.ProgrammeActivated.v1", "002", config={"teams": 1}),
            heard("reporting.ProgrammeConfigurationVersioned.v1", "002", config={"teams": 2}, effective_from="2099-01-01"),
            heard("reporting.ProgrammeConfigurationVersioned.v1", "002", config={"teams": 3}, effective_from="2025-01-01")]
    programme = reduce(fold_programme, said, Programme())
    days = (date(2020, 1, 1), DAY, date(2025, 1, 1), date(2099, 1, 1))
    assert [programme.on(day).config["teams"] for day in days] == [1, 1, 3, 3]
    assert Programme().on(DAY).policies == {}


def test_an_internship_left_early_ended_on_its_last_day() -> None:
    known = case(heard("placement.InternshipWithdrawn.v1", internship_id="i", last_day="2025-02-01"))
    assert known.internships == {"i": date(2025, 2, 1)}
