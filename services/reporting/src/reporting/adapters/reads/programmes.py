"""What is known of a programme: its facts, payments, participations, figures."""
from __future__ import annotations

import uuid
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import Field

from chassis.database import Tx
from chassis.decide import Actor
from chassis.web.instants import Instant, days, period
from reporting import completeness, figures, shown, trail_search
from reporting.adapters import columns
from reporting.adapters.pages import ALSO_CSV, Accept, Cursor, Form, Limit, Page, answer, cursor_of, place
from reporting.adapters.reads.asked import AsOf, rests_on
from reporting.adapters.reads.shared import FIGURES, MONEY, Reads, ledger
from reporting.moment import Moment
from reporting.views.indicators import codes
from reporting.views.view import Row

FactType = Annotated[str, Field(max_length=120, pattern=r"^[a-z]+\.[A-Za-z]+\.v\d+$")]


def mount(router: APIRouter, reads: Reads) -> None:
    for route in (_facts, _ledger, _participations, _indicators):
        route(router, reads)


def _facts(router: APIRouter, reads: Reads) -> None:
    @router.get("/programmes/{programme_id}/facts", operation_id="programmeTrail", response_model=Page, responses=ALSO_CSV)
    def programme_trail(
        programme_id: str, recorded_from: Instant | None = None, recorded_to: Instant | None = None,
        occurred_from: date | None = None, occurred_to: date | None = None,
        type: Annotated[list[FactType], Query()] = [],  # noqa: B006 (its name on the wire; FastAPI copies it)
        actor_id: Annotated[uuid.UUID | None, Query(alias="actor")] = None, case: uuid.UUID | None = None, limit: Limit = 500,
        cursor: Cursor = "", form: Form = None, accept: Accept = "", actor: Actor = FIGURES,
    ) -> Response:
        """The facts of a programme, each with its number and hash in its trail (traccia del programma): in canonical order or, where only
        a period of recording is asked for, in that of recording. A page may hold fewer than it could: go on while there is a `next`."""
        recorded = period(recorded_from, recorded_to)
        occurred = days(occurred_from, occurred_to)
        wanted = trail_search.Wanted(recorded[0], recorded[1], occurred[0], occurred[1], tuple(dict.fromkeys(type)), str(actor_id or ""),
                                     str(case or ""))
        _, after = place(cursor, str, str) if cursor else ("", "")

        def read(tx: Tx) -> dict[str, Any]:
            reads.programme(tx, actor, programme_id)
            page = trail_search.page(tx, actor.tenant, programme_id, wanted, after.encode(), limit)
            return {"programme_id": programme_id, **shown.count(tx, actor.tenant, "programme_trail", programme_id), "order": wanted.order,
                    "facts_read": page.read, "heads": completeness.basis(tx, actor.tenant, programme_id),
                    "complete": completeness.of(tx, actor.tenant), "items": page.rows,
                    "next": cursor_of([programme_id, page.after]) if page.after is not None else None}

        return answer(shown.together(reads.database, read), columns.TRAIL, form, accept)


def _ledger(router: APIRouter, reads: Reads) -> None:
    @router.get("/programmes/{programme_id}/ledger", operation_id="programmeLedger", response_model=Page, responses=ALSO_CSV)
    def programme_ledger(
        programme_id: str, asked: AsOf, limit: Limit = 500, cursor: Cursor = "", form: Form = None, accept: Accept = "",
        actor: Actor = MONEY,
    ) -> Response:
        """The payments of a programme, each line explained by its facts; totals on the first page; with their basis."""
        return answer(ledger(reads, actor, asked, cursor, limit, programme=programme_id), columns.LEDGER, form, accept)


def _participations(router: APIRouter, reads: Reads) -> None:
    @router.get("/programmes/{programme_id}/participations", operation_id="participations", response_model=Page, responses=ALSO_CSV)
    def participations(
        programme_id: str, asked: AsOf, limit: Limit = 500, cursor: Cursor = "", form: Form = None, accept: Accept = "",
        actor: Actor = FIGURES,
    ) -> Response:
        """The participations of a programme, each with the indicators that it counts for (partecipazioni)."""
        def with_codes(tx: Tx, row: Row, at: Moment | None) -> Row:
            return row | {"codes": codes(row, figures.catalogue(tx, actor.tenant, programme_id, at))}

        with reads.database.reading() as tx:
            reads.programme(tx, actor, programme_id)
        page = reads.page_at(actor, asked, "participations", cursor, limit, within=programme_id, change=with_codes)
        return answer({"programme_id": programme_id, **page}, columns.PARTICIPATIONS, form, accept)


def _indicators(router: APIRouter, reads: Reads) -> None:
    @router.get("/programmes/{programme_id}/indicators", operation_id="indicators", response_model=Page, responses=ALSO_CSV)
    def indicators(programme_id: str, asked: AsOf, form: Form = None, accept: Accept = "", actor: Actor = FIGURES) -> Response:
        """The value of each indicator of the programme's catalogue, by gender and in all, with its basis (indicatori)."""
        def read(tx: Tx) -> dict[str, Any]:
            reads.programme(tx, actor, programme_id)
            moment = asked.moment(tx, actor.tenant)
            at = None if asked.live else moment
            counted = reads.computed(tx, actor, programme_id, moment, at, "indicators",
                                     lambda: figures.indicators(tx, actor.tenant, programme_id, at))
            return {"programme_id": programme_id, **counted, **rests_on(tx, actor.tenant, moment, programme_id), "next": None}

        return answer(shown.together(reads.database, read), columns.INDICATORS, form, accept)
