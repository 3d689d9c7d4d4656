"""A source and its listener: over SQLite files and the local bus, and over PostgreSQL and Kafka."""
import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from servers.fixtures import fresh_database
from spine import file_url
from spine.place import Place

from chassis.bus import open_bus
from chassis.topics import Wanted, topic_of


@pytest.fixture
def source() -> str:
    return f"desk{uuid4().hex[:8]}"


@pytest.fixture(params=["local", "kafka"])
async def place(request: pytest.FixtureRequest, tmp_path: Path, source: str) -> AsyncIterator[Place]:
    if request.param == "kafka":
        async with deployed(request.getfixturevalue("kafka"), request.getfixturevalue("postgres_server"), source) as made:
            yield made
        return
    where = f"local://{tmp_path}/bus.sqlite"
    bus: Any = open_bus(where)
    bus.create(topic_of(source))
    yield Place(source, file_url(tmp_path, "desk"), file_url(tmp_path), where, bus)
    await bus.stop()


@pytest.fixture
async def real(kafka: str, postgres_server: str, source: str) -> AsyncIterator[Place]:
    async with deployed(kafka, postgres_server, source) as made:
        yield made


@asynccontextmanager
async def deployed(kafka: str, server: str, source: str) -> AsyncIterator[Place]:
    """On Kafka, each side with a PostgreSQL database of its own."""
    where = f"kafka://{kafka}"
    bus: Any = open_bus(where)
    await asyncio.to_thread(bus.admin.apply, [Wanted(topic_of(source))])
    try:
        with fresh_database(server) as desk, fresh_database(server) as listener:
            yield Place(source, desk, listener, where, bus)
    finally:
        await bus.stop()


@pytest.fixture
def two_databases(postgres_server: str) -> Iterator[tuple[str, str]]:
    with fresh_database(postgres_server) as one, fresh_database(postgres_server) as other:
        yield one, other
