"""A writer that is killed, an answer to COMMIT that is lost, many writers and a reader that follows."""
import asyncio
import os
import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from desk import ACTOR, OPEN, call, desk, opening, sqlite_url
from desk.proxy import CommitCutter
from servers.fixtures import fresh_database

from chassis.database import open_database
from chassis.execute import Executor
from chassis.log import Log
from chassis.schema import migrate

KILLS = int(os.environ.get("PERCORSO_KILLS", "5"))
TESTS = Path(__file__).parents[3].parent / "tests"


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


def test_nothing_acknowledged_is_lost_when_the_writer_is_killed(url: str) -> None:
    rng = random.Random(seed := random.randrange(10**6))
    with desk(url):
        pass
    acked = set().union(*(killed_at_random(url, rng) for _ in range(KILLS)))
    with desk(url) as office:
        streams = [entry.stream.rpartition("/")[2] for entry in office.log.read(0, 10**6)]
        with office.log.database.reading() as tx:
            commands = {row["id"] for row in tx.execute("SELECT id FROM command_log")}
    assert acked <= set(streams), f"lost, seed {seed}"
    assert len(streams) == len(set(streams)), f"twice, seed {seed}"
    assert commands == set(streams), f"torn, seed {seed}"


@pytest.fixture
def cutter(postgres_url: str) -> Iterator[CommitCutter]:
    made = CommitCutter(postgres_url)
    yield made
    made.close()


async def test_the_answer_to_commit_lost_gives_the_first_answer_and_one_event(cutter: CommitCutter) -> None:
    with desk(cutter.url) as office:
        await office.carry_out(OPEN, opening(), ACTOR, call())
        asked, once = opening(), call()
        cutter.armed = 1
        answer = await office.carry_out(OPEN, asked, ACTOR, once)
        assert cutter.cut == 1
        assert await office.carry_out(OPEN, asked, ACTOR, once) == answer
        assert len(office.log.read(0, 10)) == 2


def test_a_reader_that_follows_eight_writers_misses_none(postgres_url: str) -> None:
    with desk(postgres_url):
        pass
    writing, seen = [True], []

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


def test_the_role_of_the_service_can_neither_change_nor_delete_an_event(postgres_url: str) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as admin:
        role = f"clerk_{os.getpid()}_{random.randrange(10**9)}"
        admin.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'x'")
        try:
            database = open_database(postgres_url, service="desk")
            migrate(database, grant_to=role)
            database.close()
            admin.execute(f"SET ROLE {role}")
            admin.execute("INSERT INTO stored_events (originator_id, originator_version, topic, state) VALUES ('a', 1, 'x', '')")
            for statement in ("UPDATE stored_events SET topic = 'y'", "DELETE FROM stored_events", "TRUNCATE stored_events"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    admin.execute(statement)
        finally:
            admin.execute("RESET ROLE")
            admin.execute(f"DROP OWNED BY {role}")
            admin.execute(f"DROP ROLE {role}")


def test_postgres_database_functions_are_refused(postgres_server: str) -> None:
    from eventsourcing.postgres import PostgresDatastore

    from chassis.postgres import PostgresLog

    with fresh_database(postgres_server) as url:
        database = open_database(url, service="desk")
        store = database.datastore  # type: ignore[attr-defined]
        assert isinstance(store, PostgresDatastore)
        store.enable_db_functions = True
        with pytest.raises(ValueError, match="loses events"):
            PostgresLog(store, 1)
        database.close()
