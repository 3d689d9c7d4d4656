"""Who read which participant's account, when, on which payment list (registro degli accessi). Of its own, never in the case."""
from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel

from chassis.decide import Actor
from chassis.web.auth import allowed

if TYPE_CHECKING:
    from chassis.database import Database
    from chassis.service import Service

TABLES = (
    "CREATE TABLE IF NOT EXISTS account_reading (reading_id TEXT PRIMARY KEY, tenant TEXT NOT NULL, read_at TEXT NOT NULL, "
    "list_id TEXT NOT NULL, entitlement TEXT NOT NULL, order_id TEXT NOT NULL, reader TEXT NOT NULL, role TEXT NOT NULL, "
    "org TEXT NOT NULL)",
    "CREATE INDEX IF NOT EXISTS account_reading_of ON account_reading (tenant, entitlement, read_at)",
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


def page(database: Database, tenant: str, entitlement_id: str | None, after: str, limit: int) -> AccountReadings:
    """The readings of a tenant, of one entitlement if it is given, after the one whose id is `after` (empty: from the first)."""
    which, params = ("AND entitlement = %s ", (entitlement_id,)) if entitlement_id else ("", ())
    since: list[Any] = [tenant, *params, after, after]
    with database.reading() as tx:
        rows = tx.execute(
            "SELECT reading_id, read_at, list_id, entitlement AS entitlement_id, order_id, reader, role, org FROM account_reading "
            f"WHERE tenant = %s {which}AND "
            "(%s = '' OR (read_at, reading_id) > (SELECT read_at, reading_id FROM account_reading WHERE reading_id = %s)) "
            "ORDER BY read_at, reading_id LIMIT %s", [*since, limit + 1])
    items = [AccountReading(**row) for row in rows[:limit]]
    return AccountReadings(items=items, next=items[-1].reading_id if len(rows) > limit else None)


def routes(service: Service) -> APIRouter:
    router = APIRouter(tags=["payment-file"])

    @router.get("/account-readings", operation_id="listAccountReadings", response_model_exclude_none=True)
    def list_account_readings(
        entitlement_id: uuid.UUID | None = None, after: Annotated[str, Query(max_length=36)] = "",
        limit: Annotated[int, Query(ge=1, le=500)] = 100, actor: Actor = AUDITORS,
    ) -> AccountReadings:
        """Who read which participant's account on a payment list, and when, oldest first (registro degli accessi)."""
        return page(service.database, actor.tenant, str(entitlement_id) if entitlement_id else None, after, limit)

    return router
