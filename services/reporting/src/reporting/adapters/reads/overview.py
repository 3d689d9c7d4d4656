"""What programme managers look at: the caseload, the agenda, the budget."""
from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import date
from itertools import islice
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response

from chassis.clock import rome_date
from chassis.database import Tx
from chassis.decide import Actor
from chassis.web.auth import allowed
from contracts.words import Role
from reporting import basis, caseloads, completeness, listed, shown
from reporting.adapters import columns
from reporting.adapters.pages import ALSO_CSV, Accept, Cursor, Form, Limit, Page, answer, cursor_of, place
from reporting.adapters.reads.shared import MONEY, WORK, Reads, after_of
from reporting.agenda_read import Agenda, Wanted, fill
from reporting.listed import BEFORE, Place
from reporting.views import budget
from reporting.views.view import Row

CASES = allowed("CASE_MANAGER", "ORIENTATORE", "TUTOR_PROMOTORE", "PARTNER_ADMIN", "REPORTING_OFFICER", "RP", "AUDITOR", "DPO")
Programme = Annotated[str | None, Query(max_length=80)]
On = Annotated[date | None, Query(description="the reader's date; default: today in Rome")]
Manager = uuid.UUID | Literal["UNASSIGNED", "ME"]
Stage = Literal["REFERRED", "REFUSED", "OPEN", "NOT_ELIGIBLE", "ELIGIBLE", "EVALUATED", "PLANNED", "INTERNSHIP_PLANNED", "INTERNSHIP",
                "SUSPENDED", "INTERNSHIP_ENDED", "EXITED", "CLOSED"]


def mount(router: APIRouter, reads: Reads) -> None:
    _caseload(router, reads)
    _agenda(router, reads)
    _budget(router, reads)


def _day(reads: Reads, on: date | None) -> str:
    return (on or rome_date(reads.service.clock.now())).isoformat()


def _manager(actor: Actor, manager: Manager | None) -> str | None:
    return actor.user if manager == "ME" else str(manager) if manager else None


def _caseload(router: APIRouter, reads: Reads) -> None:
    @router.get("/caseload", operation_id="caseload", response_model=Page, responses=ALSO_CSV)
    def caseload(
        case_manager: Manager | None = None, programme_id: Programme = None, stage: Annotated[list[Stage], Query()] = [],  # noqa: B006
        case_id: uuid.UUID | None = None, on: On = None, limit: Limit = 200, cursor: Cursor = "", form: Form = None,
        accept: Accept = "", actor: Actor = CASES,
    ) -> Response:
        """Where each case stands: manager, stage, plan, internship, open tasks, what is due next, whether something of it is parked
        (carico di lavoro)."""
        wanted = caseloads.Wanted(str(case_id) if case_id else None, _manager(actor, case_manager), programme_id, tuple(stage))
        after = place(cursor, str, str, str) if cursor else None

        def read(tx: Tx) -> dict[str, Any]:
            page = caseloads.page(tx, actor.tenant, wanted, (after[0], after[1], after[2]) if after else None, limit)
            return {"items": caseloads.with_dues(tx, actor.tenant, page.rows, _day(reads, on)), "rows_read": page.read,
                    "complete": completeness.of(tx, actor.tenant), "next": cursor_of(page.after) if page.after else None}

        page = shown.together(reads.database, read)
        page["items"] = list(_parked(reads, actor, page["items"]))
        return answer(page, columns.CASELOAD, form, accept)

    @router.get("/caseload/managers", operation_id="caseloadManagers", response_model=Page, responses=ALSO_CSV)
    def caseload_managers(
        case_manager: Manager | None = None, limit: Limit = 200, cursor: Cursor = "", form: Form = None, accept: Accept = "",
        actor: Actor = CASES,
    ) -> Response:
        """How many cases each case manager has: in all, open, at each stage (carico per responsabile)."""
        start = place(cursor, int)[0] if cursor else 0

        def read(tx: Tx) -> dict[str, Any]:
            found = caseloads.managers(tx, actor.tenant, _manager(actor, case_manager))
            return {"items": found[start:start + limit], "complete": completeness.of(tx, actor.tenant),
                    "next": cursor_of([start + limit]) if len(found) > start + limit else None}

        return answer(shown.together(reads.database, read), columns.MANAGERS, form, accept)


def _parked(reads: Reads, actor: Actor, rows: list[Row]) -> Iterator[Row]:
    """Asked once for the page; of each case only where something of the page is parked."""
    ids = [one for row in rows for one in (row["case"], row.get("subject")) if one]
    some = reads.parked(actor, *ids) if ids else None
    for row in rows:
        yield row | {"parked": some and reads.parked(actor, *(one for one in (row["case"], row.get("subject")) if one))}


