"""One database, two dialects: SQL written once with `%s`, transactions, and the writers' lock."""
from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

Row = Mapping[str, Any]


class Tx(Protocol):
    """A transaction under way."""

    def execute(self, sql: str, params: Sequence[Any] = ()) -> list[Row]:
        """Run one statement; its rows, if it gives any."""
        ...

    def once(self, sql: str) -> list[Row]:
        """What a question finds, asked of the database the first time only in a snapshot, where it finds the same each time."""
        ...

    def executemany(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run one statement for each row of parameters."""
        ...

    def together(self, statements: Sequence[tuple[str, Sequence[Any]]]) -> list[list[Row]]:
        """Run statements in order, in one round trip where there is one; the rows of each."""
        ...

    def send(self, statements: Sequence[tuple[str, Sequence[Any]]]) -> None:
        """Run statements in order, no later than the commit, which fails if one of them does; what they give is not looked at."""
        ...

    def one_of(self, sql: str, values: Sequence[str] | Sequence[int], params: Sequence[Any] = ()) -> tuple[str, Sequence[Any]]:
        """A statement whose `{among}` stands for "is one of values", after `params`: `… WHERE id {among}`."""
        ...

    def among(self, sql: str, values: Sequence[str], params: Sequence[Any] = ()) -> list[Row]:
        """Run such a query."""
        ...

    def insert(self, table: str, columns: Mapping[str, str], rows: Sequence[Sequence[Any]]) -> tuple[str, Sequence[Any]]:
        """One statement that inserts all rows: `columns` are names with their PostgreSQL types."""
        ...

    def values(self, sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The rows of a query as plain values, for many of them: bytes are not made text on the way."""
        ...

    def copy(self, table: str, columns: Mapping[str, str], rows: Iterable[Sequence[Any]]) -> None:
        """Load rows in bulk (COPY on PostgreSQL): `columns` are names with their PostgreSQL types."""
        ...


class Database(Protocol):
    """`dialect` is `postgres` or `sqlite`. `StoreAway` where it cannot be reached, `Busy` where its lock is not had in time."""

    dialect: str

    def reading(self) -> AbstractContextManager[Tx]: ...

    def snapshot(self) -> AbstractContextManager[Tx]:
        """Reads that all see what was there at the first of them."""
        ...

    def transaction(self) -> AbstractContextManager[Tx]: ...

    def locked(self) -> AbstractContextManager[Tx]:
        """A transaction under the writers' lock: what it stores commits in the order of its positions."""
        ...

    def close(self) -> None: ...


def open_database(url: str, *, service: str, read_only: bool = False) -> Database:
    """From `sqlite:///path`, `sqlite://` (in memory) or `postgresql://user:password@host:port/name`. `read_only`: makes no file, changes
    none (SQLite; on PostgreSQL the role's rights say it)."""
    if (path := sqlite_path(url)) is not None:
        from chassis.sqlite import SQLiteDatabase

        return SQLiteDatabase(path, read_only=read_only)
    from chassis.postgres import PostgresDatabase

    return PostgresDatabase(url, service)


def sqlite_path(url: str) -> str | None:
    """The file that a URL names, empty for one in memory; None where it is of no SQLite database."""
    return url.removeprefix("sqlite://").removeprefix("/") if url.startswith("sqlite:") else None
