"""Scenario files, what they stand for, and what must come back; histories made comparable; when a suite is at rest."""
from __future__ import annotations

import random
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from percorso.errors import Sorry
from percorso.scenario import expect
from percorso.scenario.file import load
from percorso.scenario.histories import difference, normalised
from percorso.scenario.settle import behind, rest, restless, stuck
from percorso.scenario.values import Values

HEAD = """scenario: x
tenant: bari
actors: {clerk: {role: CASE_MANAGER, org: COMUNE}}
steps:
"""
ONE, OTHER = (f"0000000{n}-0000-4000-8000-000000000000" for n in (1, 2))


def file(folder: Path, steps: str) -> Path:
    path = folder / "s.yaml"
    path.write_text(HEAD + steps, "utf-8")
    return path


def test_steps_are_played_in_order_of_date_and_on_one_day_in_the_order_of_the_file(tmp_path: Path) -> None:
    _, steps, _ = load(file(tmp_path, """
  - {on: 2025-02-01, as: clerk, do: a.later}
  - {on: 2025-01-01, as: clerk, do: a.first}
  - {as: clerk, do: a.second}
"""))
    assert [(step.number, step.step.do, step.line) for step in steps] == [(1, "a.first", 7), (2, "a.second", 8), (3, "a.later", 6)]


def test_a_block_is_its_steps_once_a_row_with_numbers_staying_numbers(tmp_path: Path) -> None:
    _, steps, _ = load(file(tmp_path, """
  - each: [{n: 1, day: 2025-01-01}, {n: 2, day: 2025-01-02}]
    steps:
      - {on: "{day}", as: clerk, do: a.b, with: {number: "{n}", name: "visit {n}"}}
"""))
    assert [(step.on, dict(step.fields)) for step in steps] == [
        (date(2025, 1, 1), {"number": 1, "name": "visit 1"}), (date(2025, 1, 2), {"number": 2, "name": "visit 2"})]


def test_days_are_the_same_step_once_a_day_each_with_fields_of_its_own(tmp_path: Path) -> None:
    _, steps, _ = load(file(tmp_path, """
  - {as: clerk, do: a.b, with: {hours: "6"}, days: {2025-01-01: , 2025-01-02: {hours: "2"}}}
"""))
    assert [step.fields["hours"] for step in steps] == ["6", "2"]


@pytest.mark.parametrize(("steps", "sentence"), [
    ("  - {on: 2025-01-01, as: nobody, do: a.b}", "`actors` names nobody called nobody."),
    ("  - {as: clerk, do: a.b}", "Line 5: the first step needs a date (`on`)."),
    ("  - {on: 2025-01-01, as: clerk}", "line 5, the step: a step has either `do` or `apply`."),
    ("  - {on: 2025-01-01, as: clerk, do: a.b, expects: X}", "line 5, expects: Extra inputs are not permitted."),
    ("  - {on: 2025-02-30, as: clerk, do: a.b}", "2025-02-30 is no date"),
    ("  - {each: 3, steps: []}", "Line 5: `each` is a list of rows, each of names and values."),
    ("  - {on: [", "is not YAML"),
])
def test_what_is_wrong_with_a_file_is_said_with_its_line(tmp_path: Path, steps: str, sentence: str) -> None:
    with pytest.raises(Sorry) as wrong:
        load(file(tmp_path, steps))
    assert sentence in str(wrong.value)


def test_a_play_makes_its_own_ids_and_the_same_play_the_same() -> None:
    one, same, other = (Values(UUID(id_), ["host"], {}).put_in("$host") for id_ in (ONE, ONE, OTHER))
    assert one == same != other


def test_a_name_stands_for_a_value_alone_or_in_a_text_and_an_unknown_one_is_named() -> None:
    values = Values(UUID(ONE), [], {"anna": {"cents": 600, "name": "Anna"}})
    assert values.put_in({"pay": "$anna.cents", "to": "to ${anna.name}"}) == {"pay": 600, "to": "to Anna"}
    with pytest.raises(Sorry, match=r"Nothing is called \$paola"):
        values.put_in(["$paola.name"])


def test_rows_are_one_object_a_value() -> None:
    assert Values(UUID(ONE), [], {}).put_in({"rows": {"of": {"hours": "6"}, "day": [date(2025, 1, 1), date(2025, 1, 2)]}}) == [
        {"hours": "6", "day": "2025-01-01"}, {"hours": "6", "day": "2025-01-02"}]


@pytest.mark.parametrize(("expected", "actual", "why"), [
    ({"a": 1}, {"a": 1, "b": 2}, None),
    ({"a": {"b": 1}}, {"a": {"b": 2}}, "a.b is 2, expected 1"),
    ({"a": [{"n": 2}]}, {"a": [{"n": 1}, {"n": 2, "x": 0}]}, None),
    ({"a": [{"n": 3}]}, {"a": [{"n": 1}]}, "a has nothing like {'n': 3}"),
    ({"a": [1]}, {"a": "1"}, "a is '1', expected a list"),
    ({"a": 1}, [], "the answer is [], expected an object"),
])
def test_what_lacks_in_an_answer_is_named(expected: Any, actual: Any, why: str | None) -> None:
    assert expect.missing(expected, actual) == why


