"""How far the sources are complete, and rebuilding the views."""
from __future__ import annotations

from typing import Any

import orjson
from fastapi import APIRouter, Response

from chassis.decide import Actor
from chassis.web.problems import Problem
from reporting import completeness, shown
from reporting.adapters.reads.shared import KEEPERS, WORK, Reads
from reporting.rebuild import AlreadyRunning
from reporting.workers import Superseded


def mount(router: APIRouter, reads: Reads) -> None:
    @router.get("/completeness", operation_id="completeness")
    def complete(actor: Actor = WORK) -> dict[str, Any]:
        """For each source: the last instant recorded, up to which no trail has a hole, up to which a seal proves it whole; and all
        heads of the tenant's trails, to be kept elsewhere."""
        return shown.together(reads.database, lambda tx: {
            "sources": completeness.of(tx, actor.tenant), "heads": completeness.basis(tx, actor.tenant)})

    @router.post("/rebuilds", operation_id="rebuildViews", status_code=200)
    def rebuild(actor: Actor = KEEPERS) -> Response:
        """Rebuild all views from the archive beside those that serve; compare, name what was wrong, missing or extra; switch.

        Answers when it is done; `GET /rebuilds` shows how far it is.
        """
        try:
            report = reads.rebuilds.run()
        except (AlreadyRunning, Superseded):
            raise Problem(409, "REBUILD_RUNNING", "a rebuild is under way", next="GET /rebuilds shows how far it is") from None
        return Response(orjson.dumps(report.said(actor.tenant)), media_type="application/json")

    @router.get("/rebuilds", operation_id="rebuildProgress")
    def progress(actor: Actor = KEEPERS) -> dict[str, Any]:
        """Whether a rebuild is under way, and how many of its facts are done."""
        return dict(reads.rebuilds.progress)
