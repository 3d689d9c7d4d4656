"""Around each request: a correlation id, the size limit, the time it took, and a problem for what nobody foresaw. Plain ASGI."""
from __future__ import annotations

import logging
import uuid
from time import perf_counter

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis import logs
from chassis.metrics import Metrics
from chassis.web.problems import MEDIA, Problem

MOST = 1024 * 1024
"""Bytes of a request's body."""
ANSWERED = "percorso.answered"
"""Set in a request's scope: the framework has answered with a problem, and raises what was wrong once more."""
PROBES = {"/health/live", "/health/ready", "/metrics"}
"""Asked every few seconds: not logged."""
logger = logging.getLogger(__name__)


def too_large() -> Problem:
    return Problem(413, "BODY_TOO_LARGE", "a request's body has at most 1 MiB")


def fault() -> Problem:
    return Problem(500, "FAULT", "the service failed; it is logged under the instance given here")


class Edge:
    def __init__(self, app: ASGIApp, service: str, metrics: Metrics) -> None:
        self._app, self._service, self._metrics = app, service, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        this, started, status = str(uuid.uuid4()), perf_counter(), 0
        logs.correlation.set(this)
        logs.service.set(self._service)
        headers = [(b"x-correlation-id", this.encode()), (b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff")]

        async def marked(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], *headers]
            await send(message)

        try:
            if _declared(scope) > MOST:
                await answer(marked, too_large())
            elif "\0" in scope["path"] or b"%00" in scope["query_string"]:
                await answer(marked, Problem(400, "REQUEST_MALFORMED", "an address holds no NUL character"))
            else:
                await self._app(scope, _limited(receive), marked)
        except Exception as wrong:
            logger.error("a request failed", exc_info=wrong)
            if not status:
                await answer(marked, fault())
            elif not scope.get(ANSWERED):
                raise
        finally:
            route = getattr(scope.get("route"), "path", "unmatched")
            seconds = perf_counter() - started
            self._metrics.answered(scope["method"], route, status, seconds)
            if route not in PROBES:
                fields = {"method": scope["method"], "route": route, "status": status, "ms": round(seconds * 1000, 1)}
                logger.info("answered", extra={"fields": fields})


async def answer(send: Send, problem: Problem) -> None:
    """Send a problem as the whole answer."""
    headers = [(name.lower().encode(), value.encode()) for name, value in (problem.headers or {}).items()]
    await send_bytes(send, problem.status_code, problem.body(), [*headers, (b"content-type", MEDIA.encode())])


async def send_bytes(send: Send, status: int, body: bytes, headers: list[tuple[bytes, bytes]]) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [*headers, (b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})


def _declared(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value) if value.isdigit() else 0
    return 0


def _limited(receive: Receive) -> Receive:
    """What arrives in chunks has no declared length: it is counted."""
    got = 0

    async def limited() -> Message:
        nonlocal got
        message = await receive()
        got += len(message.get("body", b""))
        if got > MOST:
            raise too_large()
        return message

    return limited
