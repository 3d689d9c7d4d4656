"""The history of a case."""
from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from fastapi import APIRouter, Response
from pydantic import AwareDatetime

from chassis.clock import stamp
from chassis.database import Tx
from chassis.decide import Actor
from chassis.web.problems import Problem
from reporting import access, completeness, shown
from reporting.adapters import columns
from reporting.adapters.pages import ALSO_CSV, Accept, Cursor, Form, Limit, Page, answer, cursor_of, place
from reporting.adapters.reads.shared import CASEWORK, Reads


def mount(router: APIRouter, reads: Reads) -> None:
    @router.get("/cases/{case_id}/history", operation_id="caseHistory", response_model=Page, responses=ALSO_CSV)
    def case_history(
        case_id: uuid.UUID, purpose: access.Purpose | None = None, recorded_until: AwareDatetime | None = None,
        occurred_until: date | None = None, limit: Limit = 500, cursor: Cursor = "", form: Form = None, accept: Accept = "",
        actor: Actor = CASEWORK,
    ) -> Response:
        """The facts of a case, and those of no case that it cites, in canonical order; as recorded by an instant, and true on a date.

        The reading is put on record, with its purpose, before it is answered (storia del caso).
        """
        case, start = str(case_id), place(cursor, int)[0] if cursor else 0
        default: access.Purpose = "AUDIT" if actor.role == "AUDITOR" else "CASEWORK"
        access.keep(reads.database, actor, case, purpose or default, stamp(reads.service.clock.now()))
        parked = reads.parked(actor, case)

        def read(tx: Tx) -> dict[str, Any]:
            lines = shown.history(tx, actor.tenant, case)
            known = [line for line in lines if (recorded_until is None or line["recorded"] <= stamp(recorded_until))
                     and (occurred_until is None or line["occurred"] <= occurred_until.isoformat())]
            if not lines and parked is None:
                raise Problem(404, "CASE_UNKNOWN", "no fact of such a case is known here", next="check the id; ask again if it is new")
            return {"case_id": case, "parked": parked, **shown.count(tx, actor.tenant, "case_history", case), "total": len(known),
                    "complete": completeness.of(tx, actor.tenant), "items": known[start:start + limit],
                    "next": cursor_of([start + limit]) if len(known) > start + limit else None}

        return answer(shown.together(reads.database, read), columns.HISTORY, form, accept)
