"""The five services as five processes, on Kafka and PostgreSQL: `python -m <service> serve`, a database each."""
from __future__ import annotations

import asyncio
import base64
import json
import os
import secrets
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from pathlib import Path

import httpx
from servers.server import free_port
from spine import until

from chassis.admin import KafkaAdmin
from percorso.commands.topics import wanted
from percorso.connect import minting
from percorso.scenario.player import client
from percorso.suite import SERVICES, Suite


@asynccontextmanager
async def five_processes(databases: Mapping[str, str], kafka: str, folder: Path) -> AsyncIterator[Suite]:
    """A suite by a scenario's clock, of services that share nothing but the bus and the issuer."""
    ports = {service: free_port() for service in SERVICES}
    common = _settings(kafka, folder, ports)
    environment = {service: {**common, "PERCORSO_DATABASE_URL": databases[service], "PERCORSO_PORT": str(ports[service]),
                             "PERCORSO_MASTER_KEY": _key(), "PERCORSO_SEAL_KEY": _key()} for service in SERVICES}
    await asyncio.to_thread(_provide, kafka, environment)
    with ExitStack() as processes:
        started = [processes.enter_context(_process(service, environment[service], folder)) for service in SERVICES]
        urls = {service: f"http://127.0.0.1:{port}" for service, port in ports.items()}
        await until(lambda: all(_ready(url) for url in urls.values()) or any(one.poll() is not None for one in started), 90)
        async with client() as http:
            yield Suite(urls, http, minting(folder / "issuer.pem"))


def _settings(kafka: str, folder: Path, ports: Mapping[str, int]) -> dict[str, str]:
    said = {"BUS": f"kafka://{kafka}", "ACTOR_KEY": _key(), "ISSUER_KEY_FILE": str(folder / "issuer.pem"), "CLOCK": "scenario",
            "LOG_LEVEL": "WARNING", "PEERS": json.dumps({"intake": f"http://127.0.0.1:{ports['intake']}"})}
    return {**os.environ, **{f"PERCORSO_{name}": value for name, value in said.items()}}


def _key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def _provide(kafka: str, environment: Mapping[str, Mapping[str, str]]) -> None:
    """The topics, and the tables of each service."""
    admin = KafkaAdmin([kafka])
    admin.apply(wanted(1))
    admin.close()
    migrating = [subprocess.Popen([sys.executable, "-m", service, "migrate"], env=dict(environment[service])) for service in SERVICES]
    assert [one.wait(60) for one in migrating] == [0] * len(SERVICES)


@contextmanager
def _process(service: str, environment: Mapping[str, str], folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Asked to end at the end, and it does so well."""
    log = folder / f"{service}.log"
    with log.open("wb") as out:
        process = subprocess.Popen([sys.executable, "-m", service, "serve"], env=dict(environment), stdout=out, stderr=out)
    try:
        yield process
    finally:
        process.terminate()
        ended = process.wait(30)
    assert ended == 0, log.read_text()[-3000:]


def _ready(url: str) -> bool:
    with suppress(httpx.TransportError):
        return httpx.get(f"{url}/health/ready", timeout=5).status_code == 200
    return False
