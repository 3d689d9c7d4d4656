"""The store on SQLite: the library's recorder, write transactions that begin IMMEDIATE."""
from __future__ import annotations

import fcntl
import itertools
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from typing import Any
from urllib.parse import quote

from eventsourcing.persistence import InterfaceError, OperationalError
from eventsourcing.sqlite import SQLiteApplicationRecorder, SQLiteDatastore

from chassis.database import Row
from chassis.errors import Busy, StoreAway

_memory = itertools.count()
LOCK_SECONDS = 10
DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
PAGE = 500
"""Parameters that a statement may have, with room."""


class SQLiteTx:
    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor

    def execute(self, sql: str, params: Sequence[Any] = ()) -> list[Row]:
        self._cursor.execute(sql.replace("%s", "?"), params)
        return [dict(row) for row in self._cursor.fetchall()]

    def once(self, sql: str) -> list[Row]:
        return self.execute(sql)  # it is asked of a file: there is nothing to save

    def executemany(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        self._cursor.executemany(sql.replace("%s", "?"), list(rows))

    def together(self, statements: Sequence[tuple[str, Sequence[Any]]]) -> list[list[Row]]:
        return [self.execute(sql, params) for sql, params in statements]

    def send(self, statements: Sequence[tuple[str, Sequence[Any]]]) -> None:
        self.together(statements)

    def one_of(self, sql: str, values: Sequence[str] | Sequence[int], params: Sequence[Any] = ()) -> tuple[str, Sequence[Any]]:
        return sql.replace("{among}", f"IN ({','.join('?' * len(values))})"), [*params, *values]

    def among(self, sql: str, values: Sequence[str], params: Sequence[Any] = ()) -> list[Row]:
        pages = [values[start:start + PAGE] for start in range(0, len(values), PAGE)]
        return [row for page in pages for row in self.execute(*self.one_of(sql, page, params))]

    def insert(self, table: str, columns: Mapping[str, str], rows: Sequence[Sequence[Any]]) -> tuple[str, Sequence[Any]]:
        one = f"({','.join('?' * len(columns))})"
        return (f"INSERT INTO {table} ({', '.join(columns)}) VALUES {','.join([one] * len(rows))}", [v for row in rows for v in row])

    def values(self, sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        self._cursor.execute(sql.replace("%s", "?"), params)
        return [tuple(row) for row in self._cursor.fetchall()]

    def copy(self, table: str, columns: Mapping[str, str], rows: Iterable[Sequence[Any]]) -> None:
        self._cursor.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({','.join('?' * len(columns))})", rows)


def _write_ahead(path: str) -> None:
    """Turn a new file to write-ahead logging, one process at a time: for this change SQLite does not wait as it does for a lock."""
    with suppress(OSError, sqlite3.DatabaseError), open(f"{path}.lock", "a") as turn:  # whoever opens it next says what is wrong
        fcntl.flock(turn, fcntl.LOCK_EX)
        with closing(sqlite3.connect(path, timeout=LOCK_SECONDS)) as connection:
            connection.execute("PRAGMA journal_mode=WAL")


class SQLiteDatabase:
    dialect = "sqlite"

    def __init__(self, path: str, *, read_only: bool = False) -> None:
        if path and not read_only:
            _write_ahead(path)
        name = f"file:{quote(path)}?mode=ro" if read_only else path or f"file:memory{next(_memory)}?mode=memory&cache=shared"
        self.datastore = SQLiteDatastore(name, originator_id_type="text", lock_timeout=LOCK_SECONDS, pool_size=8)
        self.datastore.pool.is_journal_mode_wal = read_only  # what is read alone stays as it is: the library would change it
        self._under_way, self._closed = 0, False
        self._changed = threading.Condition()

    @contextmanager
    def reading(self) -> Iterator[SQLiteTx]:
        with self._begun("BEGIN", commit=False) as tx:
            yield tx

    snapshot = reading

    @contextmanager
    def transaction(self) -> Iterator[SQLiteTx]:
        with self._begun("BEGIN IMMEDIATE", commit=True) as tx:
            yield tx

    locked = transaction

    @contextmanager
    def _begun(self, begin: str, *, commit: bool) -> Iterator[SQLiteTx]:
        try:
            with self._open(), self.datastore.get_connection(commit=commit) as connection:
                cursor = connection.cursor().sqlite_cursor
                cursor.execute(begin)
                try:
                    yield SQLiteTx(cursor)
                    connection.commit() if commit else connection.rollback()
                except BaseException:
                    connection.rollback()
                    raise
                finally:
                    cursor.close()
        except (sqlite3.DatabaseError, OperationalError, InterfaceError) as away:
            code = getattr(away.__cause__ or away, "sqlite_errorcode", 0)
            if code == sqlite3.SQLITE_BUSY:
                raise Busy(f"another has held the writers' lock for {LOCK_SECONDS} seconds") from away
            if isinstance(away, sqlite3.DatabaseError) and not isinstance(away, sqlite3.OperationalError) and code & 0xFF not in DAMAGED:
                raise
            raise StoreAway(f"SQLite: {away}") from away

    @contextmanager
    def _open(self) -> Iterator[None]:
        with self._changed:
            if self._closed:
                raise StoreAway("SQLite: closed")
            self._under_way += 1
        try:
            yield
        finally:
            with self._changed:
                self._under_way -= 1
                self._changed.notify_all()

    def close(self) -> None:
        """Take no more, let what is under way end, close: a connection closed under a running statement ends the process."""
        with self._changed:
            self._closed = True
            self._changed.wait_for(lambda: not self._under_way)
        self.datastore.close()


class SQLiteLog(SQLiteApplicationRecorder):
    """The library's recorder over the same datastore; its table is made by the migration."""
