"""A running suite, as a client sees it: where each service is, its operations by name, who asks."""
from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import httpx

from percorso.errors import Sorry

SERVICES = ("intake", "assessment", "placement", "stipend", "reporting")
METHODS = ("get", "post", "put", "delete", "patch")
PATIENCE_S = 30.0


@dataclass(frozen=True)
class Operation:
    """One operation of a service, from its OpenAPI document. `dates` are the body's dates that must be given."""

    service: str
    method: str
    path: str
    in_path: frozenset[str]
    in_query: frozenset[str]
    dates: tuple[str, ...]
    body: bool


@dataclass
class Suite:
    """`urls`: the base URL of each service. `whole`: that of an all-in-one, which answers for the five at once."""

    urls: Mapping[str, str]
    http: httpx.AsyncClient
    mint: Callable[[str, str, str, str], str]
    """A token for (role, org, sub, tenant)."""
    whole: str | None = None
    _tokens: dict[tuple[str, ...], str] = field(default_factory=dict)
    _operations: dict[str, dict[str, Operation]] = field(default_factory=dict)

    def headers(self, role: str, org: str, sub: str, tenant: str) -> dict[str, str]:
        key = (role, org, sub, tenant)
        if key not in self._tokens:
            self._tokens[key] = self.mint(*key)
        return {"Authorization": f"Bearer {self._tokens[key]}"}

    async def operation(self, service: str, operation_id: str) -> Operation:
        if service not in self.urls:
            raise Sorry(f"There is no service called {service}; there are {', '.join(self.urls)}.")
        if service not in self._operations:
            answer = await self.ask("GET", f"{self.urls[service]}/openapi.json")
            self._operations[service] = operations(service, answer.json())
        try:
            return self._operations[service][operation_id]
        except KeyError:
            near = ", ".join(sorted(self._operations[service]))
            raise Sorry(f"{service} has no operation {operation_id}; it has {near}.") from None

    async def ask(self, method: str, url: str, **request: Any) -> httpx.Response:
        """Ask, and again with the same request while the service says 503 with Retry-After, for up to 30 seconds."""
        waited = 0.0
        while True:
            try:
                answer = await self.http.request(method, url, **request)
            except httpx.TransportError as e:
                raise Sorry(f"Nothing answers at {url} ({type(e).__name__}). Is the suite running there?") from e
            pause = float(answer.headers.get("retry-after", 0)) if answer.status_code == 503 else 0.0
            if not pause or waited >= PATIENCE_S:
                return answer
            await asyncio.sleep(pause)
            waited += pause

    async def carry_out(self, operation: Operation, fields: Mapping[str, Any], headers: Mapping[str, str],
                        patience_s: float | None = PATIENCE_S) -> httpx.Response:
        """`fields` go where the operation takes them: path, query, or body."""
        path = path_of(operation, fields)
        query = {name: fields[name] for name in operation.in_query if name in fields}
        rest = {name: value for name, value in fields.items() if name not in operation.in_path and name not in operation.in_query}
        request: dict[str, Any] = {"params": query, "headers": dict(headers), "timeout": patience_s}
        if operation.body or rest:
            request["json"] = rest
        return await self.ask(operation.method.upper(), self.urls[operation.service] + path, **request)

    async def read(self, service: str, operation_id: str, fields: Mapping[str, Any], headers: Mapping[str, str],
                   patience_s: float | None = PATIENCE_S) -> Any:
        """What an operation answers; `Sorry` with the service's own words where it is a no."""
        answer = await self.carry_out(await self.operation(service, operation_id), fields, headers, patience_s)
        well(answer)
        return answer.json()

    async def rows(self, service: str, operation_id: str, fields: Mapping[str, Any], headers: Mapping[str, str]) -> list[Any]:
        """The rows of all pages of a read."""
        said = await self.read(service, operation_id, fields, headers)
        rows = list(said["items"])
        while said.get("next"):
            said = await self.read(service, operation_id, {**fields, "cursor": said["next"]}, headers)
            rows += said["items"]
        return rows

    async def status(self, headers: Mapping[str, str], *, rest: float = 0) -> dict[str, Any]:
        """The status of each service; of an all-in-one once it has come to rest, or after `rest` seconds."""
        if self.whole:
            answer = await self.ask("GET", f"{self.whole}/status", params={"rest": rest}, headers=headers, timeout=rest + PATIENCE_S)
            well(answer)
            whole: dict[str, Any] = answer.json()
            return whole
        answers = await asyncio.gather(*(self.ask("GET", f"{url}/status", headers=headers) for url in self.urls.values()))
        for answer in answers:
            well(answer)
        return {name: answer.json() for name, answer in zip(self.urls, answers, strict=True)}

    async def set_clock(self, now: str, headers: Mapping[str, str]) -> int:
        """Set every service's clock; how many deadlines fired. `ClockRefused` where a suite does not take a scenario's clock."""
        at = [self.whole] if self.whole else list(self.urls.values())
        answers = await asyncio.gather(*(self.ask("PUT", f"{url}/clock", json={"now": now}, headers=headers) for url in at))
        for answer in answers:
            if answer.status_code in (403, 404, 405, 409):
                raise ClockRefused
            well(answer)
        return sum(int(answer.json().get("fired", 0)) for answer in answers)


def path_of(operation: Operation, fields: Mapping[str, Any]) -> str:
    """Its path with these fields in it, whatever they hold: a dot is quoted too, since two of them alone would lead up."""
    path = operation.path
    for name in operation.in_path:
        if name not in fields:
            raise Sorry(f"{operation.method.upper()} {operation.path} needs {name}.")
        path = path.replace("{" + name + "}", quote(str(fields[name]), safe="", errors="surrogateescape").replace(".", "%2E"))
    return path


class ClockRefused(Exception):
    """This suite goes by its own clock."""


def well(answer: httpx.Response) -> None:
    """`Sorry` with the service's own words where an answer is a no."""
    if not answer.is_success:
        raise Sorry(no_of(answer))


def no_of(answer: httpx.Response) -> str:
    """A no in the service's own words: what was wrong, where, what to do next."""
    try:
        said = answer.json()
    except ValueError:
        said = None
    if not isinstance(said, Mapping) or "detail" not in said:
        return f"{answer.request.method} {answer.request.url} answers {answer.status_code}: {answer.text[:300]}"
    where = "".join(f"; {error.get('at')} {error.get('why')}" for error in said.get("errors", []))
    detail = str(said["detail"])
    return f"{detail[:1].upper()}{detail[1:]}{where} ({said.get('code')}){'; ' + said['next'] if said.get('next') else ''}."


def operations(service: str, document: Mapping[str, Any]) -> dict[str, Operation]:
    """The operations that a service's OpenAPI document names."""
    return {said["operationId"]: _operation(service, method, path, said, document)
            for path, methods in document["paths"].items() for method, said in methods.items()
            if method in METHODS and "operationId" in said}


def _operation(service: str, method: str, path: str, said: Mapping[str, Any], document: Mapping[str, Any]) -> Operation:
    taken: Sequence[Mapping[str, Any]] = said.get("parameters", [])
    schema = said.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    properties = schema.get("properties", {})
    return Operation(
        service, method, path,
        frozenset(p["name"] for p in taken if p["in"] == "path"), frozenset(p["name"] for p in taken if p["in"] == "query"),
        tuple(name for name in schema.get("required", []) if properties.get(name, {}).get("format") == "date"),
        bool(schema))
