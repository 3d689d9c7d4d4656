"""What explains a figure, and the evidence bundle."""
from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse

from chassis.clock import stamp
from chassis.database import Tx
from chassis.decide import Actor
from chassis.web.auth import allowed
from chassis.web.problems import Problem
from reporting import shown
from reporting.adapters.pages import answer
from reporting.adapters.reads.shared import FIGURES, MONEY, Reads
from reporting.bundle.basis import basis_of
from reporting.bundle.export import Export
from reporting.explain.found import of_indicator, of_line
from reporting.views.indicators import figures

EXPORTERS = allowed("AUDITOR", "REPORTING_OFFICER")
Since = Annotated[date | None, Query(alias="from", description="the first day of the period")]
Until = Annotated[date | None, Query(alias="to", description="its last day")]
TAR: dict[int | str, dict[str, Any]] = {200: {"content": {"application/x-tar": {"schema": {"type": "string", "format": "binary"}}}}}


def mount(router: APIRouter, reads: Reads) -> None:
    @router.get("/ledger/{line}/explanation", operation_id="explainLine")
    def explain_line(line: str, actor: Actor = MONEY) -> Response:
        """What explains a line of the ledger, by its accrual, order or EndToEndId (spiegazione): facts, rules, formula with its
        numbers, rounding, act and approver; recomputed from those facts alone, and whether that equals what is shown."""
        def read(tx: Tx) -> dict[str, Any]:
            found = of_line(tx, actor.tenant, line)
            if found is None:
                raise Problem(404, "LINE_UNKNOWN", "no line of the ledger has this accrual, order or EndToEndId",
                              next="take one from `GET /ledger`")
            return found

        return answer(shown.together(reads.database, read), (), "json", "")

    @router.get("/programmes/{programme_id}/indicators/{code}/explanation", operation_id="explainIndicator")
    def explain_indicator(programme_id: str, code: str, actor: Actor = FIGURES) -> Response:
        """Which participations an indicator counts, and by which conditions over which facts; recomputed, and whether it is equal."""
        def read(tx: Tx) -> dict[str, Any]:
            catalogue = reads.programme(tx, actor, programme_id).get("catalogue") or {}
            people = (one.row for one in shown.every(tx, actor.tenant, "participations", within=programme_id))
            row = next((row for row in figures(people, catalogue) if row["code"] == code), None)
            if row is None:
                raise Problem(404, "INDICATOR_UNKNOWN", "the programme's catalogue has no such indicator",
                              next=f"take one from `GET /programmes/{programme_id}/indicators`")
            return of_indicator(tx, actor.tenant, programme_id, row)

        return answer(shown.together(reads.database, read), (), "json", "")

    @router.get("/programmes/{programme_id}/bundle", operation_id="bundle", response_class=StreamingResponse, responses=TAR)
    def bundle(programme_id: str, since: Since = None, until: Until = None, actor: Actor = EXPORTERS) -> Response:
        """The evidence bundle of a programme (fascicolo di prova): a tar with its facts, seals, figures and `verify.py`.

        A period chooses facts and figures; trails stay whole, by digests. Who takes it says so by `exportEvidence`.
        """
        if since and until and until < since:
            raise Problem(422, "PERIOD_INVALID", f"the period ends on {until}, before it begins on {since}")
        basis = basis_of(reads.database, actor.tenant, programme_id)
        if basis is None:
            raise Problem(404, "PROGRAMME_UNKNOWN", "no fact of such a programme is known here", next="ask again once it is activated")
        period = (since.isoformat() if since else "", until.isoformat() if until else "")
        export = Export(reads.database, (actor.tenant, programme_id), period, stamp(reads.service.clock.now()), basis)
        return StreamingResponse(export.stream(), media_type="application/x-tar")
