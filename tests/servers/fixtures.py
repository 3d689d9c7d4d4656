"""pytest fixtures: real servers, started when first asked for, gone at the end; a database of its own for each test."""
from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import pytest

import servers
from servers import Server, ServersMissing

REAL = frozenset({"postgres_server", "postgres_url", "kafka", "own_postgres", "own_kafka"})


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A PostgreSQL for the whole run: PERCORSO_TEST_POSTGRES (its role may create databases and roles), else our own."""
    given = os.environ.get("PERCORSO_TEST_POSTGRES")
    if given:
        yield given
        return
    server = _or_fail(lambda: servers.postgres(durable=False))
    yield server.address
    server.stop()


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """A fresh, empty database."""
    with fresh_database(postgres_server) as url:
        yield url


@pytest.fixture(scope="session")
def kafka() -> Iterator[str]:
    """The bootstrap address of a Kafka for the whole run: PERCORSO_TEST_KAFKA, else our own. See `topic_prefix`."""
    given = os.environ.get("PERCORSO_TEST_KAFKA")
    if given:
        yield given
        return
    server = _or_fail(servers.kafka)
    yield server.address
    server.stop()


@pytest.fixture
def topic_prefix() -> str:
    return f"t{uuid4().hex[:12]}."


@pytest.fixture
def own_postgres() -> Iterator[Server]:
    """A PostgreSQL that the test may kill, pause and start again; durable."""
    server = _or_fail(servers.postgres)
    yield server
    server.stop()


@pytest.fixture
def own_kafka() -> Iterator[Server]:
    """A Kafka that the test may kill, pause and start again."""
    server = _or_fail(servers.kafka)
    yield server
    server.stop()


@contextmanager
def fresh_database(server: str) -> Iterator[str]:
    """A new database on a server; dropped at the end, connections or not."""
    import psycopg

    name = f"t_{uuid4().hex[:16]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    try:
        yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _or_fail(start: Callable[[], Server]) -> Server:
    try:
        return start()
    except ServersMissing as e:
        pytest.fail(str(e), pytrace=False)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """`-m servers`: the tests that stand on a real PostgreSQL or Kafka."""
    for item in items:
        if REAL & set(getattr(item, "fixturenames", ())):
            item.add_marker("servers")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "servers: stands on a real PostgreSQL or Kafka (added by itself)")
