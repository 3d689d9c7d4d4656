"""Between moments: what changed, and by which facts; and the figures of a large programme at a moment, computed in the background."""
from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from chassis.clock import stamp
from chassis.database import Tx
from chassis.decide import Actor
from chassis.web.instants import Instant
from chassis.web.problems import Problem
from reporting import access, difference, figures, shown
from reporting.adapters import columns
from reporting.adapters.pages import ALSO_CSV, Accept, Cursor, Form, Page, answer, cursor_of, place
from reporting.adapters.reads.asked import Asked, AsOf, TrueOn, rests_on
from reporting.adapters.reads.shared import CASEWORK, RECKONERS, Reads, on_record, unknown_case
from reporting.difference import Between

From = Annotated[Instant | None, Query(alias="from", description="the earlier instant; without it, before all")]
To = Annotated[Instant | None, Query(description="the later instant; without it, now")]
FromBasis = Annotated[str, Query(max_length=20_000, description="in place of `from`: `basis_token` of an earlier answer")]
Keys = Annotated[int, Query(ge=1, le=500, description="keys of changed rows a page")]


def mount(router: APIRouter, reads: Reads) -> None:
    _mount_diffs(router, reads)
    _mount_computing(router, reads)

    @asynccontextmanager
    async def computing(_: Any) -> AsyncIterator[None]:
        reads.computing.start()
        try:
            yield
        finally:
            await asyncio.to_thread(reads.computing.stop)

    router.lifespan_context = computing


def _mount_diffs(router: APIRouter, reads: Reads) -> None:
    @router.get("/cases/{case_id}/diff", operation_id="caseDiff", response_model=Page, responses=ALSO_CSV)
    def case_diff(
        case_id: uuid.UUID, since: From = None, to: To = None, from_basis: FromBasis = "", true_on: TrueOn = None,
        purpose: access.Purpose | None = None, limit: Keys = 100, cursor: Cursor = "", form: Form = None, accept: Accept = "",
        actor: Actor = CASEWORK,
    ) -> Response:
        """What changed in the rows of a case between two moments, and the facts that changed it. The reading is put on record."""
        def read(tx: Tx) -> dict[str, Any]:
            if not reads.has(tx, actor, str(case_id)):
                raise unknown_case()
            between = _between(tx, actor, since, to, from_basis, true_on)
            new = difference.of_case(tx, actor.tenant, str(case_id), between)
            programme = next((fact.programme for fact in new if fact.programme), None)
            return {"case_id": str(case_id), **_page(tx, actor, new, between, cursor, limit), **rests_on(
                tx, actor.tenant, between.after, programme)}

        with on_record(reads, actor, str(case_id), purpose):
            page = shown.together(reads.database, read)
        return answer(page, columns.DIFF, form, accept)

    @router.get("/programmes/{programme_id}/diff", operation_id="programmeDiff", response_model=Page, responses=ALSO_CSV)
    def programme_diff(
        programme_id: str, since: From = None, to: To = None, from_basis: FromBasis = "", true_on: TrueOn = None, limit: Keys = 100,
        cursor: Cursor = "", form: Form = None, accept: Accept = "", actor: Actor = RECKONERS,
    ) -> Response:
        """What changed in the rows of a programme between two moments, and the facts that changed it; on the first page its figures."""
        def read(tx: Tx) -> dict[str, Any]:
            reads.programme(tx, actor, programme_id)
            between = _between(tx, actor, since, to, from_basis, true_on)
            try:
                new = difference.of_programme(tx, actor.tenant, programme_id, between)
            except difference.TooMany:
                raise Problem(409, "DIFF_IS_LARGE", f"more than {difference.MOST} facts lie between the two moments",
                              next="ask for moments that are nearer to each other") from None
            first = {} if cursor else {"figures": _figures(tx, reads, actor, programme_id, between)}
            return {"programme_id": programme_id, **first, **_page(tx, actor, new, between, cursor, limit), **rests_on(
                tx, actor.tenant, between.after, programme_id)}

        return answer(shown.together(reads.database, read), columns.DIFF, form, accept)


