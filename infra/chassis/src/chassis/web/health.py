"""What operators and the scenario player ask: alive, ready, metrics, status, who am I, and the scenario's clock."""
from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Any

import orjson
from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import AwareDatetime, BaseModel, ConfigDict
from starlette.responses import Response

from chassis.clock import ScenarioClock, stamp
from chassis.decide import Actor
from chassis.errors import StoreAway
from chassis.metrics import Metrics
from chassis.web.auth import ANY, allowed, public

if TYPE_CHECKING:
    from chassis.service import Service


Anyone = Annotated[Actor, allowed(ANY)]


class Instant(BaseModel):
    """An instant of a scenario, with its offset."""

    model_config = ConfigDict(extra="forbid")
    now: AwareDatetime


def routes(service: Service, metrics: Metrics) -> APIRouter:
    router = APIRouter(tags=["service"])

    @router.get("/health/live", operation_id="live")
    @public
    async def live() -> Response:
        """The process answers."""
        return json({"service": service.declared.name, "live": True})

    @router.get("/health/ready", operation_id="ready")
    @public
    async def ready() -> Response:
        """Whether commands and reads can be taken; with 503, the reasons why not."""
        return readiness({service.declared.name: await reasons(service)})

    @router.get("/metrics", operation_id="metrics")
    @public
    async def scrape() -> Response:
        """Prometheus text format."""
        try:
            status = await asyncio.to_thread(service.status)
        except StoreAway:
            status = {}
        return Response(metrics.render(status), media_type=CONTENT_TYPE_LATEST)

    @router.get("/status", operation_id="status")
    async def status(who: Anyone) -> Response:
        """How far this service is: its log, what was spoken, heard, and what is still to do."""
        return json(await asyncio.to_thread(service.status))

    @router.get("/me", operation_id="me")
    async def me(who: Anyone) -> Response:
        """Who the token says is asking: the pseudonymous operator id, the role, the organisation, the tenant."""
        return json({"operator_id": who.user, "role": who.role, "org": who.org, "tenant": who.tenant})

    if isinstance(clock := service.clock, ScenarioClock):
        @router.put("/clock", operation_id="setClock")
        async def set_clock(instant: Instant, who: Anyone) -> Response:
            """Move the scenario's clock forward, and fire the deadlines that are due then."""
            now = clock.set(instant.now)
            return json({"now": stamp(now), "fired": await service.deadlines.catch_up()})

    return router


async def reasons(service: Service) -> list[str]:
    """Why a service is not ready; none if it is."""
    try:
        return list(await asyncio.to_thread(service.ready))
    except StoreAway:
        return ["the database does not answer"]


def readiness(by_service: dict[str, list[str]]) -> Response:
    said = [reason if len(by_service) == 1 else f"{name}: {reason}" for name, found in by_service.items() for reason in found]
    return json({"ready": not said, "reasons": said}, 503 if said else 200)


def json(value: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS), status, media_type="application/json")
