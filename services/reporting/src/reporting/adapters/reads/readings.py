"""Who read what of a case: a stream of its own, which no reading of it, and no reading of a case, changes otherwise."""
from __future__ import annotations

import uuid

from fastapi import APIRouter, Response

from chassis.decide import Actor
from chassis.web.instants import Instant, period
from reporting import access
from reporting.adapters import columns
from reporting.adapters.pages import ALSO_CSV, Accept, Cursor, Form, Limit, Page, answer, cursor_of, place
from reporting.adapters.reads.shared import AUDITORS, Reads


def mount(router: APIRouter, reads: Reads) -> None:
    @router.get("/access-log", operation_id="accessLog", response_model=Page, responses=ALSO_CSV)
    def access_log(
        case_id: uuid.UUID | None = None, reader: uuid.UUID | None = None, read_from: Instant | None = None,
        read_until: Instant | None = None, limit: Limit = 100, cursor: Cursor = "", form: Form = None, accept: Accept = "",
        actor: Actor = AUDITORS,
    ) -> Response:
        """Who read which case, when, and what for, oldest first; of a case, of a reader, in a period (registro degli accessi)."""
        after = place(cursor, str, str) if cursor else ("", "")
        since, until = period(read_from, read_until)
        wanted = access.Wanted(str(case_id or ""), str(reader or ""), since, until)
        found = access.readings(reads.database, actor.tenant, wanted, after, limit + 1)
        last = found[limit - 1] if len(found) > limit else None
        return answer({"items": found[:limit], "next": cursor_of([last["read_at"], last["reading_id"]]) if last else None},
                      columns.READINGS, form, accept)
