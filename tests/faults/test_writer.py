"""A writer that is killed, a database that is killed, an answer to COMMIT that is lost, many writers and a reader that follows."""
import asyncio
import os
import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from desk import ACTOR, OPEN, call, desk, opening, sqlite_url, utc_now
from desk.proxy import CommitCutter
from servers import Server
from servers.fixtures import fresh_database
from spine import Ear, declared, ear, file_url, until
from spine.place import KILLS, TESTS

from chassis.bus_local import LocalBus
from chassis.consume import Consume
from chassis.database import open_database
from chassis.errors import Busy, StoreAway
from chassis.execute import Executor
from chassis.log import Log
from chassis.relay import Relay
from chassis.topics import topic_of


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return sqlite_url(tmp_path) if request.param == "sqlite" else request.getfixturevalue("postgres_url")


def killed_at_random(url: str, rng: random.Random) -> set[str]:
    """Run a writer until some commands are acknowledged, kill it -9; what it had acknowledged."""
    acked, last = set(), rng.randrange(1, 400)
    with subprocess.Popen([sys.executable, "-m", "desk.load", url, "16"], stdout=subprocess.PIPE, text=True,
                          env={**os.environ, "PYTHONPATH": str(TESTS)}) as process:
        assert process.stdout is not None
        for line in process.stdout:
            acked.add(line.strip())
            if len(acked) == last:
                process.kill()
        assert process.wait() == -9
    return acked


def nothing_is_lost_torn_or_twice(office: Executor, acked: set[str], seed: int) -> None:
    streams = [entry.stream.rpartition("/")[2] for entry in office.log.read(0, 10**6)]
    with office.log.database.reading() as tx:
        commands = {row["id"] for row in tx.execute("SELECT id FROM command_log")}
    assert acked <= set(streams), f"lost, seed {seed}"
    assert len(streams) == len(set(streams)), f"twice, seed {seed}"
    assert commands == set(streams), f"torn, seed {seed}"


def test_nothing_acknowledged_is_lost_when_the_writer_is_killed(url: str) -> None:
    rng = random.Random(seed := random.randrange(10**6))
    with desk(url):
        pass
    acked = set().union(*(killed_at_random(url, rng) for _ in range(KILLS)))
    with desk(url) as office:
        nothing_is_lost_torn_or_twice(office, acked, seed)


async def test_services_recover_by_themselves_when_their_database_server_is_killed(own_postgres: Server, tmp_path: Path) -> None:
    rng, stop, acked = random.Random(seed := random.randrange(10**6)), asyncio.Event(), set[str]()
    bus = LocalBus(str(tmp_path / "bus.sqlite"))
    bus.create(topic_of("desk"))
    with fresh_database(own_postgres.address) as url, ear(url, declared("desk", hears=()), utc_now) as office, \
            ear(file_url(tmp_path), declared("ear", hears=("desk.TicketOpened.v1",)), utc_now) as listener:
        relay = Relay("desk", office.executor.log, bus, office.executor.halt)
        consume = Consume("ear", listener.hearing, listener.reactions, bus)
        await relay.start()
        await consume.start()
        load = [asyncio.create_task(asks_until_answered(office, stop, acked)) for _ in range(8)]
        for _ in range(KILLS):
            before = len(acked)
            await until(lambda before=before: len(acked) > before + 8)  # type: ignore[misc]
            await asyncio.sleep(rng.random() * 0.1)
            await asyncio.to_thread(own_postgres.kill)
            await asyncio.to_thread(own_postgres.start)
        stop.set()
        await asyncio.gather(*load)
        nothing_is_lost_torn_or_twice(office.executor, acked, seed)
        await until(lambda: len(listener.all()) >= len(acked))
        assert [row[3] for row in listener.all()] == [entry.parts.fact for entry in office.executor.log.read(0, 10**6)]
        await consume.stop()
        await relay.stop()
    await bus.stop()


async def asks_until_answered(office: Ear, stop: asyncio.Event, acked: set[str]) -> None:
    """A client: the same command again, under the same key, until it is answered."""
    while not stop.is_set():
        asked = opening()
        ticket = str(asked["ticket_id"])
        while ticket not in acked:
            with suppress(StoreAway, Busy):
                await office.executor.carry_out(OPEN, asked, ACTOR, call(ticket))
                acked.add(ticket)


@pytest.fixture
def cutter(postgres_url: str) -> Iterator[CommitCutter]:
    made = CommitCutter(postgres_url)
    yield made
    made.close()


async def test_the_answer_to_commit_lost_gives_the_first_answer_and_one_event(cutter: CommitCutter) -> None:
    with desk(cutter.url) as office:
        await office.carry_out(OPEN, opening(), ACTOR, call())
        for _ in range(KILLS):
            asked, once = opening(), call()
            cutter.armed = 1
            answer = await office.carry_out(OPEN, asked, ACTOR, once)
            assert await office.carry_out(OPEN, asked, ACTOR, once) == answer
        assert cutter.cut == KILLS
        assert len(office.log.read(0, 10**6)) == KILLS + 1


def test_a_reader_that_follows_eight_writers_misses_none(postgres_url: str) -> None:
    with desk(postgres_url):
        pass
    writing, seen = [True], list[int]()

    def follow() -> None:
        database = open_database(postgres_url, service="desk")
        log = Log(database)
        while True:
            stop = not writing[0]
            page = log.read(seen[-1] if seen else 0, 500)
            seen.extend(entry.position for entry in page)
            if stop and not page:
                break
        database.close()

    def write() -> None:
        async def many(office: Executor) -> None:
            for _ in range(12):
                await asyncio.gather(*(office.carry_out(OPEN, opening(), ACTOR, call()) for _ in range(random.randrange(1, 9))))

        with desk(postgres_url) as office:
            asyncio.run(many(office))

    reader, writers = threading.Thread(target=follow), [threading.Thread(target=write) for _ in range(8)]
    for thread in (reader, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    writing[0] = False
    reader.join()
    with desk(postgres_url) as office:
        assert seen == [entry.position for entry in office.log.read(0, 10**6)]
