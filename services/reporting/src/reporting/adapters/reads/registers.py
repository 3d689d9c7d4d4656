"""Registers of a tenant: payments, commitments, hosts."""
from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from chassis.database import Tx
from chassis.decide import Actor
from reporting import figures
from reporting.adapters import columns
from reporting.adapters.pages import ALSO_CSV, Accept, Cursor, Form, Limit, Page, answer
from reporting.adapters.reads.asked import AsOf
from reporting.adapters.reads.shared import MONEY, PLACES, Reads, ledger
from reporting.moment import Moment
from reporting.views.view import Row


def mount(router: APIRouter, reads: Reads) -> None:
    @router.get("/ledger", operation_id="ledger", response_model=Page, responses=ALSO_CSV)
    def tenant_ledger(
        asked: AsOf, limit: Limit = 500, cursor: Cursor = "", form: Form = None, accept: Accept = "", actor: Actor = MONEY,
    ) -> Response:
        """All payments of the tenant, each line explained by its facts; totals on the first page; with their basis (partitario)."""
        return answer(ledger(reads, actor, asked, cursor, limit), columns.LEDGER, form, accept)

    @router.get("/commitments", operation_id="commitments", response_model=Page, responses=ALSO_CSV)
    def commitments(
        asked: AsOf, programme_id: Annotated[str | None, Query(max_length=80)] = None, limit: Limit = 200, cursor: Cursor = "",
        form: Form = None, accept: Accept = "", actor: Actor = MONEY,
    ) -> Response:
        """What was set aside, what each entitlement takes of it, what is left, in cents (impegni)."""
        def shares(tx: Tx, row: Row, at: Moment | None) -> Row:
            return figures.shared(tx, actor.tenant, row, at)

        page = reads.page_at(actor, asked, "commitments", cursor, limit, within=programme_id, change=shares)
        return answer(page, columns.COMMITMENTS, form, accept)

    @router.get("/hosts", operation_id="hosts", response_model=Page, responses=ALSO_CSV)
    def hosts(
        limit: Limit = 200, cursor: Cursor = "", form: Form = None, accept: Accept = "", actor: Actor = PLACES,
    ) -> Response:
        """Hosts with what they declared, agreements, places offered, and how many internships (soggetti ospitanti)."""
        return answer(reads.page(actor, "hosts", cursor, limit), columns.HOSTS, form, accept)
