"""Many rows in a few statements."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chassis.database import Tx

MOST = 2000
"""Rows a statement: SQLite takes 32,766 values."""


Statement = tuple[str, Sequence[Any]]


@dataclass(frozen=True)
class Table:
    """`columns`: names with their PostgreSQL types, in order. `then`: what follows the rows, such as ON CONFLICT."""

    name: str
    columns: Mapping[str, str]
    then: str = ""

    def statements(self, tx: Tx, rows: Sequence[Sequence[Any]]) -> list[Statement]:
        pages = [tx.insert(self.name, self.columns, rows[start:start + MOST]) for start in range(0, len(rows), MOST)]
        return [(f"{sql} {self.then}", params) for sql, params in pages]

    def insert(self, tx: Tx, rows: Sequence[Sequence[Any]]) -> None:
        for sql, params in self.statements(tx, rows):
            tx.execute(sql, params)
