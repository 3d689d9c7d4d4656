"""The short way from a path to a command: a tree of segments. A router tries its routes one after another; a service has some forty."""
from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from chassis.web.commands import CommandRoute

ANY_SEGMENT = None


class Straight:
    """Requests for commands go to their endpoints; all others to `otherwise`, which answers wrong addresses and methods too."""

    def __init__(self, routes: Iterable[CommandRoute], otherwise: ASGIApp) -> None:
        self._otherwise, self._tree = otherwise, dict[str | None, Any]()
        for route in routes:
            at = self._tree
            for segment in (route.serve.method + route.path).split("/"):
                at = at.setdefault(ANY_SEGMENT if segment.startswith("{") else segment, {})
            at[""] = route, [segment[1:-1] for segment in route.path.split("/") if segment.startswith("{")]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        at, given = self._tree, []
        path: str = scope["path"].removeprefix(scope.get("root_path", ""))
        for segment in (scope["method"] + path).split("/"):
            if (inner := at.get(segment)) is None or not segment:
                if (inner := at.get(ANY_SEGMENT)) is None or not segment:
                    return await self._otherwise(scope, receive, send)
                given.append(segment)
            at = inner
        if (found := at.get("")) is None:
            return await self._otherwise(scope, receive, send)
        route, names = found
        scope["route"], scope["path_params"] = route, dict(zip(names, given, strict=True))
        await route.serve(scope, receive, send)