def test_a_part_of_an_answer_is_found_by_place_by_field_or_among_the_ids_made() -> None:
    said = {"ids": {"case_id": "c"}, "accruals": [{"period": 1, "id": "x"}, {"period": 2, "id": "y"}]}
    assert [expect.part(said, path) for path in ("case_id", "accruals.-1.id", "accruals.period=1.id")] == ["c", "y", "x"]
    with pytest.raises(Sorry, match=r"the answer has no accruals\.period=3\.id"):
        expect.part(said, "accruals.period=3.id")


def test_facts_are_counted_by_type_and_silent_ones_are_not() -> None:
    rows = [{"type": "a.Done.v1"}, {"type": "a.Private.v1"}, {"type": "a.Done.v1"}]
    assert expect.miscounted({"a.Done.v1": 2}, rows) is None
    assert expect.miscounted({"a.Done.v1": 1}, rows) == "a.Done.v1 is there 2 times, expected 1"
    assert expect.miscounted({}, rows) == "a.Done.v1 is there 2 times, expected 0"


def fact(id_: str, name: str, about: str, micro: int, **more: Any) -> dict[str, Any]:
    return {"id": id_, "type": name, "occurred": "2025-01-01", "recorded": f"2025-01-01T09:00:00.{micro:06d}Z", "position": micro,
            "rest": id_ * 2, "aggregate": about, "data": {"digest": "ab" * 32}, **more}


def ids(n: int) -> list[str]:
    return [str(UUID(int=random.Random(f"{n}-{k}").getrandbits(128), version=4)) for k in range(4)]


def test_histories_of_two_plays_are_equal_whatever_ids_instants_and_order_within_a_second_they_chose() -> None:
    plays = []
    for n, order in ((1, 1), (2, -1)):
        case, first, second, third = ids(n)
        facts = [fact(first, "a.Began.v1", case, 1), fact(second, "b.Task.v1", case, 2, cause=first), fact(third, "c.Task.v1", case, 3)]
        plays.append({"case": normalised([facts[0], *facts[1:][::order]])})
    assert difference(*plays) is None


def test_a_fact_that_says_something_else_is_named() -> None:
    case, first, second, _ = ids(1)
    one = {"case": normalised([fact(first, "a.Began.v1", case, 1)])}
    other = {"case": normalised([fact(first, "a.Began.v1", case, 1, until=second)])}
    assert difference(one, other) == "case: fact 1 (a.Began.v1 / a.Began.v1) differs in until: None / 'id-3'"
    assert difference(one, {"case": []}) == "case: 1 facts against 0"


def status(**more: Any) -> dict[str, Any]:
    at = {"log": 3, "relayed": 3, "spoken": {"0": 3}, "heard": {"a": {"0": 3}}, "reactions": 0, "deadlines": 0, "views": {"behind": 0},
          "parked": 0, "halted": None, "stopped": {}}
    return {"a": at, "b": at | more}


@pytest.mark.parametrize(("more", "why"), [
    ({}, None),
    ({"relayed": 2}, "b has not yet spoken all of its log (2 of 3)"),
    ({"reactions": 1}, "b has reactions to carry out (1)"),
    ({"deadlines": 2}, "b has deadlines to carry out (2)"),
    ({"views": {"behind": 4}}, "b's views are 4 facts behind"),
    ({"heard": {"a": {"0": 1}}}, "b has not yet heard all of a (partition 0: 1 of 3)"),
    ({"heard": {"a": {"0": 1}}, "ahead": {"a": "2026-11-29T06:00:00.000000Z"}},
     "b hears nothing of a until its clock is nearer to 2026-11-29T06:00:00.000000Z, when a recorded a fact"),
])
def test_why_a_suite_is_not_at_rest_is_said(more: dict[str, Any], why: str | None) -> None:
    assert restless(status(**more)) == why
    assert sum(behind("b", status(**more)).values()) == (0 if why is None else {"relayed": 1, "heard": 2}.get(next(iter(more)), 0) or sum(
        value if isinstance(value, int) else value["behind"] for value in more.values()))


def test_what_only_an_operator_can_change_is_not_waited_for() -> None:
    assert stuck(status(halted="topic and log disagree")) == "b has stopped taking commands: topic and log disagree."
    assert stuck(status(stopped={"a": "other bytes"})) == "b hears nothing more of a: other bytes."


async def test_rest_is_two_looks_that_show_it_and_are_equal() -> None:
    looks = [status(relayed=2), status(), status(log=4, relayed=4), status(log=4, relayed=4), status()]

    async def look() -> dict[str, Any]:
        return looks.pop(0)

    assert (await rest(look, 30))["b"]["log"] == 4
    assert len(looks) == 1
