"""Registers put right after they were paid, up and down: the first computation stays, its adjustment stands beside it."""
from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from scenarios import CORRECTIONS, Play, played

from percorso.connect import embedded
from percorso.rebuilding import rebuilt
from reporting.adapters import columns


@pytest.fixture(scope="module")
def play(tmp_path_factory: pytest.TempPathFactory) -> Play:
    return played(CORRECTIONS, tmp_path_factory.mktemp("corrections"))


def answers(play: Play, operation: str) -> list[Any]:
    """What the steps of an operation were answered, in order."""
    return [said for planned, said in play.played.answers if planned.step.operation == operation]


def names(play: Play) -> list[str]:
    return [fact["type"].split(".")[1] for fact in play.history]


@pytest.mark.parametrize("operation", ["programmeLedger", "indicators", "caseHistory"])
def test_what_was_said_before_the_corrections_is_said_again_from_its_basis_to_the_byte(play: Play, operation: str) -> None:
    said, *later = answers(play, operation)
    assert json.dumps(said) in map(json.dumps, later)


def test_as_of_the_instant_before_the_corrections_the_first_computation_stands(play: Play) -> None:
    said, _, _, then = answers(play, "programmeLedger")
    for name in ("items", "totals", "basis"):
        assert json.dumps(then[name]) == json.dumps(said[name]), name


def test_a_correction_up_is_an_adjustment_a_new_approval_and_a_further_order_of_its_own(play: Play) -> None:
    first, further, _ = answers(play, "programmeLedger")[1]["items"]
    assert (first["act_no"], first["order_cents"], further["act_no"], further["order_cents"]) == ("SYN-LIQ-1", 22500, "SYN-LIQ-3", 22500)
    adjusted = {fact["id"]: fact for fact in play.history if fact["type"] == "stipend.StipendAdjusted.v1"}
    assert {one["fact"] for one in first["adjustments"]} <= set(adjusted)
    assert all(adjusted[one["fact"]]["causation"] for one in first["adjustments"]), "it says which correction it follows from"


def test_a_correction_down_asks_back_what_was_paid_beyond_it_and_orders_nothing(play: Play) -> None:
    line = answers(play, "programmeLedger")[1]["items"][2]
    recovery, = (fact for fact in play.history if fact["type"] == "stipend.RecoveryRequested.v1")
    assert (line["recovery_facts"], line["asked_back_cents"], recovery["data"]["amount_cents"]) == ([recovery["id"]], 22500, 22500)
    orders = [fact["data"]["amount_cents"] for fact in play.history if fact["type"] == "stipend.PaymentOrderIssued.v1"]
    assert orders == [22500, 45000, 22500]


def test_a_ledger_as_csv_has_a_column_for_all_that_a_line_says(play: Play) -> None:
    said = {name for answer in answers(play, "programmeLedger") for line in answer["items"] for name in line}
    assert said <= set(columns.LEDGER)


def test_no_accrual_is_ever_changed(play: Play) -> None:
    accrued = [fact["data"]["amount_cents"] for fact in play.history if fact["type"] == "stipend.StipendAccrued.v1"]
    assert (accrued, names(play).count("StipendAdjusted"), names(play).count("AttendanceCorrected")) == ([22500, 45000], 2, 3)


def test_the_views_with_corrections_are_equal_to_a_rebuild(play: Play) -> None:
    async def again() -> Any:
        async with embedded(play.data) as suite:
            return await rebuilt(suite, "esempio", lambda *_: None)

    assert asyncio.run(again())["equal"]


def test_a_diff_names_the_facts_that_changed_each_figure(play: Play) -> None:
    said, = answers(play, "caseDiff")
    kinds = {one["column"]: [fact["type"].split(".")[1] for fact in one["facts"]] for one in said["items"]
             if one["view"] == "payment_ledger" and one["column"]}
    assert kinds["adjusted_cents"] == ["StipendAdjusted"]
    assert kinds["asked_back_cents"] == ["RecoveryRequested"]