def _agenda(router: APIRouter, reads: Reads) -> None:
    @router.get("/agenda", operation_id="agenda", response_model=Page, responses=ALSO_CSV)
    def agenda(
        state: Wanted = "OPEN", due_from: date | None = None, due_until: date | None = None, role: Role | None = None,
        programme_id: Programme = None, case_id: uuid.UUID | None = None, on: On = None, limit: Limit = 200, cursor: Cursor = "",
        form: Form = None, accept: Accept = "", actor: Actor = WORK,
    ) -> Response:
        """What falls due when: tasks, and dates set by facts (ends, expiries, terms), earliest first. `passed`: before `on`, and
        still open; an alert of an expiry is no more than that (scadenzario)."""
        day, since, until = _day(reads, on), *(one.isoformat() if one else None for one in (due_from, due_until))
        after = _place(cursor)

        def read(tx: Tx) -> dict[str, Any]:
            dates = Agenda(tx, actor.tenant, day)
            found = (dates.of_case(str(case_id), state, since, until, after) if case_id else
                     dates.due(("agenda", "tasks"), state, programme_id, since, until, after))
            rows, more = fill(found, limit, lambda row: role in (None, row["role"]) and programme_id in (None, row.get("programme")))
            return {"on": day, "items": rows, "complete": completeness.of(tx, actor.tenant), "next": cursor_of(more) if more else None}

        return answer(shown.together(reads.database, read), columns.AGENDA, form, accept)

    @router.get("/tasks", operation_id="tasks", response_model=Page, responses=ALSO_CSV)
    def tasks(
        state: Literal["OPEN", "DONE", "ALL"] = "OPEN", role: Annotated[str | None, Query(max_length=40)] = None,
        programme_id: Programme = None, due_until: date | None = None, limit: Limit = 200, cursor: Cursor = "", form: Form = None,
        accept: Accept = "", actor: Actor = WORK,
    ) -> Response:
        """What persons have to do: open, done, or all; of a role, of a programme, due by a date, earliest first (attività da svolgere)."""
        after, until = _place(cursor), due_until.isoformat() if due_until else None

        def read(tx: Tx) -> dict[str, Any]:
            found = Agenda(tx, actor.tenant, _day(reads, None)).due(("tasks",), state, programme_id, None, until, after)
            rows, more = fill(found, limit, lambda row: role in (None, row["role"]))
            return {"items": [{name: value for name, value in row.items() if name not in ("what", "passed")} for row in rows],
                    "complete": completeness.of(tx, actor.tenant), "next": cursor_of(more) if more else None}

        return answer(shown.together(reads.database, read), columns.TASKS, form, accept)


def _place(cursor: str) -> Place:
    if not cursor:
        return BEFORE
    due, listing, key, part = place(cursor, str, str, str, str)
    return due, listing, key, part


def _budget(router: APIRouter, reads: Reads) -> None:
    @router.get("/programmes/{programme_id}/budget", operation_id="programmeBudget", response_model=Page, responses=ALSO_CSV)
    def programme_budget(
        programme_id: str, limit: Limit = 200, cursor: Cursor = "", form: Form = None, accept: Accept = "", actor: Actor = MONEY,
    ) -> Response:
        """A programme's commitments, each: admitted, binding, accrued, disbursed (paid less returned), still open, economies, remaining, in
        cents. On the first page `totals`, and `by_source` with what is programmed, both equal to the ledger's (quadro finanziario)."""
        after = after_of(cursor)

        def read(tx: Tx) -> dict[str, Any]:
            programme = reads.programme(tx, actor, programme_id)
            found = shown.rows(tx, actor.tenant, "commitments", within=programme_id, after=after, limit=limit + 1)
            items = _lines(tx, actor.tenant, [one.row for one in found[:limit]])
            whole = {} if cursor else _whole(tx, actor.tenant, programme)
            return {"programme_id": programme_id, **whole, "items": items, "complete": completeness.of(tx, actor.tenant),
                    "basis": basis.heads(tx, actor.tenant, basis.current(tx, actor.tenant), programme_id, None),
                    "next": cursor_of(found[limit - 1].at) if len(found) > limit else None}

        return answer(shown.together(reads.database, read), columns.BUDGET, form, accept)


def _lines(tx: Tx, tenant: str, commitments: list[Row]) -> list[Row]:
    entitlements = listed.within_any(tx, tenant, "budget", [one["commitment_id"] for one in commitments])
    return [budget.line(one, entitlements[one["commitment_id"]]) for one in commitments]


def _whole(tx: Tx, tenant: str, programme: Row) -> dict[str, Any]:
    """Of all commitments, a chunk at a time: a row each, and one each entitlement."""
    rows = (one.row for one in shown.every(tx, tenant, "commitments", within=programme["programme"]))
    lines: list[Row] = []
    while chunk := list(islice(rows, shown.CHUNK)):
        lines += _lines(tx, tenant, chunk)
    return {"fund": programme.get("fund"), "totals": budget.totals(lines),
            "by_source": budget.by_source(lines, programme.get("fund"), programme.get("funding") or ())}
