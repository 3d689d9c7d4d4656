"""A real service as a process of its own, over HTTP: `python -m <service> serve | api | migrate`."""
from __future__ import annotations

import asyncio
import base64
import importlib
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from servers.server import free_port

from chassis.bus import Record
from chassis.bus_local import LocalBus
from chassis.declare import Declared
from chassis.issuer import Issuer
from chassis.service import build
from chassis.settings import Settings

KEY = base64.b64encode(b"k" * 32).decode()


class Served:
    """What is asked of one process."""

    def __init__(self, process: subprocess.Popen[bytes], client: httpx.Client, issuer: Issuer) -> None:
        self._process, self.client, self._issuer = process, client, issuer
        self._many = httpx.AsyncClient(base_url=client.base_url, timeout=60, limits=httpx.Limits(max_connections=32))

    def headers(self, role: str, key: str = "", sub: str = "") -> dict[str, str]:
        token = self._issuer.mint(role=role, tenant="bari", org="comune-bari", sub=sub or role)
        return {"authorization": f"Bearer {token}", "idempotency-key": key or str(uuid4())}

    def posts(self, path: str, role: str, key: str = "", **body: Any) -> httpx.Response:
        return self.client.post(path, json=body, headers=self.headers(role, key))

    async def close(self) -> None:
        """To be awaited where something was asked."""
        await self._many.aclose()

    async def asks(self, path: str, role: str, key: str = "", sub: str = "", **body: Any) -> httpx.Response:
        """The same, many at a time."""
        return await self._many.post(path, json=body, headers=self.headers(role, key, sub))

    def reads(self, path: str, role: str = "AUDITOR") -> httpx.Response:
        return self.client.get(path, headers=self.headers(role))

    def ready(self) -> bool:
        return self._health() == 200

    def refuses(self) -> bool:
        return self._health() == 503

    def _health(self) -> int:
        """0 until it listens."""
        assert self._process.poll() is None, "it has ended"
        with suppress(httpx.TransportError):
            return self.client.get("/health/ready").status_code
        return 0

    def settled(self) -> bool:
        """Nothing of its own is still to be spoken, heard or shown."""
        status = self.reads("/status").json()
        own = {part: at for part, at in status["heard"].get(status["service"], status["spoken"]).items() if at}
        return (status["log"], own, status["views"]["behind"]) == (status["relayed"], status["spoken"], 0)


class Deployed:
    """A service's settings, as the environment gives them."""

    def __init__(self, service: str, database_url: str, bus: str, folder: Path) -> None:
        self.service, self._folder = service, folder
        self.declared: Declared = importlib.import_module(f"{service}.service").DECLARED
        said = {"DATABASE_URL": database_url, "BUS": bus, "MASTER_KEY": KEY, "ACTOR_KEY": KEY, "SEAL_KEY": KEY,
                "ISSUER_KEY_FILE": str(folder / "issuer.pem"), "LOG_LEVEL": "WARNING", "PEERS": '{"intake": "http://127.0.0.1:1"}'}
        self.env = {**os.environ, **{f"PERCORSO_{name}": value for name, value in said.items()}}

    def migrating(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "-m", self.service, "migrate"], env=self.env)

    def operator(self, *command: str) -> str:
        """What `percorso …` says, run beside the service by who may reach its database."""
        done = subprocess.run([sys.executable, "-m", "percorso", *command], env=self.env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def hear(self, records: Sequence[Record]) -> None:
        """Put facts of other services into its database, through its own hearing; nothing of it may run. A local bus gets its topics."""
        service = build(self.declared, Settings.load(self.service, self.env))
        if isinstance(service.bus, LocalBus):
            service.bus.create(*service.hearing.topics)
        service.hearing.prepare()
        service.hearing.take(records)
        assert not service.hearing.stopped
        asyncio.run(service.stop())

    @contextmanager
    def running(self, part: str = "serve") -> Iterator[Served]:
        """A process of it; asked to end at the end, and it does so well."""
        port = free_port()
        with (self._folder / f"{self.service}-{port}.log").open("wb") as log:
            process = subprocess.Popen([sys.executable, "-m", self.service, part], env={**self.env, "PERCORSO_PORT": str(port)},
                                       stdout=log, stderr=log)
        try:
            at = f"http://127.0.0.1:{port}"
            with httpx.Client(base_url=at, timeout=30) as client:
                yield Served(process, client, Issuer.at(self._folder / "issuer.pem"))
        finally:
            process.terminate()
            ended = process.wait(30)
        assert ended == 0, Path(log.name).read_text()[-3000:]
