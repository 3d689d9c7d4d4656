"""What a relay has spoken, saved on the connection that holds its lock and only upwards; the lives of the log; foreign facts."""
from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg.rows import dict_row

from chassis.bulk import Table
from chassis.database import Database, Tx
from chassis.errors import StoreAway
from chassis.postgres import CONNECT_SECONDS, PATIENCE, PostgresDatabase, PostgresTx

TABLES = (
    "CREATE TABLE IF NOT EXISTS relay_place (one INTEGER PRIMARY KEY, position {big} NOT NULL, halted TEXT)",
    "CREATE TABLE IF NOT EXISTS relay_trail (incarnation {big} NOT NULL, tenant TEXT NOT NULL, programme TEXT NOT NULL, "
    "number {big} NOT NULL, head {bytes} NOT NULL, PRIMARY KEY (incarnation, tenant, programme))",
    "CREATE TABLE IF NOT EXISTS relay_partition (part {big} PRIMARY KEY, topic_id TEXT NOT NULL, incarnation {big} NOT NULL, "
    "position {big} NOT NULL)",
    "CREATE TABLE IF NOT EXISTS life (incarnation {big} PRIMARY KEY, first {big} NOT NULL)",
    "CREATE TABLE IF NOT EXISTS foreign_fact (incarnation {big} NOT NULL, position {big} NOT NULL, part {big} NOT NULL, "
    "key {bytes} NOT NULL, value {bytes} NOT NULL, PRIMARY KEY (incarnation, position))",
)
_TRAIL = Table("relay_trail", {"incarnation": "bigint", "tenant": "text", "programme": "text", "number": "bigint", "head": "bytea"},
               "ON CONFLICT (incarnation, tenant, programme) DO UPDATE SET number = excluded.number, head = excluded.head "
               "WHERE excluded.number > relay_trail.number")
_PARTITION = Table("relay_partition", {"part": "bigint", "topic_id": "text", "incarnation": "bigint", "position": "bigint"},
                   "ON CONFLICT (part) DO UPDATE SET topic_id = excluded.topic_id, incarnation = excluded.incarnation, position = "
                   "excluded.position WHERE (excluded.incarnation, excluded.position) > "
                   "(relay_partition.incarnation, relay_partition.position)")
FIRST_LIFE = (1, 1)


@dataclass(frozen=True)
class Spoken:
    """The last record of a partition: in which topic, and which fact of which life of the log it is."""

    topic_id: str
    incarnation: int
    position: int


@dataclass(frozen=True)
class Place:
    """How far the relay has spoken. `trails` of this incarnation: (tenant, programme or "") to (number, head)."""

    incarnation: int = 1
    position: int = 0
    trails: Mapping[tuple[str, str], tuple[int, bytes]] = field(default_factory=dict)
    partitions: Mapping[int, Spoken] = field(default_factory=dict)
    halted: str | None = None

    def spoken(self) -> dict[int, int]:
        """The last position of each partition."""
        return {part: last.position for part, last in sorted(self.partitions.items())}


def look(database: Database) -> Place:
    """The place as it is saved: for any process of the service. Its parts are of one moment, though a relay is at work."""
    with database.reading() as tx:
        while (place := load(tx)).position != _position(tx):
            pass
    return place


def _position(tx: Tx) -> int:
    rows = tx.execute("SELECT position FROM relay_place WHERE one = 1")
    return int(rows[0]["position"]) if rows else 0


def load(tx: Tx) -> Place:
    rows = tx.execute("SELECT position, halted FROM relay_place WHERE one = 1")
    incarnation = lives(tx)[-1][0]
    trails = tx.execute("SELECT tenant, programme, number, head FROM relay_trail WHERE incarnation = %s", (incarnation,))
    parts = tx.execute("SELECT part, topic_id, incarnation, position FROM relay_partition")
    return Place(incarnation, rows[0]["position"] if rows else 0,
                 {(row["tenant"], row["programme"]): (row["number"], bytes(row["head"])) for row in trails},
                 {row["part"]: Spoken(row["topic_id"], row["incarnation"], row["position"]) for row in parts},
                 rows[0]["halted"] if rows else None)


