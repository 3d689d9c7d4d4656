"""The store on PostgreSQL: the library's recorder under an advisory lock; its traps are closed at the start."""
from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import psycopg
from eventsourcing.persistence import InterfaceError, OperationalError, StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import dict_row, tuple_row

from chassis.database import Row
from chassis.errors import Busy, StoreAway

CONNECT_SECONDS = 2
LOCK_SECONDS = 3
PATIENCE: Mapping[str, Any] = {"keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 3, "tcp_user_timeout": 10_000}
"""After some ten seconds a host that has vanished is given up."""
EVENT_COLUMNS = {"originator_id": "text", "originator_version": "bigint", "topic": "text", "state": "bytea"}


class PostgresTx:
    """`pipeline`: what is sent waits there for the next question, or for the commit. `still`: nothing changes under it."""

    def __init__(self, cursor: Any, pipeline: psycopg.Pipeline | None = None, still: bool = False) -> None:
        self._cursor, self._connection, self._pipeline = cursor, cursor.connection, pipeline
        self._known: dict[str, list[Row]] | None = {} if still else None

    def execute(self, sql: str, params: Sequence[Any] = ()) -> list[Row]:
        self._cursor.execute(sql, params or None, prepare=True)
        if self._pipeline is not None:
            self._pipeline.sync()
        return self._cursor.fetchall() if self._cursor.description else []

    def once(self, sql: str) -> list[Row]:
        if self._known is None:
            return self.execute(sql)
        if sql not in self._known:
            self._known[sql] = self.execute(sql)
        return self._known[sql]

    def executemany(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        self._cursor.executemany(sql, list(rows))

    def together(self, statements: Sequence[tuple[str, Sequence[Any]]]) -> list[list[Row]]:
        cursors = []
        with self._connection.pipeline():
            for sql, params in statements:
                cursors.append(self._connection.cursor())
                cursors[-1].execute(sql, params or None, prepare=True)
        return [cursor.fetchall() if cursor.description else [] for cursor in cursors]

    def send(self, statements: Sequence[tuple[str, Sequence[Any]]]) -> None:
        for sql, params in statements:
            self._cursor.execute(sql, params or None, prepare=True)

    def one_of(self, sql: str, values: Sequence[str] | Sequence[int], params: Sequence[Any] = ()) -> tuple[str, Sequence[Any]]:
        return sql.replace("{among}", "= ANY(%s)"), [*params, list(values)]

    def among(self, sql: str, values: Sequence[str], params: Sequence[Any] = ()) -> list[Row]:
        return self.execute(*self.one_of(sql, values, params)) if values else []

    def insert(self, table: str, columns: Mapping[str, str], rows: Sequence[Sequence[Any]]) -> tuple[str, Sequence[Any]]:
        arrays = ", ".join(f"%b::{kind}[]" for kind in columns.values())
        return f"INSERT INTO {table} ({', '.join(columns)}) SELECT * FROM unnest({arrays})", [list(c) for c in zip(*rows, strict=True)]

    def values(self, sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with self._connection.cursor(binary=True, row_factory=tuple_row) as cursor:
            return cursor.execute(sql, params or None, prepare=True).fetchall()  # type: ignore[no-any-return]

    def copy(self, table: str, columns: Mapping[str, str], rows: Iterable[Sequence[Any]]) -> None:
        with self._cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN (FORMAT BINARY)") as copying:
            copying.set_types(list(columns.values()))
            for row in rows:
                copying.write_row(row)


class PostgresDatabase:
    dialect = "postgres"

    def __init__(self, url: str, service: str) -> None:
        self.lock = int.from_bytes(hashlib.sha256(f"percorso.writers.{service}".encode()).digest()[:8], "big", signed=True)
        self.url = url
        self.datastore = PostgresDatastore(
            dbname="", host="", port="", user="", password="", connect_timeout=CONNECT_SECONDS, lock_timeout=LOCK_SECONDS, pool_size=4,
            max_overflow=4, originator_id_type="text", schema="public")
        self.datastore.pool.kwargs = {**conninfo_to_dict(url), **PATIENCE, "row_factory": dict_row}  # all of it, TLS too

    @contextmanager
    def reading(self) -> Iterator[PostgresTx]:
        with self._connection() as connection, connection.cursor() as cursor:
            yield PostgresTx(cursor)

    def snapshot(self) -> AbstractContextManager[PostgresTx]:
        return self._begun("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", still=True)

    @contextmanager
    def transaction(self) -> Iterator[PostgresTx]:
        with self._connection() as connection, connection.transaction(), connection.cursor() as cursor:
            yield PostgresTx(cursor)

    def locked(self) -> AbstractContextManager[PostgresTx]:
        return self._begun("BEGIN", lock_statement(self.lock))

    @contextmanager
    def _begun(self, begin: str, *then: str, still: bool = False) -> Iterator[PostgresTx]:
        """A transaction whose beginning goes with the first question, and whose end with what was sent last."""
        with self._connection() as connection, connection.cursor() as cursor:
            try:
                with connection.pipeline() as pipeline:
                    cursor.execute(begin)
                    for statement in then:
                        cursor.execute(statement, prepare=True)
                    yield PostgresTx(cursor, pipeline, still)
                    cursor.execute("COMMIT")
            except BaseException:
                if not connection.closed:
                    connection.rollback()
                raise

    @contextmanager
    def _connection(self) -> Iterator[Any]:
        try:
            with self.datastore.get_connection() as connection:
                yield connection
        except (OperationalError, InterfaceError, psycopg.OperationalError, psycopg.InterfaceError) as away:
            if isinstance(away.__cause__ or away, psycopg.errors.LockNotAvailable):
                raise Busy(f"another has held the writers' lock for {LOCK_SECONDS} seconds") from away
            raise StoreAway(f"PostgreSQL: {type(away).__name__}") from away

    def close(self) -> None:
        self.datastore.close()


def lock_statement(lock: int) -> str:
    """Take the writers' lock, after how long it is waited for is set: the function in FROM runs first."""
    return f"SELECT pg_advisory_xact_lock({lock}) FROM set_config('lock_timeout', '{LOCK_SECONDS}s', true)"


class PostgresLog(PostgresApplicationRecorder):
    """The library's recorder, with the writers' lock in place of its table lock (`design.md` 4)."""

    def __init__(self, datastore: PostgresDatastore, lock: int) -> None:
        if datastore.enable_db_functions:
            raise ValueError("POSTGRES_ENABLE_DB_FUNCTIONS loses events for readers that follow the log: leave it off")
        super().__init__(datastore)
        self.lock_table_statements = [lock_statement(lock)]

    def _insert_stored_events(self, curs: Any, stored_events: Sequence[StoredEvent], **kwargs: Any) -> None:
        """Plain arrays in place of the library's composite type: faster, and no type ids to go stale after a restore."""
        for statement in self.lock_table_statements:
            curs.execute(statement)
        rows = [(e.originator_id, e.originator_version, e.topic, e.state) for e in stored_events]
        sql, params = PostgresTx(curs).insert("stored_events", EVENT_COLUMNS, rows)
        curs.execute(sql + " RETURNING notification_id", params, prepare=True)
