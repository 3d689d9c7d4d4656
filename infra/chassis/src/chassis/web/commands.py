"""Commands over HTTP. The framework documents them; what runs is one function from bytes to bytes."""
from __future__ import annotations

import hashlib
import hmac
import inspect
import re
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import orjson
from fastapi import FastAPI, Header
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from chassis import logs
from chassis.decide import Refused
from chassis.declare import Command, Declared
from chassis.erasure import refused
from chassis.execute import Answer, Call, Executor
from chassis.metrics import Metrics
from chassis.record import private_fields
from chassis.signature import arguments
from chassis.web import bodies, refusals
from chassis.web.auth import Auth, permitted
from chassis.web.edge import answer, send_bytes
from chassis.web.problems import Problem, invalid, pointer, problem_of

if TYPE_CHECKING:
    from chassis.service import Service

KEY = re.compile(rb"[\x21-\x7e]{8,200}")
OUTCOMES = {422: "not_valid", 503: "away"}


class Said(BaseModel):
    """An event of a command: its id and its type."""

    id: str
    type: str


class Accepted(BaseModel):
    """What a command answers, and answers again under the same key: what changed, ids and types only."""

    aggregate: str
    id: str
    version: int
    events: list[Said]
    ids: dict[str, str]


def camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.title() for word in rest)


def mount(app: FastAPI, service: Service, auth: Auth, metrics: Metrics) -> None:
    """A route for each command that has one. `ValueError` where two have one operation or one address."""
    declared: Declared = service.declared
    seen: set[str] = set()
    for command in declared.commands:
        if not command.route:
            continue
        operation = camel(command.decision.__name__)
        if twice := seen & {operation, command.route}:
            raise ValueError(f"{declared.name}: {twice} is declared twice")
        seen |= {operation, command.route}
        app.router.routes.append(CommandRoute(Endpoint(service, auth, metrics, command, operation)))


