"""Many rows in a few statements."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chassis.database import Tx

MOST = 32_766
"""Values a statement: SQLite's limit."""

Statement = tuple[str, Sequence[Any]]


@dataclass(frozen=True)
class Table:
    """`columns`: names with their PostgreSQL types, in order. `then`: what follows the rows, such as ON CONFLICT."""

    name: str
    columns: Mapping[str, str]
    then: str = ""

    def statements(self, tx: Tx, rows: Sequence[Sequence[Any]]) -> list[Statement]:
        size = MOST // len(self.columns)
        pages = [tx.insert(self.name, self.columns, rows[start:start + size]) for start in range(0, len(rows), size)]
        return [(f"{sql} {self.then}", params) for sql, params in pages]

    def insert(self, tx: Tx, rows: Sequence[Sequence[Any]]) -> None:
        for sql, params in self.statements(tx, rows):
            tx.execute(sql, params)
