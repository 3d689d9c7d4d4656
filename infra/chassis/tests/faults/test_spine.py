"""Relay and consumer killed -9 at random points while commands come in: nothing lost, nothing twice, nothing invented."""
import asyncio
import os
import random
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from desk import ACTOR, OPEN, call, opening, utc_now
from servers.fixtures import fresh_database
from spine import Ear, declared, ear, file_url, until

from chassis.agree import disagreement
from chassis.bus import Bus, open_bus
from chassis.saved import look
from chassis.topics import Wanted, topic_of

KILLS = int(os.environ.get("PERCORSO_KILLS", "5"))
TESTS = Path(__file__).parents[3].parent / "tests"


class Place:
    """Where a source and its listener keep what they keep."""

    def __init__(self, source: str, desk: str, listener: str, where: str, bus: Bus) -> None:
        self.source, self.desk, self.listener, self.where, self.bus = source, desk, listener, where, bus

    def start(self, part: str) -> subprocess.Popen[bytes]:
        url = self.desk if part == "relay" else self.listener
        return subprocess.Popen([sys.executable, "-m", "spine.run", part, self.source, url, self.where], stdout=subprocess.PIPE,
                                stderr=subprocess.DEVNULL, env={**os.environ, "PYTHONPATH": str(TESTS)})


@pytest.fixture(params=["local", "kafka"])
async def place(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Place]:
    source = f"desk{uuid4().hex[:8]}"
    if request.param == "local":
        where = f"local://{tmp_path}/bus.sqlite"
        bus: Any = open_bus(where)
        bus.create(topic_of(source))
        yield Place(source, file_url(tmp_path, "desk"), file_url(tmp_path), where, bus)
    else:
        where = f"kafka://{request.getfixturevalue('kafka')}"
        bus = open_bus(where)
        await asyncio.to_thread(bus.admin.apply, [Wanted(topic_of(source))])
        server = request.getfixturevalue("postgres_server")
        with fresh_database(server) as desk, fresh_database(server) as listener:
            yield Place(source, desk, listener, where, bus)
    await bus.stop()


async def killed_at_random(place: Place, rng: random.Random) -> None:
    """Both parts go on for a moment that nobody chose, then are killed."""
    for process in [place.start(part) for part in ("relay", "consume")]:
        assert process.stdout is not None
        await asyncio.to_thread(process.stdout.readline)
        await asyncio.sleep(rng.random() * 0.4)
        process.kill()
        await asyncio.to_thread(process.wait)
        process.stdout.close()


async def commands(desk: Ear, done: asyncio.Event) -> None:
    while not done.is_set():
        await desk.executor.carry_out(OPEN, opening(), ACTOR, call())
        await asyncio.sleep(0.01)


async def test_relay_and_consumer_killed_under_load_end_equal(place: Place) -> None:
    rng = random.Random(seed := random.randrange(10**6))
    done = asyncio.Event()
    with ear(place.desk, declared(place.source, hears=()), utc_now) as desk, ear(place.listener, declared("ear"), utc_now) as listener:
        load = asyncio.create_task(commands(desk, done))
        for _ in range(KILLS):
            await killed_at_random(place, rng)
        done.set()
        await load
        parts = [place.start(part) for part in ("relay", "consume")]
        stored = [entry.parts.fact for entry in desk.executor.log.read(0, 10**6)]
        await until(lambda: len(listener.all()) >= len(stored), 60)
        for process in parts:
            process.kill()
            process.communicate()
        assert [row[3] for row in listener.all()] == stored, f"seed {seed}"
        assert await disagreement(place.bus, topic_of(place.source), desk.executor.log, look(desk.database)) is None
        with listener.database.reading() as tx:
            assert tx.execute("SELECT source FROM source_stopped") == []
