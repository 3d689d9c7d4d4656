"""The web application of one service: its commands, its reads, its health; its parts run as long as it does."""
from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from chassis import errors, logs
from chassis.decide import Refused
from chassis.metrics import Metrics
from chassis.web import commands, health, seals
from chassis.web.auth import Auth, public
from chassis.web.edge import ANSWERED, Edge, fault
from chassis.web.openapi import document
from chassis.web.problems import MEDIA, Problem, invalid, placed, problem_of
from chassis.web.straight import Straight

if TYPE_CHECKING:
    from chassis.service import Service

PARTS = ("relay", "consume", "deadlines")
FORESEEN: tuple[type[Exception], ...] = (
    HTTPException, Refused, errors.KeyReused, errors.Busy, errors.StoreAway, errors.Halted, errors.UnknownStored,
    errors.TooLarge)


def create_app(service: Service, parts: Sequence[str] = PARTS, *, takes_commands: bool = True) -> FastAPI:
    """The app. Its lifespan starts these parts of the service, and stops them. Without commands: health, metrics and status only."""
    name = service.declared.name

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        logs.service.set(name)
        await service.start(*parts)
        try:
            yield
        finally:
            await service.stop()

    metrics = Metrics()
    service.writer.stored.append(metrics.group)
    app = ServiceApp(f"Percorso: {name}", lifespan)
    app.state.service, app.state.auth, app.state.metrics = service, Auth(service.settings), metrics
    if takes_commands:
        commands.mount(app, service, app.state.auth, metrics)
        app.include_router(seals.routes(service))
        if service.declared.routes is not None:
            app.include_router(service.declared.routes(service))
    app.include_router(health.routes(service, metrics))
    app.openapi = lambda: app.openapi_schema or _remember(app, document(app, name))  # type: ignore[method-assign]

    @app.get("/openapi.json", include_in_schema=False)
    @public
    async def openapi() -> Response:
        return health.json(app.openapi())

    app.passing(name, metrics)
    return app


class ProblemApp(FastAPI):
    """An app whose every no is a problem, and that documents itself only where it is told to."""

    def __init__(self, title: str, lifespan: Any) -> None:
        super().__init__(title=title, lifespan=lifespan, openapi_url=None, docs_url=None, redoc_url=None)
        self.router.redirect_slashes = False
        for kind in FORESEEN:
            self.add_exception_handler(kind, _foreseen)
        self.add_exception_handler(RequestValidationError, _not_valid)
        self.add_exception_handler(Exception, _fault)


class ServiceApp(ProblemApp):
    """What arrives passes the edge; commands go straight to their endpoints, the rest through the framework."""

    edge: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or self.edge is None:
            return await super().__call__(scope, receive, send)
        scope["app"] = self
        await self.edge(scope, receive, send)

    def passing(self, name: str, metrics: Metrics) -> None:
        """Set the edge up, once all commands are mounted."""
        mounted = [route for route in self.routes if isinstance(route, commands.CommandRoute)]
        self.edge = Edge(Straight(mounted, super().__call__), name, metrics)


def _remember(app: FastAPI, made: dict[str, Any]) -> dict[str, Any]:
    app.openapi_schema = made
    return made


async def _foreseen(_: Request, wrong: Exception) -> Response:
    problem = problem_of(wrong)
    assert problem is not None, "every foreseen exception has a problem"
    return _said(problem)


async def _not_valid(_: Request, wrong: Exception) -> Response:
    assert isinstance(wrong, RequestValidationError)
    return _said(invalid(wrong.errors(), placed))


async def _fault(request: Request, _: Exception) -> Response:
    request.scope[ANSWERED] = True
    return _said(fault())


def _said(problem: Problem) -> Response:
    return Response(problem.body(), problem.status_code, dict(problem.headers or {}), MEDIA)