def _between(tx: Tx, actor: Actor, since: Any, to: Any, from_basis: str, true_on: Any) -> Between:
    if (since and from_basis) or (since and to and since > to):
        raise Problem(422, "INPUT_INVALID", "two moments are asked for, the earlier one first",
                      errors=[("query/from", "an instant not after `to`; or none, with from_basis")])
    on = true_on.isoformat() if true_on else None
    after = Asked(stamp(to) if to else None, on).moment(tx, actor.tenant)
    if from_basis:
        return Between(Asked(token=from_basis).moment(tx, actor.tenant), after)
    return Between(Asked(stamp(since) if since else "", on).moment(tx, actor.tenant), after)


def _page(tx: Tx, actor: Actor, new: list[Any], between: Between, cursor: str, limit: int) -> dict[str, Any]:
    scoped = difference.scopes(new)
    start = next((n for n, scope in enumerate(scoped, 1) if list(scope) == place(cursor, str, str)), 0) if cursor else 0
    items = list(difference.changes(tx, actor.tenant, scoped[start:start + limit], between))
    more = cursor_of(scoped[start + limit - 1]) if len(scoped) > start + limit else None
    return {"new_facts": len(new), "items": items, "next": more}


def _figures(tx: Tx, reads: Reads, actor: Actor, programme: str, between: Between) -> list[dict[str, Any]] | None:
    """The totals and indicators that changed; None where there are too many facts to say so now."""
    if between.after.basis is None or between.after.basis.facts(programme) > reads.direct:
        return None
    before, after = (_flat(tx, reads, actor, programme, moment) for moment in (between.before, between.after))
    return [{"figure": name, "before": before.get(name, 0), "after": after.get(name, 0)} for name in sorted(before.keys() | after.keys())
            if before.get(name, 0) != after.get(name, 0)]


def _flat(tx: Tx, reads: Reads, actor: Actor, programme: str, moment: Any) -> dict[str, int]:
    totals = reads.computed(tx, actor, programme, moment, moment, "totals",
                            lambda: figures.ledger_totals(tx, actor.tenant, programme, moment))
    counted = reads.computed(tx, actor, programme, moment, moment, "indicators",
                             lambda: figures.indicators(tx, actor.tenant, programme, moment))
    return {**totals, "participations": counted["participations"], **{one["code"]: one["total"] for one in counted["items"]}}


def _mount_computing(router: APIRouter, reads: Reads) -> None:
    @router.post("/programmes/{programme_id}/moments", operation_id="computeMoment", status_code=202)
    def compute(programme_id: str, asked: AsOf, actor: Actor = RECKONERS) -> dict[str, Any]:
        """Compute the figures of a programme at a moment in the background (cifre a un istante); `GET /moments/{moment_id}` follows it.

        Asked for again, for the same basis, it is the same computation.
        """
        with reads.database.reading() as tx:
            reads.programme(tx, actor, programme_id)
        moment = shown.together(reads.database, lambda tx: asked.moment(tx, actor.tenant))
        with reads.database.transaction() as tx:
            at = stamp(reads.service.clock.now())
            said = _said(reads, tx, actor, reads.computing.ask(tx, actor.tenant, programme_id, moment.token, at))
        reads.computing.wake()
        return said

    @router.get("/moments/{moment_id}", operation_id="readMoment")
    def look(moment_id: uuid.UUID, actor: Actor = RECKONERS) -> dict[str, Any]:
        """How far it is: facts done, of how many, at what rate; and the figures, once it is done."""
        with reads.database.reading() as tx:
            said = _said(reads, tx, actor, str(moment_id))
        if said["state"] == "RUNNING":
            reads.computing.wake()
        return said


def _said(reads: Reads, tx: Tx, actor: Actor, moment_id: str) -> dict[str, Any]:
    row = reads.computing.look(tx, actor.tenant, moment_id)
    if row is None:
        raise Problem(404, "MOMENT_UNKNOWN", "no figures were asked for under this id", next="POST /programmes/{programme_id}/moments")
    return reads.computing.said(tx, row)
