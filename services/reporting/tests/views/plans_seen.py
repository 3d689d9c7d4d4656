"""How SQLite would find the rows of each query of a read: a scan of a table grows with the table."""
from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from chassis.database import Tx

GROWING = ("view_row", "view_key", "archive", "archive_about", "archive_of_no_case", "case_reading")
"""The tables that grow with cases, facts and readings."""


class Planned:
    """A transaction that notes how SQLite would find the rows of each query, and counts those that are found."""

    def __init__(self, tx: Tx) -> None:
        self._tx, self.steps, self.queries, self.rows = tx, list[str](), 0, 0

    @property
    def scans(self) -> list[str]:
        """The steps that go through a whole table that grows, or its whole index."""
        return [step for step in self.steps if step.startswith("SCAN ") and step.split()[1].rstrip("0123456789").rstrip("_") in GROWING]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tx, name)

    def execute(self, sql: str, params: Sequence[Any] = ()) -> list[Any]:
        self.steps += list(self._plan(sql, params))
        return self._found(self._tx.execute(sql, params))

    def once(self, sql: str) -> list[Any]:
        return self.execute(sql)

    def together(self, statements: Sequence[tuple[str, Sequence[Any]]]) -> list[list[Any]]:
        return [self.execute(sql, params) for sql, params in statements]

    def values(self, sql: str, params: Sequence[Any] = ()) -> list[Any]:
        self.steps += list(self._plan(sql, params))
        return self._found(self._tx.values(sql, params))

    def among(self, sql: str, values: Sequence[str], params: Sequence[Any] = ()) -> list[Any]:
        self.steps += list(self._plan(*self._tx.one_of(sql, values, params)))
        return self._found(self._tx.among(sql, values, params))

    def _found(self, rows: list[Any]) -> list[Any]:
        self.rows += len(rows)
        return rows

    def _plan(self, sql: str, params: Sequence[Any]) -> Iterator[str]:
        self.queries += 1
        yield from (str(row["detail"]) for row in self._tx.execute(f"EXPLAIN QUERY PLAN {sql}", params))
