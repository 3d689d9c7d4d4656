"""The OpenAPI 3.1 document of a service: each operation with its roles, its refusals, and the problems that may be answered."""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import iter_route_contexts
from starlette.routing import Mount

from chassis.web.auth import PUBLIC
from chassis.web.commands import CommandRoute
from chassis.web.problems import GONE, MEDIA, TITLES

TEXT = {"type": "string"}
PROBLEM = {
    "type": "object", "title": "Problem", "description": "RFC 9457, with the refusal's code",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {**TEXT, "format": "uri"}, "title": TEXT, "status": {"type": "integer"}, "code": TEXT, "detail": TEXT,
        "instance": {**TEXT, "format": "uri", "description": "the request's correlation id"},
        "errors": {"type": "array", "items": {"type": "object", "required": ["at", "why"], "properties": {
            "at": {**TEXT, "description": "a JSON pointer into the body, or `path/…`, `query/…`, `header/…`"}, "why": TEXT}}},
        "also": {"type": "array", "items": {"type": "object", "properties": {"code": TEXT, "detail": TEXT}}},
        "next": {**TEXT, "description": "what the caller may do next"}}}
WRITES = (400, 401, 403, 404, 409, 413, 415, 422, 503)
READS = (401, 403, 404, 422, 503)
ERASED = 410
"""Only where a refusal says so."""


def document(app: FastAPI, name: str) -> dict[str, Any]:
    """The document, made from the routes; `x-roles` and `x-refusals` are ours."""
    routes = [route.documented() if isinstance(route, CommandRoute) else route for route in app.routes]
    made = get_openapi(title=f"Percorso: {name}", version="1", openapi_version="3.1.0", routes=routes,
                       description=f"Commands and reads of the service {name}. Every command takes an Idempotency-Key.")
    for context in iter_route_contexts(routes):
        for method in context.methods or ():
            operation = made["paths"].get(context.path_format or "", {}).get(method.lower())
            if operation is not None:
                _complete(operation, roles_of(context), WRITES if method not in ("GET", "HEAD") else READS)
    components = made.setdefault("components", {})
    schemas = {n: s for n, s in components.get("schemas", {}).items() if n not in ("HTTPValidationError", "ValidationError")}
    components["schemas"] = {**schemas, "Problem": PROBLEM}
    components["responses"] = {f"Problem{status}": _problem(status) for status in sorted({*WRITES, *READS, ERASED})}
    components["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}
    return made


def _complete(operation: dict[str, Any], roles: tuple[str, ...], problems: tuple[int, ...]) -> None:
    if PUBLIC in roles:
        operation["security"] = []
        return
    operation["security"], operation["x-roles"] = [{"bearer": []}], list(roles)
    if any(code.endswith(GONE) for code in operation.get("x-refusals", ())):
        problems = (*problems, ERASED)
    operation["responses"] |= {str(status): {"$ref": f"#/components/responses/Problem{status}"} for status in problems}


def _problem(status: int) -> dict[str, Any]:
    said: dict[str, Any] = {"description": TITLES[status], "content": {MEDIA: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    if status in (409, 503):
        said["headers"] = {"Retry-After": {"description": "seconds, where asking again may help", "schema": {"type": "integer"}}}
    return said


def roles_of(context: Any) -> tuple[str, ...]:
    """The roles that a route declares: itself, its function, or a dependency."""
    for declaring in (context.original_route, context.endpoint):
        if roles := getattr(declaring, "roles", ()):
            return tuple(roles)
    return next(_of_dependencies(getattr(context, "dependant", None)), ())


def _of_dependencies(dependant: Any) -> Iterator[tuple[str, ...]]:
    for inner in getattr(dependant, "dependencies", ()):
        if roles := getattr(inner.call, "roles", ()):
            yield tuple(roles)
        yield from _of_dependencies(inner)


def undeclared(app: FastAPI, prefix: str = "") -> list[str]:
    """The routes, mounted ones too, that say neither which roles they are for nor that they are public."""
    found: list[str] = []
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        if isinstance(route, Mount) and isinstance(route.app, FastAPI):
            found += undeclared(route.app, prefix + route.path)
        elif not roles_of(context):
            found.append(f"{','.join(sorted(context.methods or ('ANY',)))} {prefix}{context.path}")
    return found
