"""Every row of `make bench` runs. What it reaches is nobody's business here."""
from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from bench import rebuild
from bench.__main__ import ROWS, table
from bench.place import Place
from bench.row import SMALL, Ratio, Size, Tail


@pytest.fixture
def place(postgres_server: str, kafka: str) -> Iterator[Place]:
    with closing(rebuild.filled):
        yield Place(postgres_server, kafka, "tests")


@pytest.mark.parametrize("name", [name for name in ROWS if name not in ("service", "all-in-one", "open")])
async def test_a_row_of_rates_runs_with_small_numbers(name: str, place: Place) -> None:
    row = await ROWS[name](place, SMALL)
    assert isinstance(row, Ratio)
    assert row.ratio > 0
    assert len(row.pairs) == SMALL.rounds


async def test_the_row_of_histories_runs(place: Place) -> None:
    row = await ROWS["open"](place, SMALL)
    assert isinstance(row, Tail)
    assert min(row.p99) > 0


@pytest.mark.parametrize("name", ["service", "all-in-one"])
async def test_a_row_of_memory_is_below_its_bound(name: str, place: Place) -> None:
    row = await ROWS[name](place, SMALL)
    assert isinstance(row, Size)
    assert max(row.mib.values()) <= row.wanted


def test_the_ratio_is_the_median_of_the_rounds() -> None:
    row = Ratio("append", "commands/s", 10, [(100, 10), (90, 10), (300, 20)])
    assert row.ratio == 10
    assert "10.0 x" in table([row.cells()])
    assert row.cells()[-1] == "met"
