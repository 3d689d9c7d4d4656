"""How far the sources are complete, and rebuilding the views."""
from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Response

from chassis.decide import Actor
from chassis.web.problems import Problem
from reporting import completeness, shown
from reporting.adapters.reads.shared import KEEPERS, WORK, Reads
from reporting.rebuild import AlreadyRunning, Report
from reporting.sampling import sampled
from reporting.views.all import ALL, NoSuchView, wanted
from reporting.workers import Superseded, WorkerFailed

Views = Annotated[list[str], Query(max_length=len(ALL), description=f"only these, said again for each; else all of {', '.join(ALL)}")]
Workers = Annotated[int, Query(ge=1, le=16, description="processes that load at once, on PostgreSQL")]
Some = Annotated[int | None, Query(ge=1, le=10_000, description="only what follows from so many facts, and so many rows of each view, "
                                   "chosen at random, while the asker waits; no rebuild")]


def mount(router: APIRouter, reads: Reads) -> None:
    @router.get("/completeness", operation_id="completeness")
    def complete(actor: Actor = WORK) -> dict[str, Any]:
        """For each source: the last instant recorded, up to which no trail has a hole, up to which a seal proves it whole; and all
        heads of the tenant's trails, to be kept elsewhere."""
        return shown.together(reads.database, lambda tx: {
            "sources": completeness.of(tx, actor.tenant), "heads": completeness.basis(tx, actor.tenant)})

    @router.post("/rebuilds", operation_id="rebuildViews", status_code=200)
    def rebuild(views: Views = [], workers: Workers = 1, actor: Actor = KEEPERS) -> Response:  # noqa: B006 (FastAPI copies it)
        """Rebuild views from the archive beside those that serve; compare, name what was wrong, missing or extra; switch.

        Answers when it is done; `GET /rebuilds` shows how far it is. 422 `VIEW_UNKNOWN`; 409 `REBUILD_RUNNING` while another rebuild or
        comparison is under way; 503 `REBUILD_CUT_OFF` where a worker ended before all was done: asked again, it goes on where it was.
        """
        some = _views(views)
        return _reported(actor, lambda: reads.rebuilds.run(some, workers))

    @router.post("/parity", operation_id="compareViews", status_code=200)
    def parity(views: Views = [], workers: Workers = 1, sample: Some = None, actor: Actor = KEEPERS) -> Response:  # noqa: B006
        """Rebuild views to the side and compare them with those that serve, row for row, at one archive sequence; nothing is switched.

        Refused as a rebuild is; with `sample` it stands in nobody's way.
        """
        some = _views(views)
        return _reported(actor, lambda: sampled(reads.database, sample, some) if sample else reads.rebuilds.parity(some, workers))

    @router.get("/rebuilds", operation_id="rebuildProgress")
    def progress(actor: Actor = KEEPERS) -> dict[str, Any]:
        """Whether a rebuild is under way, and how many of its facts are done."""
        return dict(reads.rebuilds.progress)


def _views(names: list[str]) -> list[str]:
    try:
        return wanted(names)
    except NoSuchView as unknown:
        raise Problem(422, "VIEW_UNKNOWN", str(unknown), errors=[("query/views", f"one of {', '.join(ALL)}")]) from None


def _reported(actor: Actor, work: Callable[[], Report]) -> Response:
    """What it found, to a reader of one tenant."""
    try:
        report = work()
    except (AlreadyRunning, Superseded):
        raise Problem(409, "REBUILD_RUNNING", "a rebuild is under way", next="GET /rebuilds shows how far it is") from None
    except WorkerFailed:
        raise Problem(503, "REBUILD_CUT_OFF", "a worker ended before all was done", next="ask again: it goes on where it was") from None
    return Response(orjson.dumps(report.said(actor.tenant)), media_type="application/json")
