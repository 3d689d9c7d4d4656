"""Where it is measured: a PostgreSQL and a Kafka, durable as a user has them."""
from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

import psycopg
import servers
from servers.fixtures import fresh_database

from chassis.admin import KafkaAdmin
from chassis.topics import Wanted, topic_of


@dataclass(frozen=True)
class Place:
    """`postgres`: the URL of a server, as one who may make databases. `kafka`: host and port."""

    postgres: str
    kafka: str
    way: str

    def database(self) -> AbstractContextManager[str]:
        """A new, empty database, for as long as the block lasts."""
        return fresh_database(self.postgres)

    def topics(self, *services: str) -> None:
        """Make what is missing of the topics of these services."""
        admin = KafkaAdmin([self.kafka])
        admin.apply([Wanted(topic_of(service)) for service in services])
        admin.close()

    def setting(self, name: str) -> str:
        with psycopg.connect(self.postgres) as connection:
            row = connection.execute(f"SHOW {name}").fetchone()
        return str(row[0]) if row else ""


@contextmanager
def place() -> Iterator[Place]:
    """Servers at PERCORSO_TEST_POSTGRES and PERCORSO_TEST_KAFKA; those that are not named are started, and removed at the end."""
    given = {name: os.environ.get(f"PERCORSO_TEST_{name}") for name in ("POSTGRES", "KAFKA")}
    started = {name: start() for name, start in (("POSTGRES", servers.postgres), ("KAFKA", servers.kafka)) if not given[name]}
    at = {name: given[name] or started[name].address for name in given}
    try:
        yield Place(at["POSTGRES"], at["KAFKA"], servers.chosen() if started else "given by address")
    finally:
        for server in started.values():
            server.stop()