def lives(tx: Tx) -> list[tuple[int, int]]:
    """(incarnation, first position) of each life of the log, in order; the first is there unsaid."""
    rows = tx.execute("SELECT incarnation, first FROM life ORDER BY incarnation")
    return [FIRST_LIFE, *((row["incarnation"], row["first"]) for row in rows)]


def save(tx: Tx, was: Place, now: Place) -> None:
    """Save what differs, only upwards."""
    tx.execute("INSERT INTO relay_place (one, position) VALUES (1, %s) ON CONFLICT (one) DO UPDATE SET position = excluded.position "
               "WHERE excluded.position > relay_place.position", (now.position,))
    _TRAIL.insert(tx, [(now.incarnation, *key, *head) for key, head in now.trails.items() if was.trails.get(key) != head])
    _PARTITION.insert(tx, [(part, last.topic_id, last.incarnation, last.position) for part, last in now.partitions.items()
                           if was.partitions.get(part) != last])


class Keeper:
    """The relay's lock, or that of other `work`. PostgreSQL: an advisory one on a connection of its own; SQLite: of a file beside the
    database."""

    def __init__(self, database: Database, service: str, work: str = "relay") -> None:
        self._database, self._service, self._work = database, service, work
        self._connection: psycopg.Connection[Any] | None = None
        self._file: int | None = None
        self._memory = False

    def take(self) -> bool:
        """Whether this relay is the one now. `StoreAway` where the database cannot be reached."""
        self.free()
        if isinstance(self._database, PostgresDatabase):
            return self._take_postgres(self._database.url)
        return self._take_file()

    def held(self) -> bool:
        """Asked again after a pause: the connection may be gone, and the lock with it."""
        if self._connection is None:
            return self._memory or self._file is not None
        try:
            held = self._connection.execute("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid() AND granted")
            return held.fetchone() is not None
        except psycopg.Error:
            return False

    @contextmanager
    def saving(self) -> Iterator[Tx]:
        """A transaction on the connection that holds the lock; `StoreAway` where it does not any more."""
        if self._connection is None:
            with self._database.transaction() as tx:
                yield tx
            return
        try:
            with self._connection.transaction(), self._connection.cursor() as cursor:
                yield PostgresTx(cursor)
        except (psycopg.OperationalError, psycopg.InterfaceError) as away:
            raise StoreAway(f"the relay's connection: {type(away).__name__}") from away

    def free(self) -> None:
        if self._connection is not None:
            with suppress(psycopg.Error):
                self._connection.close()
        if self._file is not None:
            os.close(self._file)
        self._connection, self._file, self._memory = None, None, False

    def _take_postgres(self, url: str) -> bool:
        key = int.from_bytes(hashlib.sha256(f"percorso.{self._work}.{self._service}".encode()).digest()[:8], "big", signed=True)
        try:
            self._connection = psycopg.connect(url, autocommit=True, connect_timeout=CONNECT_SECONDS, row_factory=dict_row,
                                               **PATIENCE)
            row = self._connection.execute("SELECT pg_try_advisory_lock(%s) AS taken", (key,)).fetchone()
        except psycopg.Error as away:
            self.free()
            raise StoreAway(f"PostgreSQL: {type(away).__name__}") from away
        if not row or not row["taken"]:
            self.free()
            return False
        return True

    def _take_file(self) -> bool:
        with self._database.reading() as tx:
            path = next(str(row["file"]) for row in tx.execute("PRAGMA database_list") if row["name"] == "main")
        if not path:
            self._memory = True
            return True
        self._file = os.open(f"{path}.{self._work}", os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self.free()
            return False
        return True
