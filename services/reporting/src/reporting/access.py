"""Who read a case's history, when and what for (registro degli accessi). Of its own, never in the case."""
from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from chassis.database import Database, Tx
from chassis.decide import Actor

TABLES = (
    "CREATE TABLE IF NOT EXISTS case_reading (tenant TEXT NOT NULL, read_at TEXT NOT NULL, reading_id TEXT NOT NULL, "
    "reader TEXT NOT NULL, role TEXT NOT NULL, org TEXT NOT NULL, purpose TEXT NOT NULL, case_id TEXT NOT NULL, "
    "PRIMARY KEY (tenant, read_at, reading_id))",
    "CREATE INDEX IF NOT EXISTS case_reading_of ON case_reading (tenant, case_id, read_at, reading_id)",
    "CREATE INDEX IF NOT EXISTS case_reading_by ON case_reading (tenant, reader, read_at, reading_id)",
)
Purpose = Literal["CASEWORK", "AUDIT", "REPORTING", "DATA_SUBJECT_REQUEST", "COMPLAINT"]
COLUMNS = ("read_at", "reading_id", "reader", "role", "org", "purpose", "case_id")


def keep(database: Database, actor: Actor, case: str, purpose: str, at: str) -> None:
    """Record a reading, before it is answered."""
    with database.transaction() as tx:
        tx.execute("INSERT INTO case_reading (tenant, read_at, reading_id, reader, role, org, purpose, case_id) "
                   "VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
                   (actor.tenant, at, str(uuid.uuid4()), actor.user, actor.role, actor.org, purpose, case))


@dataclass(frozen=True)
class Wanted:
    """Which readings: of a case, by a reader, from an instant, until another, both included; empty means any."""

    case: str = ""
    reader: str = ""
    since: str = ""
    until: str = ""


def readings(database: Database, tenant: str, wanted: Wanted, after: Sequence[str], limit: int) -> list[dict[str, Any]]:
    """The readings of a tenant after (read_at, reading_id), oldest first."""
    with database.reading() as tx:
        return found(tx, tenant, wanted, after, limit)


def found(tx: Tx, tenant: str, wanted: Wanted, after: Sequence[str], limit: int) -> list[dict[str, Any]]:
    """Through the index of the case, else of the reader, else of the time."""
    filters = [("case_id =", wanted.case), ("reader =", wanted.reader), ("read_at <=", wanted.until)]
    start = max((wanted.since, ""), (after[0], after[1]))
    which = "".join(f"AND {how} %s " for how, value in filters if value)
    params = [value for _, value in filters if value]
    rows = tx.execute(f"SELECT {', '.join(COLUMNS)} FROM case_reading WHERE tenant = %s AND (read_at, reading_id) > (%s, %s) {which}"
                      "ORDER BY read_at, reading_id LIMIT %s", (tenant, *start, *params, limit))
    return [dict(row) for row in rows]
