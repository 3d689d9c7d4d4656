"""The five services in one process, on one port, over SQLite files in a data folder and a bus in one of them."""
from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from importlib import import_module
from typing import Annotated, Any, Literal

import uvicorn
from fastapi import FastAPI, Query
from starlette.responses import Response

from chassis.bus_local import LocalBus
from chassis.clock import Clock, ScenarioClock, WallClock, stamp
from chassis.declare import Declared
from chassis.run import leave_alone_what_is_here
from chassis.service import Service, build, migrate
from chassis.settings import Settings
from chassis.topics import topic_of
from chassis.web.app import create_app
from chassis.web.auth import ANY, Auth, allowed
from chassis.web.health import Instant, json
from chassis.web.host import host
from percorso.data import Data
from percorso.scenario import settle
from percorso.suite import SERVICES

LONGEST_REST_S = 300.0


def declared(service: str) -> Declared:
    found: Declared = import_module(f"{service}.service").DECLARED
    return found


def settings_of(data: Data, service: str, port: int, clock: Literal["wall", "scenario"]) -> Settings:
    return Settings(
        service=service, database_url=data.database_url(service), bus=data.bus, issuer_key_file=data.issuer_key_file,
        master_key=data.master_key, master_key_before=data.master_key_before, actor_key=data.actor_key, seal_key=data.seal_key(service),
        clock=clock, port=port,
        peers={other: f"http://127.0.0.1:{port}/{other}" for other in SERVICES if other != service})


def all_in_one(data: Data, port: int, clock: Literal["wall", "scenario"] = "wall") -> FastAPI:
    """The app of the five services. Its tables and topics are made here; its lifespan starts and stops all."""
    bus = LocalBus(str(data.folder / "bus.sqlite"))
    bus.create(*(topic_of(name) for name in SERVICES))
    shared: Clock = ScenarioClock() if clock == "scenario" else WallClock()
    services = {}
    for name in SERVICES:
        settings = settings_of(data, name, port, clock)
        migrate(declared(name), settings)
        services[name] = build(declared(name), settings, clock=shared, bus=bus)
    root = host({name: create_app(service) for name, service in services.items()})
    root.state.auth = Auth(services["intake"].settings)
    _whole(root, services, shared)
    _stop_bus_last(root, bus)
    leave_alone_what_is_here()
    return root


def _whole(root: FastAPI, services: Mapping[str, Service], clock: Clock) -> None:
    """What the five answer at once: their status, and a scenario's clock."""

    quiet = Quiet(services.values())

    async def look() -> dict[str, Any]:
        return await asyncio.to_thread(lambda: {name: service.status() for name, service in services.items()})

    async def look_at_deadlines() -> int:
        return sum([await service.deadlines.catch_up() for service in services.values() if service.declared.deadlines])

    @root.get("/status", dependencies=[allowed(ANY)])
    async def status(rest: Annotated[float, Query(ge=0, le=LONGEST_REST_S)] = 0) -> Response:
        """Now; with `rest` when all has come to rest, or after so many seconds. One look is enough if nothing happened meanwhile."""
        end = time.monotonic() + rest
        while True:
            if rest:
                await quiet.comes()
                await look_at_deadlines()
            happened, now = quiet.happened, await look()
            still = settle.restless(now) is None and quiet.happened == happened
            if still or settle.stuck(now) or time.monotonic() >= end:
                return json(now)

    if isinstance(clock, ScenarioClock):
        @root.put("/clock", dependencies=[allowed(ANY)])
        async def set_clock(instant: Instant) -> Response:
            now = clock.set(instant.now)
            return json({"now": stamp(now), "fired": await look_at_deadlines()})


class Quiet:
    """Comes when for a moment nothing was stored and nothing heard: to look earlier would only slow what is under way."""

    MOMENT_S, AT_MOST = 0.006, 50

    def __init__(self, services: Iterable[Service]) -> None:
        self.happened, self._last = 0, 0.0
        for service in services:
            service.writer.stored.append(self._note)
            service.hearing.heard.append(self._note)

    def _note(self, _: int) -> None:
        self.happened, self._last = self.happened + 1, time.monotonic()

    async def comes(self) -> None:
        for _ in range(self.AT_MOST):
            left = self._last + self.MOMENT_S - time.monotonic()
            if left <= 0:
                return
            await asyncio.sleep(left)


def _stop_bus_last(root: FastAPI, bus: LocalBus) -> None:
    inner = root.router.lifespan_context

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[Any]:
        async with inner(app) as state:
            yield state
        await bus.stop()

    root.router.lifespan_context = lifespan


@asynccontextmanager
async def running(data: Data, clock: Literal["wall", "scenario"] = "scenario") -> AsyncIterator[str]:
    """A suite in this process, on a free port of loopback, for as long as the block lasts; its base URL."""
    # With its protocol named: asyncio sets TCP_NODELAY on no other, and each answer would wait 40 ms for an acknowledgement.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as at:
        at.bind(("127.0.0.1", 0))
        port = at.getsockname()[1]
        app = all_in_one(data, port, clock)
        server = _Quiet(uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", ws="none"))
        async with app.router.lifespan_context(app):
            serving = asyncio.create_task(server.serve(sockets=[at]))
            try:
                yield f"http://127.0.0.1:{port}"
            finally:
                server.should_exit = True
                await serving


class _Quiet(uvicorn.Server):
    """Leaves signals to the one who started it."""

    def install_signal_handlers(self) -> None: ...
