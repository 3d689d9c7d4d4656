"""The suite under docker compose: commands to it, what is known of its containers, where its services are."""
from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx

from percorso.suite import SERVICES

ROOT = Path(__file__).parents[2]
SERVERS = ("kafka", "postgres")
ONCE = ("topics", *(f"{service}-migrate" for service in SERVICES))
PATIENCE_S = 90.0


class Wrong(Exception):
    """Something is not as a deployment promises; its text says what."""


def said(*command: str, given: str | None = None) -> str:
    """What a command prints. `Wrong` if it fails, with the last lines of what it said."""
    done = subprocess.run(command, cwd=ROOT, input=given, capture_output=True, text=True, timeout=600, check=False)
    if done.returncode:
        last = "\n".join((done.stderr or done.stdout).strip().splitlines()[-25:])
        raise Wrong(f"`{' '.join(command[:6])}` ends with {done.returncode}:\n{last}")
    return done.stdout


class Stack:
    """One project of docker compose; its name, ports, secrets and images are in the environment (`tests/compose/run`)."""

    def __init__(self) -> None:
        self.secrets = Path(os.environ["PERCORSO_SECRETS"])
        self.version = os.environ["PERCORSO_VERSION"]
        self.lost: dict[str, str] = {}
        """The logs of containers that were taken down, by service."""

    def compose(self, *words: str, given: str | None = None) -> str:
        return said("docker", "compose", *words, given=given)

    def up(self, *words: str) -> None:
        self.compose("up", "--detach", "--wait", "--wait-timeout", "180", *words)

    def down(self, *words: str) -> None:
        """Containers and network go; volumes stay, unless it is said."""
        self.lost = {service: self.logs(service) for service in (*SERVERS, *ONCE, *SERVICES)}
        self.compose("down", "--timeout", "10", *words)

    def stop(self, *services: str) -> None:
        """By the engine: Compose would begin with what a service depends on, and make its tables once more."""
        found = self.containers()
        said("docker", "stop", *(found[service]["Id"] for service in services))

    def start(self, *services: str) -> None:
        """And wait until they are healthy."""
        self.begin(*services)
        self.healthy(services)

    def begin(self, *services: str) -> None:
        found = self.containers()
        said("docker", "start", *(found[service]["Id"] for service in services))

    def alive(self, services: Sequence[str]) -> None:
        """Wait until they answer at all."""
        end = time.monotonic() + PATIENCE_S
        while silent := [service for service in services if not _answers(self.url(service))]:
            if time.monotonic() > end:
                raise Wrong(f"{', '.join(silent)}: no answer within {PATIENCE_S:.0f} s")
            time.sleep(0.2)

    def image(self, service: str) -> str:
        return f"percorso/{service}:{self.version}"

    def containers(self) -> dict[str, dict[str, Any]]:
        """What the engine knows of each service's container."""
        ids = self.compose("ps", "--all", "--quiet").split()
        found = [json.loads(line) for line in said("docker", "inspect", "--format", "{{json .}}", *ids).splitlines()] if ids else []
        return {one["Config"]["Labels"]["com.docker.compose.service"]: one for one in found}

    def container(self, service: str) -> dict[str, Any]:
        """`Wrong` if it has none."""
        if service not in (found := self.containers()):
            raise Wrong(f"{service} has no container")
        return found[service]

    def logs(self, service: str) -> str:
        """All that a service's containers have said, of those taken down too."""
        now = self.containers().get(service)
        said_now = subprocess.run(("docker", "logs", now["Id"]), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                  check=False).stdout if now else ""
        return self.lost.get(service, "") + said_now

    def python(self, service: str, script: str, given: Any = None) -> Any:
        """What a script prints as JSON, run in a service's container with what was `given` in a variable of that name."""
        text = f"given = {given!r}\n{script}"
        return json.loads(self.compose("exec", "-T", service, "python", "-", given=text))

    def url(self, service: str) -> str:
        return self.urls([service])[service]

    def urls(self, services: Sequence[str] = SERVICES) -> dict[str, str]:
        found = self.containers()
        return {service: f"http://127.0.0.1:{_port(service, found)}" for service in services}

    def healthy(self, services: Sequence[str]) -> None:
        """Wait until the engine calls them healthy."""
        end = time.monotonic() + PATIENCE_S
        while ill := [service for service, one in self.containers().items() if service in services and health(one) != "healthy"]:
            if time.monotonic() > end:
                raise Wrong(f"{', '.join(ill)}: not healthy within {PATIENCE_S:.0f} s")
            time.sleep(0.2)


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health/live", timeout=2).is_success
    except httpx.TransportError:
        return False


def health(container: dict[str, Any]) -> str:
    found: str = container["State"].get("Health", {}).get("Status", "without a health check")
    return found


def _port(service: str, found: dict[str, dict[str, Any]]) -> str:
    published = (found.get(service, {}).get("NetworkSettings", {}).get("Ports") or {}).get("8000/tcp") or []
    if len(published) != 1:
        raise Wrong(f"{service} is published at {published}")
    port: str = published[0]["HostPort"]
    return port
