"""Whole cases, with late facts, corrections, repeats, restarts, rebuilds and erasures in any order: what is promised holds."""
from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import Phase

import chassis.hearing
from histories import driven
from histories.beginning import STANDS, Beginning, begun
from histories.driven import Move, Tally, lived
from histories.told import SAID
from reporting.views import payment_ledger
from stipend.domain import orders

HISTORIES = int(os.environ.get("PERCORSO_HISTORIES", "300"))
SEED = os.environ.get("PERCORSO_SEED")
PATIENCE_S = 900 + 2 * HISTORIES
"""What fails is made smaller before it is told, for up to five minutes."""


@pytest.fixture(scope="module")
def beginning(tmp_path_factory: pytest.TempPathFactory) -> Beginning:
    return asyncio.run(begun(tmp_path_factory.mktemp("beginning")))


@pytest.mark.timeout(PATIENCE_S)
def test_after_any_history_the_views_are_equal_the_trails_whole_and_every_figure_explained(beginning: Beginning) -> None:
    if SEED is not None:
        driven.driven_once(beginning, int(SEED))
        return
    tally = driven.driven(beginning, HISTORIES, min(os.cpu_count() or 1, 4))
    SAID.append(tally.said())
    assert tally.histories >= HISTORIES
    for happened in ("restarts", "is rebuilt", "hears late", "speaks late", "speaks twice", "is corrected", "is repeated"):
        assert tally.moves[happened], f"{happened}: not once"
    assert tally.erased


def _ignores_adjustments(fold: Callable[..., None]) -> Callable[..., None]:
    return lambda state, fact: None if fact.name == "StipendAdjusted" else fold(state, fact)


PAID, ACCRUED, TOLD = 11, 8, 14
"""People as they stand at the beginning: paid twice; ordered; at the end."""


def at(person: int, place: int) -> int:
    """What a move at this place says for the case of that person."""
    return (person - place) % len(STANDS)


PLANTED: dict[str, tuple[Any, str, Callable[[Any], Any], Sequence[Move], str]] = {
    "a view that ignores corrections": (
        payment_ledger, "_of_accrual", _ignores_adjustments, [Move("is corrected", at(PAID, 0), 47)], "totals are what stipend has spoken"),
    "an order of more than is approved": (
        orders, "_too_much", lambda _: lambda *_: None, [Move("is ordered", at(PAID, 0), 6)], "is more than was approved"),
    "keys that stay": (
        chassis.hearing, "destroying", lambda _: lambda *_: [], [Move("is erased", at(TOLD, 0), 4)], "still reads")}
"""A fault: where, how it is made of what is there, the moves that meet it, and what is said of it."""


@pytest.mark.parametrize("fault", PLANTED)
def test_a_fault_that_is_planted_is_found(fault: str, beginning: Beginning, monkeypatch: pytest.MonkeyPatch) -> None:
    module, name, made, moves, said = PLANTED[fault]
    monkeypatch.setattr(module, name, made(getattr(module, name)))
    with pytest.raises(AssertionError, match=said):
        asyncio.run(lived(beginning, moves))


def test_what_fails_names_a_seed_by_which_it_fails_again(monkeypatch: pytest.MonkeyPatch) -> None:
    met: list[list[Move]] = []

    async def fails(_: Beginning, moves: list[Move], bundle: bool) -> Tally:
        if len({move.name for move in moves}) > 20:
            met.append(moves)
            raise AssertionError("a fault")
        return Tally()

    def failed(chosen: int) -> tuple[str, list[list[Move]]]:
        met.clear()
        with pytest.raises(AssertionError, match="a fault") as found:
            driven.driven_once(None, chosen)  # type: ignore[arg-type]
        return "\n".join(found.value.__notes__), list(met)

    monkeypatch.setattr(driven, "lived", fails)
    monkeypatch.setattr(driven, "PHASES", [Phase.generate])
    said, first = failed(20250102)
    again = re.search(r"PERCORSO_SEED=(\d+)", said)
    assert again
    assert "reproduce_failure" in said
    assert failed(int(again[1])) == (said, first)
