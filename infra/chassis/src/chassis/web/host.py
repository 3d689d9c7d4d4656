"""Several services in one process and on one port, each under its name; the host starts and stops them all."""
from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

from fastapi import FastAPI
from starlette.responses import Response

from chassis.web.app import ProblemApp
from chassis.web.auth import public
from chassis.web.health import json, readiness, reasons


def host(apps: Mapping[str, FastAPI], name: str = "percorso") -> FastAPI:
    """One app: `/<name>/…` is the service of that name. Mounted apps' lifespans do not run by themselves: this one enters them."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as running:
            for app in apps.values():
                await running.enter_async_context(app.router.lifespan_context(app))
            yield

    root = ProblemApp(name, lifespan)

    @root.get("/")
    @public
    async def index() -> Response:
        return json({"services": {service: f"/{service}/openapi.json" for service in apps}})

    @root.get("/health/live")
    @public
    async def live() -> Response:
        return json({"service": name, "live": True})

    @root.get("/health/ready")
    @public
    async def ready() -> Response:
        return readiness({service: await reasons(app.state.service) for service, app in apps.items()})

    for service, app in apps.items():
        root.mount(f"/{service}", app)
    return root
