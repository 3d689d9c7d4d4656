"""What an auditor asks of a service's trails: their heads, its own seals, the seals it keeps of the others; and a seal now."""
from __future__ import annotations

import asyncio
import base64
from typing import TYPE_CHECKING, Annotated, Any

import orjson
from fastapi import APIRouter, Query
from starlette.responses import Response

from chassis import kept
from chassis.decide import Actor
from chassis.saved import Place
from chassis.sealing import Seal, seal_of
from chassis.seals import fingerprint
from chassis.trail import heads_of
from chassis.web.auth import allowed
from chassis.web.health import json
from chassis.web.problems import Problem

if TYPE_CHECKING:
    from chassis.service import Service

READERS = allowed("AUDITOR", "DPO", "PARTNER_ADMIN")
SEALERS = allowed("AUDITOR", "PARTNER_ADMIN")
Limit = Annotated[int, Query(ge=1, le=500, description="Seals a page, 500 at most.")]
After = Annotated[str, Query(description="`next` of the page before.")]


def routes(service: Service) -> APIRouter:
    router = APIRouter(tags=["trail"])
    name = service.declared.name

    @router.get("/trail", operation_id="trailStatus")
    async def status(who: Actor = READERS) -> Response:
        """The trails of the caller's tenant: number and head of each, how many facts its last seal does not cover yet, that seal."""
        return json(await asyncio.to_thread(_status, service, who.tenant))

    @router.post("/trail/seals", operation_id="sealTrails")
    async def seal(who: Actor = SEALERS) -> Response:
        """Seal the trails of the caller's tenant now, as far as they are spoken (sigillo); the newest seal, new or not."""
        before = await asyncio.to_thread(service.sealer.own.newest, who.tenant)
        made = await service.sealer.seal(await asyncio.to_thread(service.place), who.tenant, who)
        if made is None:
            raise Problem(409, "NOTHING_TO_SEAL", "nothing was spoken yet for this tenant, or this service has no sealing key",
                          next="seal again once something was recorded; GET /health/ready says whether the service is well")
        return json({"service": name, "made": before is None or before.number < made.number, **_said(made)})

    @router.get("/trail/seals", operation_id="ownSeals")
    async def own_seals(after: After = "0", limit: Limit = 100, who: Actor = READERS) -> Response:
        """The seals that this service made for the caller's tenant, in order, each with its bytes, signature and time stamp."""
        if not after.isdecimal():
            raise Problem(422, "INPUT_INVALID", "`after` is the `next` of the page before")
        found = await asyncio.to_thread(service.sealer.own.page, who.tenant, int(after), limit)
        tokens = await asyncio.to_thread(service.sealer.own.tokens, who.tenant) if found else {}
        items = [_said(one) | {"timestamp": tokens.get(one.data["seal_id"])} for one in found]
        return json({"service": name, "items": items, "next": str(found[-1].at) if len(found) == limit else None})

    @router.get("/seals", operation_id="keptSeals")
    async def kept_seals(source: Annotated[str, Query(description="Of this service only.")] = "", after: After = "",
                         limit: Limit = 100, who: Actor = READERS) -> Response:
        """The seals of the other services as this one heard and keeps them, each with its bytes: by them a log that was cut shows."""
        where, _, number = after.partition(":")
        at = (where, int(number)) if number.isdecimal() else ("", 0)
        rows = await asyncio.to_thread(kept.page, service.database, who.tenant, at, limit, source or None)
        items = [{"source": row["source"]} | _said(seal_of(bytes(row["value"]))) for row in rows]
        last = f"{rows[-1]['source']}:{rows[-1]['number']}" if len(rows) == limit else None
        return json({"service": name, "items": items, "next": last})

    return router


def _said(one: Seal) -> dict[str, Any]:
    return {"tenant": orjson.loads(one.stored)["tenant"], "number": one.number, "seal_id": one.data["seal_id"],
            "recorded": one.recorded, "incarnation": one.data["incarnation"],
            "position": one.data["position"], "heads": one.data["heads"], "previous": one.data.get("previous"), "digest": one.hash,
            "key": one.data["key"], "fingerprint": fingerprint(one.data["key"]), "stored": base64.b64encode(one.stored).decode()}


def _status(service: Service, tenant: str) -> dict[str, Any]:
    place: Place = service.place()
    last = service.sealer.own.newest(tenant)
    stamped = bool(last and last.data["seal_id"] in service.sealer.own.tokens(tenant))
    covered = {head.get("programme"): head["number"] for head in last.data["heads"]} if last and (
        last.data["incarnation"] == place.incarnation) else {}
    trails = [{"programme": head.programme, "number": head.number, "head": head.head,
               "unsealed": head.number - covered.get(head.programme, 0)} for head in heads_of(place, tenant)]
    return {"service": service.declared.name, "tenant": tenant, "incarnation": place.incarnation, "position": place.position,
            "trails": trails, "seal": _said(last) | {"timestamped": stamped} if last else None}
