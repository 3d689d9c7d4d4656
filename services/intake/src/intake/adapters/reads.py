"""A name where it must be printed (`design.md` 8): read at that moment, by someone, for a purpose; each reading is on record."""
from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict

from chassis.clock import stamp
from chassis.decide import Actor, Refused
from chassis.record import ERASED
from chassis.web.auth import allowed
from chassis.web.instants import Instant, period
from intake.adapters.kinds import SUBJECT
from intake.domain.subject import Subject

if TYPE_CHECKING:
    from chassis.database import Database
    from chassis.service import Service

TABLES = (
    "CREATE TABLE IF NOT EXISTS identity_reading (reading_id TEXT PRIMARY KEY, tenant TEXT NOT NULL, subject TEXT NOT NULL, "
    "read_at TEXT NOT NULL, reader TEXT NOT NULL, role TEXT NOT NULL, org TEXT NOT NULL, purpose TEXT NOT NULL)",
    "CREATE INDEX IF NOT EXISTS identity_reading_of ON identity_reading (tenant, subject, read_at)",
    "CREATE INDEX IF NOT EXISTS identity_reading_at ON identity_reading (tenant, read_at, reading_id)",
    "CREATE INDEX IF NOT EXISTS identity_reading_by ON identity_reading (tenant, reader, read_at)",
)
COLUMNS = ("reading_id", "tenant", "subject", "read_at", "reader", "role", "org", "purpose")
PRINTERS = allowed("PAYMENT_OFFICER", "PAYMENT_APPROVER", "TUTOR_PROMOTORE", "CASE_MANAGER")
AUDITORS = allowed("AUDITOR", "DPO")
Purpose = Literal["PAYMENT_ORDER", "AGREEMENT", "CASEWORK", "COMMUNICATION"]


class Asked(BaseModel):
    """What the name is needed for."""

    model_config = ConfigDict(extra="forbid")
    purpose: Purpose


class Identity(BaseModel):
    """Who the person is. Nothing of it may be kept by the one who asked, beyond the document it is printed on."""

    reading_id: str
    subject_id: str
    given_name: str
    family_name: str
    tax_code: str


class Reading(BaseModel):
    """One reading of a person's identity: when, by whom, what for."""

    reading_id: str
    subject_id: str
    read_at: str
    reader: str
    role: str
    org: str
    purpose: str


class Readings(BaseModel):
    """A page of readings, oldest first; `next` is the `after` of the page that follows, absent on the last."""

    items: list[Reading]
    next: str | None = None


def identity(person: Subject, reading_id: str) -> Identity:
    """Who this is; refused for one who is not registered, or erased."""
    if person.erased:
        raise Refused("SUBJECT_ERASED", "the identity of this person has been erased")
    if person.subject_id is None or person.given_name is None or person.family_name is None or person.tax_code is None:
        raise Refused("SUBJECT_UNKNOWN", "no such person is registered")
    if person.tax_code == ERASED:
        raise Refused("SUBJECT_ERASED", "the identity of this person has been erased")
    return Identity(reading_id=reading_id, subject_id=person.subject_id, given_name=person.given_name,
                    family_name=person.family_name, tax_code=person.tax_code)


def keep(database: Database, reading: Mapping[str, str]) -> None:
    with database.transaction() as tx:
        tx.execute(f"INSERT INTO identity_reading ({', '.join(COLUMNS)}) VALUES ({', '.join(['%s'] * len(COLUMNS))})",
                   [reading[name] for name in COLUMNS])


class Wanted(NamedTuple):
    """Which readings: of a person, by a reader, from an instant, until another, both included; empty means any."""

    subject: str = ""
    reader: str = ""
    since: str = ""
    until: str = ""


def page(database: Database, tenant: str, wanted: Wanted, after: str, limit: int) -> Readings:
    """The readings of a tenant after the one whose id is `after` (empty: from the first), through the index of what is wanted."""
    filters = [("subject =", wanted.subject), ("reader =", wanted.reader), ("read_at <=", wanted.until)]
    which, given = "".join(f"{how} %s AND " for how, value in filters if value), [value for _, value in filters if value]
    with database.reading() as tx:
        last = tx.execute("SELECT read_at FROM identity_reading WHERE tenant = %s AND reading_id = %s", (tenant, after)) if after else []
        if after and not last:
            return Readings(items=[])
        start = max([(wanted.since, ""), *((row["read_at"], after) for row in last)])
        rows = tx.execute(
            "SELECT reading_id, subject AS subject_id, read_at, reader, role, org, purpose FROM identity_reading WHERE tenant = %s AND "
            f"{which}(read_at, reading_id) > (%s, %s) ORDER BY read_at, reading_id LIMIT %s", [tenant, *given, *start, limit + 1])
    items = [Reading(**row) for row in rows[:limit]]
    return Readings(items=items, next=items[-1].reading_id if len(rows) > limit else None)


def routes(service: Service) -> APIRouter:
    """The reads of intake. They are no commands: nothing of them is in a case."""
    router = APIRouter(tags=["subject"])

    @router.post("/subjects/{subject_id}/identity-readings", operation_id="readIdentity", status_code=201,
                 openapi_extra={"x-refusals": ["SUBJECT_ERASED", "SUBJECT_UNKNOWN"]})
    def read_identity(subject_id: uuid.UUID, body: Asked, actor: Actor = PRINTERS) -> Identity:
        """Read who a person is, for a purpose; the reading is recorded before the answer (lettura dei dati identificativi)."""
        person = service.executor.asking(actor).aggregate(SUBJECT, str(subject_id))
        found = identity(person, str(uuid.uuid4()))
        keep(service.database, {
            "reading_id": found.reading_id, "tenant": actor.tenant, "subject": found.subject_id,
            "read_at": stamp(service.executor.now()), "reader": actor.user, "role": actor.role, "org": actor.org,
            "purpose": body.purpose})
        return found

    @router.get("/subjects/{subject_id}/identity-readings", operation_id="listIdentityReadings", response_model_exclude_none=True)
    def list_identity_readings(
        subject_id: uuid.UUID, after: Annotated[str, Query(max_length=36)] = "", limit: Annotated[int, Query(ge=1, le=500)] = 100,
        actor: Actor = AUDITORS,
    ) -> Readings:
        """Who read this person's identity, when, and what for (registro degli accessi)."""
        return page(service.database, actor.tenant, Wanted(str(subject_id)), after, limit)

    @router.get("/identity-readings", operation_id="listReadings", response_model_exclude_none=True)
    def list_readings(
        subject_id: uuid.UUID | None = None, reader: uuid.UUID | None = None, read_from: Instant | None = None,
        read_until: Instant | None = None, after: Annotated[str, Query(max_length=36)] = "",
        limit: Annotated[int, Query(ge=1, le=500)] = 100, actor: Actor = AUDITORS,
    ) -> Readings:
        """Who read whose identity, when, and what for; of a person, of a reader, in a period (registro degli accessi)."""
        since, until = period(read_from, read_until)
        return page(service.database, actor.tenant, Wanted(str(subject_id or ""), str(reader or ""), since, until), after, limit)

    return router
