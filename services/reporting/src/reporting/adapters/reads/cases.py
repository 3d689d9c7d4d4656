"""The history of a case."""
from __future__ import annotations

import uuid
from typing import Any

from fastapi import APIRouter, Response

from chassis.database import Tx
from chassis.decide import Actor
from chassis.parking import why_unheard
from reporting import access, shown
from reporting import moment as moments
from reporting.adapters import columns
from reporting.adapters.pages import ALSO_CSV, Accept, Cursor, Form, Limit, Page, answer, cursor_of, place
from reporting.adapters.reads.asked import AsOf, rests_on
from reporting.adapters.reads.shared import CASEWORK, MONEY, Reads, ledger, on_record, unknown_case


def mount(router: APIRouter, reads: Reads) -> None:
    @router.get("/cases/{case_id}/history", operation_id="caseHistory", response_model=Page, responses=ALSO_CSV)
    def case_history(
        case_id: uuid.UUID, asked: AsOf, purpose: access.Purpose | None = None, limit: Limit = 500, cursor: Cursor = "",
        form: Form = None, accept: Accept = "", actor: Actor = CASEWORK,
    ) -> Response:
        """The facts of a case, and those of no case that it cites, in canonical order; as recorded by an instant, and true on a date.

        The reading is put on record, with its purpose, before it is answered (storia del caso).
        """
        case, start = str(case_id), place(cursor, int)[0] if cursor else 0

        def read(tx: Tx) -> dict[str, Any]:
            moment, parked = asked.moment(tx, actor.tenant), why_unheard(tx, actor.tenant, [case])
            lines, count = (moments.history(tx, actor.tenant, case, moment) if not asked.live else
                            (shown.history(tx, actor.tenant, case), shown.count(tx, actor.tenant, "case_history", case)))
            if not lines and parked is None and not reads.has(tx, actor, case):
                raise unknown_case()
            programme = next((line["programme"] for line in lines if "programme" in line and not line["cited"]), None)
            return {"case_id": case, "parked": parked, **count, "total": len(lines), **rests_on(tx, actor.tenant, moment, programme),
                    "items": lines[start:start + limit], "next": cursor_of([start + limit]) if len(lines) > start + limit else None}

        with on_record(reads, actor, case, purpose):
            page = shown.together(reads.database, read)
        return answer(page, columns.HISTORY, form, accept)

    @router.get("/cases/{case_id}/ledger", operation_id="caseLedger", response_model=Page, responses=ALSO_CSV)
    def case_ledger(
        case_id: uuid.UUID, asked: AsOf, limit: Limit = 500, cursor: Cursor = "", form: Form = None, accept: Accept = "",
        actor: Actor = MONEY,
    ) -> Response:
        """The payments of a case, each line explained by its facts; totals on the first page; with their basis (partitario del caso)."""
        return answer(ledger(reads, actor, asked, cursor, limit, case=str(case_id)), columns.LEDGER, form, accept)
