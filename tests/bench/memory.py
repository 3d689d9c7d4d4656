"""Row 5: what a service holds in memory when it has started and nothing happens (RSS); and the five in one process."""
from __future__ import annotations

import asyncio
import base64
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
from servers.server import free_port

from bench.place import Place
from bench.row import Size, Sizes
from chassis.issuer import Issuer
from chassis.service import migrate
from chassis.settings import Settings
from percorso.host import declared

MASTER, ACTOR = (base64.b64encode(letter * 32).decode() for letter in (b"m", b"a"))
PATIENCE_S = 60


async def services(place: Place, sizes: Sizes) -> Size:
    """Each as its own process over PostgreSQL and Kafka, started as a container starts it."""
    await asyncio.to_thread(place.topics, *sizes.services)
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        key = Path(folder) / "issuer.pem"
        Issuer.at(key)
        started: dict[str, tuple[int, int]] = {}
        for name in sizes.services:
            url, port = stack.enter_context(place.database()), free_port()
            env = {"PERCORSO_DATABASE_URL": url, "PERCORSO_BUS": f"kafka://{place.kafka}", "PERCORSO_PORT": str(port),
                   "PERCORSO_MASTER_KEY": MASTER, "PERCORSO_SEAL_KEY": MASTER,
                   "PERCORSO_ACTOR_KEY": ACTOR, "PERCORSO_ISSUER_KEY_FILE": str(key)}
            migrate(declared(name), Settings.load(name, env))
            started[name] = stack.enter_context(process([sys.executable, "-m", name, "serve"], env)), port
        return Size("idle memory of a service", 130, await _idle(started, sizes))


async def all_in_one(place: Place, sizes: Sizes) -> Size:
    """The five in one process over SQLite files, as `make run` starts them."""
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        command = [sys.executable, "-m", "percorso", "run", "--data", folder, "--port", str(port)]
        with process(command, {}) as pid:
            return Size("idle memory of the all-in-one", 260, await _idle({"all-in-one": (pid, port)}, sizes))


@contextmanager
def process(command: list[str], env: Mapping[str, str]) -> Iterator[int]:
    with subprocess.Popen(command, env={"PATH": os.environ["PATH"], **env}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as made:
        try:
            yield made.pid
        finally:
            made.terminate()


async def _idle(started: Mapping[str, tuple[int, int]], sizes: Sizes) -> dict[str, float]:
    async with httpx.AsyncClient() as http:
        for _, port in started.values():
            await asyncio.wait_for(ready(http, f"http://127.0.0.1:{port}/health/ready"), PATIENCE_S)
    await asyncio.sleep(sizes.idle_seconds)
    return {name: resident_mib(pid) for name, (pid, _) in started.items()}


async def ready(http: httpx.AsyncClient, url: str) -> None:
    while True:
        try:
            if (await http.get(url)).is_success:
                return
        except httpx.HTTPError:
            pass
        await asyncio.sleep(0.1)


def resident_mib(pid: int) -> float:
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found, "a process that runs has a resident size"
    return int(found[1]) / 1024
