"""A reporting database in memory, and a projector on it."""
from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from chassis.database import Database, open_database
from chassis.schema import migrate
from reporting.archive import Archive
from reporting.projector import Projector
from reporting.service import TABLES

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def fresh(url: str = "sqlite://") -> Database:
    database = open_database(url, service="reporting")
    migrate(database, TABLES)
    return database


def projector_on(database: Database, batch: int = 1000) -> Projector:
    return Projector(database, Archive(lambda: NOW), batch=batch)


@pytest.fixture
def database() -> Iterator[Database]:
    made = fresh()
    yield made
    made.close()


@pytest.fixture
def projector(database: Database) -> Projector:
    return projector_on(database)
