"""What an operator looks at: health, metrics, logs."""
from __future__ import annotations

import json
import re
import time
from collections.abc import Iterable
from typing import Any

import httpx

from compose.play import Play, named_in
from compose.stack import SERVERS, Stack, Wrong, health
from percorso.suite import SERVICES

SAMPLE = re.compile(r"^(\w+)(?:\{(.*)\})? ([-+.\deE]+|NaN)$")
LABEL = re.compile(r'(\w+)="([^"]*)"')
IN_A_LINE = {"at", "level", "service", "logger", "message"}
Sample = tuple[str, dict[str, str], float]
MEASURED_S = 40.0
AT_REST = ("relay_lag", "parked", "reactions", "deadlines", "views_behind", "halted")


def is_healthy(stack: Stack) -> str:
    """The engine calls all of them healthy, by checks of their own; what they publish is on loopback only."""
    found = stack.containers()
    for service in (*SERVERS, *SERVICES):
        container = found[service]
        if health(container) != "healthy":
            raise Wrong(f"{service} is {health(container)}")
        published = [at for ports in (container["NetworkSettings"]["Ports"] or {}).values() for at in ports or ()]
        if any(at["HostIp"] != "127.0.0.1" for at in published) or (service in SERVERS and published):
            raise Wrong(f"{service} is published at {published}")
    return f"{len(SERVERS) + len(SERVICES)} containers; 5 ports, of loopback"


def answers(stack: Stack) -> str:
    """Each service says that it lives and is ready, and who asks without a token learns nothing else."""
    for service, url in stack.urls().items():
        for path, expected in (("/health/live", 200), ("/health/ready", 200), ("/metrics", 200), ("/openapi.json", 200), ("/status", 401)):
            if (came := httpx.get(url + path, timeout=10).status_code) != expected:
                raise Wrong(f"{service} answers {came} to {path}, not {expected}")
    return "/health/live, /health/ready, /metrics; /status only with a token"


def counts(stack: Stack, play: Play) -> str:
    """After a scenario: nothing lags, nothing is parked; commits and refusals were counted, by code."""
    groups = lags = 0
    for service, url in stack.urls().items():
        found = _at_rest(service, url)
        groups += int(_only(found, service, "percorso_group_size_count"))
        lags += len(_lag(found))
        refusals = {labels["code"]: value for name, labels, value in found if name == "percorso_refusals_total"}
        for (where, code), times in play.refused.items():
            if where == service and refusals.get(code, 0) < times:
                raise Wrong(f"{service} refused {code} {times} times, and counts {refusals.get(code, 0)}")
    return f"{groups} commits by size, lag of {lags} partitions, {len(play.refused)} refusals by code"


def _at_rest(service: str, url: str) -> list[Sample]:
    """The samples once the service shows no lag: it looks at the ends of the topics every quarter of a minute."""
    end = time.monotonic() + MEASURED_S
    while True:
        found = samples(httpx.get(f"{url}/metrics", timeout=10).text)
        lag = _lag(found)
        if lag and not any(lag.values()):
            break
        if time.monotonic() > end:
            raise Wrong(f"{service} shows a consumer lag of {lag or 'nothing'}")
        time.sleep(0.5)
    for name in AT_REST:
        if value := _only(found, service, f"percorso_{name}"):
            raise Wrong(f"{service} rests with {name} = {value}")
    return found


def _lag(found: list[Sample]) -> dict[tuple[str, ...], float]:
    return {tuple(labels.values()): value for name, labels, value in found if name == "percorso_consumer_lag"}


def samples(text: str) -> list[Sample]:
    """(name, labels, value) of each line of the text format."""
    found = (SAMPLE.match(line) for line in text.splitlines())
    return [(one[1], dict(LABEL.findall(one[2] or "")), float(one[3])) for one in found if one]


def _only(found: list[Sample], service: str, name: str) -> float:
    values = [value for one, labels, value in found if one == name and not labels]
    if len(values) != 1:
        raise Wrong(f"{service} has no {name} in its metrics")
    return values[0]


def logs_json(stack: Stack, personal: Iterable[str], correlation: dict[str, str]) -> str:
    """A JSON object a line; nobody's name, tax code or account in any log; a request is found by its correlation id."""
    lines = 0
    for service in SERVICES:
        said = stack.logs(service)
        objects = [_object(service, line) for line in said.splitlines()]
        lines += len(objects)
        if not any(one.get("correlation") == correlation[service] for one in objects):
            raise Wrong(f"the log of {service} has no line with the correlation id that an answer of it carried")
    for service in (*SERVICES, *SERVERS):
        if named := named_in(stack.logs(service), personal):
            raise Wrong(f"{named}, is in the log of {service}")
    return f"{lines} lines of 5 services; servers' logs too"


def _object(service: str, line: str) -> dict[str, Any]:
    try:
        one = json.loads(line)
    except ValueError:
        raise Wrong(f"{service} logs a line that is not JSON: {line[:120]}") from None
    if not isinstance(one, dict) or not set(one) >= IN_A_LINE or one["service"] != service:
        raise Wrong(f"{service} logs a line that lacks one of {', '.join(sorted(IN_A_LINE))}, or names another service: {line[:120]}")
    return one
