"""What is known of a programme: its facts, payments, participations, figures."""
from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response

from chassis.database import Tx
from chassis.decide import Actor
from reporting import completeness, figures, shown
from reporting.adapters import columns
from reporting.adapters.pages import ALSO_CSV, Accept, Cursor, Form, Limit, Page, answer, cursor_of
from reporting.adapters.reads.asked import AsOf, rests_on
from reporting.adapters.reads.shared import FIGURES, MONEY, Reads, after_of, ledger
from reporting.moment import Moment
from reporting.views.indicators import codes
from reporting.views.view import Row


def mount(router: APIRouter, reads: Reads) -> None:
    @router.get("/programmes/{programme_id}/facts", operation_id="programmeTrail", response_model=Page, responses=ALSO_CSV)
    def programme_trail(
        programme_id: str, limit: Limit = 500, cursor: Cursor = "", form: Form = None, accept: Accept = "",
        actor: Actor = FIGURES,
    ) -> Response:
        """The facts of a programme in canonical order, each with its number and hash in its trail (traccia del programma)."""
        after = after_of(cursor)

        def read(tx: Tx) -> dict[str, Any]:
            reads.programme(tx, actor, programme_id)
            found = shown.rows(tx, actor.tenant, "programme_trail", key=programme_id, after=after, limit=limit + 1)
            return {"programme_id": programme_id, **shown.count(tx, actor.tenant, "programme_trail", programme_id),
                    "heads": completeness.basis(tx, actor.tenant, programme_id), "complete": completeness.of(tx, actor.tenant),
                    "items": [one.row for one in found[:limit]], "next": cursor_of(found[limit - 1].at) if len(found) > limit else None}

        return answer(shown.together(reads.database, read), columns.TRAIL, form, accept)

    @router.get("/programmes/{programme_id}/ledger", operation_id="programmeLedger", response_model=Page, responses=ALSO_CSV)
    def programme_ledger(
        programme_id: str, asked: AsOf, limit: Limit = 500, cursor: Cursor = "", form: Form = None, accept: Accept = "",
        actor: Actor = MONEY,
    ) -> Response:
        """The payments of a programme, each line explained by its facts; totals on the first page; with their basis."""
        return answer(ledger(reads, actor, asked, cursor, limit, programme=programme_id), columns.LEDGER, form, accept)

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
