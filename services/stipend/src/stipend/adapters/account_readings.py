"""Who read which participant's account, when, on which payment list (registro degli accessi). Of its own, never in the case."""
from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, NamedTuple

from fastapi import APIRouter, Query
from pydantic import BaseModel

from chassis.decide import Actor
from chassis.web.auth import allowed
from chassis.web.instants import Instant, period

if TYPE_CHECKING:
    from chassis.database import Database
    from chassis.service import Service

TABLES = (
    "CREATE TABLE IF NOT EXISTS account_reading (reading_id TEXT PRIMARY KEY, tenant TEXT NOT NULL, read_at TEXT NOT NULL, "
    "list_id TEXT NOT NULL, entitlement TEXT NOT NULL, order_id TEXT NOT NULL, reader TEXT NOT NULL, role TEXT NOT NULL, "
    "org TEXT NOT NULL)",
    "CREATE INDEX IF NOT EXISTS account_reading_of ON account_reading (tenant, entitlement, read_at)",
    "CREATE INDEX IF NOT EXISTS account_reading_at ON account_reading (tenant, read_at, reading_id)",
    "CREATE INDEX IF NOT EXISTS account_reading_by ON account_reading (tenant, reader, read_at)",
)
AUDITORS = allowed("AUDITOR", "DPO")


class AccountReading(BaseModel):
    """One order on one payment list that was printed: whose account was read, when, by whom."""

    reading_id: str
    read_at: str
    list_id: str
    entitlement_id: str
    order_id: str
    reader: str
    role: str
    org: str


class AccountReadings(BaseModel):
    """A page of readings, oldest first; `next` is the `after` of the page that follows, absent on the last."""

    items: list[AccountReading]
    next: str | None = None


def keep(database: Database, actor: Actor, read_at: str, orders: Sequence[tuple[str, str]]) -> None:
    """Record one payment list, (entitlement, order) by (entitlement, order)."""
    list_id = str(uuid.uuid4())
    with database.transaction() as tx:
        tx.executemany("INSERT INTO account_reading (reading_id, tenant, read_at, list_id, entitlement, order_id, reader, role, org) "
                       "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
                       [(str(uuid.uuid4()), actor.tenant, read_at, list_id, *one, actor.user, actor.role, actor.org) for one in orders])


class Wanted(NamedTuple):
    """Which readings: of an entitlement, by a reader, from an instant, until another, both included; empty means any."""

    entitlement: str = ""
    reader: str = ""
    since: str = ""
    until: str = ""


def page(database: Database, tenant: str, wanted: Wanted, after: str, limit: int) -> AccountReadings:
    """The readings of a tenant after the one whose id is `after` (empty: from the first), through the index of what is wanted."""
    filters = [("entitlement =", wanted.entitlement), ("reader =", wanted.reader), ("read_at <=", wanted.until)]
    which, given = "".join(f"{how} %s AND " for how, value in filters if value), [value for _, value in filters if value]
    with database.reading() as tx:
        last = tx.execute("SELECT read_at FROM account_reading WHERE tenant = %s AND reading_id = %s", (tenant, after)) if after else []
        if after and not last:
            return AccountReadings(items=[])
        start = max([(wanted.since, ""), *((row["read_at"], after) for row in last)])
        rows = tx.execute(
            "SELECT reading_id, read_at, list_id, entitlement AS entitlement_id, order_id, reader, role, org FROM account_reading "
            f"WHERE tenant = %s AND {which}"
            "(read_at, reading_id) > (%s, %s) ORDER BY read_at, reading_id LIMIT %s", [tenant, *given, *start, limit + 1])
    items = [AccountReading(**row) for row in rows[:limit]]
    return AccountReadings(items=items, next=items[-1].reading_id if len(rows) > limit else None)


def routes(service: Service) -> APIRouter:
    router = APIRouter(tags=["payment-file"])

    @router.get("/account-readings", operation_id="listAccountReadings", response_model_exclude_none=True)
    def list_account_readings(
        entitlement_id: uuid.UUID | None = None, reader: uuid.UUID | None = None, read_from: Instant | None = None,
        read_until: Instant | None = None, after: Annotated[str, Query(max_length=36)] = "",
        limit: Annotated[int, Query(ge=1, le=500)] = 100, actor: Actor = AUDITORS,
    ) -> AccountReadings:
        """Who read which participant's account on a payment list, and when; of an entitlement, of a reader, in a period, oldest first
        (registro degli accessi)."""
        since, until = period(read_from, read_until)
        return page(service.database, actor.tenant, Wanted(str(entitlement_id or ""), str(reader or ""), since, until), after, limit)

    return router
