from collections.abc import Iterator
from pathlib import Path

import pytest
from desk import desk, sqlite_url

from chassis.execute import Executor


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return sqlite_url(tmp_path) if request.param == "sqlite" else request.getfixturevalue("postgres_url")


@pytest.fixture
def office(url: str) -> Iterator[Executor]:
    with desk(url) as made:
        yield made
