"""Many rows in one statement: `unnest` of arrays on PostgreSQL, one prepared insert on SQLite."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from chassis.database import Database, Tx

ARRAYS = {"text": "text[]", "big": "bigint[]", "bytes": "bytea[]"}


@dataclass(frozen=True)
class Table:
    """`columns`: name to `text`, `big` or `bytes`, in order. `key`: with it, a row that is there is overwritten."""

    name: str
    columns: dict[str, str]
    key: tuple[str, ...] = ()

    def insert(self, tx: Tx, database: Database, rows: Sequence[Sequence[Any]]) -> None:
        """Insert these rows; of rows with one key, give only one."""
        if not rows:
            return
        into = f"INSERT INTO {self.name} ({', '.join(self.columns)})"
        if database.dialect == "postgres":
            arrays = ", ".join(f"%s::{ARRAYS[kind]}" for kind in self.columns.values())
            tx.execute(f"{into} SELECT * FROM unnest({arrays}){self._overwrite()}", [list(column) for column in zip(*rows, strict=True)])
        else:
            tx.executemany(f"{into} VALUES ({', '.join(['%s'] * len(self.columns))}){self._overwrite()}", rows)

    def _overwrite(self) -> str:
        if not self.key:
            return ""
        values = ", ".join(f"{name} = excluded.{name}" for name in self.columns if name not in self.key)
        return f" ON CONFLICT ({', '.join(self.key)}) DO UPDATE SET {values}"