class Endpoint:
    """One command, from request to answer."""

    def __init__(self, service: Service, auth: Auth, metrics: Metrics, command: Command, operation: str) -> None:
        self.service, self.command, self.operation, self._auth, self._metrics = service, command, operation, auth, metrics
        self.method, _, self.path = command.route.partition(" ")
        self.shape = bodies.shape(service.declared, command, operation[0].upper() + operation[1:])
        self._digest_key = hmac.digest(service.settings.actor_key, b"request digests", hashlib.sha256)
        self._invalid = invalid_codes(service.declared)
        self._contracts = {model.__name__ for model in service.declared.spoken.values()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        metrics = self._metrics
        try:
            done = await self._carry_out(scope, receive)
        except Exception as wrong:
            problem = problem_of(wrong, self._invalid)
            if problem is None:
                metrics.command(self.operation, "fault")
                raise
            if isinstance(wrong, Refused):
                for no in (wrong, *wrong.also):
                    metrics.refusal(no.code)
            metrics.command(self.operation, "refused" if isinstance(wrong, Refused) else OUTCOMES.get(problem.status_code, "not_taken"))
            return await answer(send, problem)
        metrics.command(self.operation, "done" if done.events else "nothing")
        said = orjson.dumps({"aggregate": done.kind, "id": done.id, "version": done.version,
                             "events": [{"id": id, "type": type} for id, type in done.events], "ids": dict(done.ids or {})})
        await send_bytes(send, 201 if done.events else 200, said,
                         [(b"content-type", b"application/json"), (b"etag", b'"%d"' % done.version)])

    async def _carry_out(self, scope: Scope, receive: Receive) -> Answer:
        headers = dict(scope["headers"])
        actor = permitted(await self._auth.actor(headers.get(b"authorization", b"").decode("latin-1")), self.command.by)
        key = _key(headers)
        body = await _body(receive)
        args = self._args(scope["path_params"], body, headers)
        request = b"\0".join((scope["method"].encode(), scope["path"].encode(), body))
        call = Call(f"{actor.tenant}/{actor.user}/{self.operation}/{self._mac(key).hex()}", self._mac(request), logs.correlation.get(),
                    kept=True)
        try:
            return await self.service.executor.carry_out(self.command, args, actor, call)
        except ValidationError as wrong:
            if wrong.title not in self._contracts:
                raise
            raise invalid(wrong.errors(include_url=False, include_input=False)) from None

    def _mac(self, said: bytes) -> bytes:
        """Of what a client chose, a key too: it may hold what is personal, and is kept for ever."""
        return hmac.digest(self._digest_key, said, hashlib.sha256)

    def _args(self, path: dict[str, str], body: bytes, headers: dict[bytes, bytes]) -> dict[str, Any]:
        if body and headers.get(b"content-type", b"").partition(b";")[0].strip().lower() != b"application/json":
            raise Problem(415, "MEDIA_TYPE_UNSUPPORTED", "a body is JSON: Content-Type: application/json")
        try:
            args = dict(self.shape.path.model_validate_strings(path).__dict__)
        except ValidationError as wrong:
            raise invalid(wrong.errors(include_url=False, include_input=False), partial(pointer, where="path")) from None
        try:
            return args | self.shape.body.model_validate_json(body or b"{}").__dict__
        except ValidationError as wrong:
            raise invalid(wrong.errors(include_url=False, include_input=False)) from None


def _key(headers: dict[bytes, bytes]) -> bytes:
    key = headers.get(b"idempotency-key")
    if key is None or not KEY.fullmatch(key):
        why = "is missing" if key is None else "is 8 to 200 visible ASCII characters"
        raise Problem(400, "IDEMPOTENCY_KEY_MISSING" if key is None else "IDEMPOTENCY_KEY_INVALID", f"the header Idempotency-Key {why}",
                      errors=[("header/Idempotency-Key", why)], next="send a key of your own for each request, and the same to ask again")
    return key


async def _body(receive: Receive) -> bytes:
    message: Message = await receive()
    if not message.get("more_body"):
        return bytes(message.get("body", b""))
    parts = [message.get("body", b"")]
    while message.get("more_body"):
        message = await receive()
        parts.append(message.get("body", b""))
    if message["type"] == "http.disconnect":
        raise Problem(400, "REQUEST_MALFORMED", "the request ended early")
    return b"".join(parts)


def invalid_codes(declared: Declared) -> frozenset[str]:
    """The codes of the words: they say that a value is not valid, whatever happened before."""
    return frozenset(code for check in declared.words.values() for code in refusals.codes(check))


class CommandRoute(Route):
    """Answered by its endpoint. The framework reads it only for the document, when that is asked for: it takes as long as all else."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.serve, self.roles = endpoint, endpoint.command.by
        super().__init__(endpoint.path, _never, methods=[endpoint.method], name=endpoint.operation)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] == self.serve.method:
            await self.serve(scope, receive, send)
        else:
            await super().handle(scope, receive, send)

    def documented(self) -> APIRoute:
        """As the framework knows a route, without its serialisers."""
        endpoint, command, declared = self.serve, self.serve.command, self.serve.service.declared
        codes = _codes(declared, command)
        words = tuple(sorted({code for word in endpoint.shape.words for code in refusals.codes(declared.words[word])}))
        route = APIRoute(endpoint.path, _documented(endpoint), methods=[endpoint.method], operation_id=endpoint.operation,
                         name=endpoint.operation, summary=command.decision.__name__.replace("_", " ").capitalize(),
                         status_code=201, response_model=Accepted, tags=[command.kind.name],
                         description=inspect.getdoc(command.decision) or "", response_description="Done",
                         responses={200: {"model": Accepted, "description": "Nothing to do: it was so already"}},
                         openapi_extra={"x-refusals": sorted({*codes, *words}), "x-parked": command.parked})
        route.roles = self.roles  # type: ignore[attr-defined]
        return route


def _never() -> None:
    raise AssertionError("commands are answered by their endpoint")


def _codes(declared: Declared, command: Command) -> set[str]:
    """What a command may be refused with: by its decision, by its looks, by the chassis."""
    found = {*refusals.codes(command.decision), *command.also_refuses, *(("CASE_PARKED",) if command.parked else ())}
    if declared.erases and any(private_fields(event) for event in command.kind.types):
        found.update(refusals.codes(refused))
    for argument in arguments(command.decision, declared.looks):
        if argument.fills == "look":
            found.update(refusals.codes(declared.looks[argument.hint]))
        elif argument.fills == "occurred":
            found.update(refusals.codes(Executor._occurred))
            found.update(refusals.codes(Executor._not_too_old) if declared.backdating else ())
    return found


def _documented(endpoint: Endpoint) -> Any:
    """A function that is never called, with the signature that the framework reads."""

    def documented() -> None:
        _never()

    def arg(name: str, hint: Any) -> inspect.Parameter:
        return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=hint)

    shape = endpoint.shape
    path = [arg(name, Annotated[(field.annotation, *field.metadata)] if field.metadata else field.annotation)
            for name, field in shape.path.model_fields.items()]
    body = [arg("body", shape.body)] if shape.body.model_fields else []
    key = arg("idempotency_key", Annotated[str, Header(alias="Idempotency-Key", min_length=8, max_length=200,
                                                       description="Yours, one a request; the same again answers the same again")])
    documented.__signature__ = inspect.Signature([*path, *body, key])  # type: ignore[attr-defined]
    documented.__name__ = endpoint.operation
    return documented
