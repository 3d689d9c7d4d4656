"""Row 9: opening the history of a case over HTTP, with few and with many facts stored: the 99th percentile, in milliseconds."""
from __future__ import annotations

import asyncio
import random
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import httpx
from servers.server import free_port

from bench.memory import ACTOR, MASTER, process, ready
from bench.place import Place
from bench.rebuild import filled
from bench.row import Sizes, Tail
from chassis.database import Database
from chassis.issuer import Issuer
from reporting.rebuild import Rebuilds

ROUNDS = 10


async def measure(place: Place, sizes: Sizes) -> Tail:
    """Both services are there at once, and asked in turn."""
    times: tuple[list[float], list[float]] = ([], [])
    few, many = [await filled(place, sizes.case, facts) for facts in sizes.opened]
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        asked = [await _served(place, at, Path(folder), stack) for at in (few, many)]
        for _ in range(ROUNDS):
            for side, (client, cases) in enumerate(asked):
                times[side].extend([await _opened(client, random.choice(cases)) for _ in range(sizes.openings // ROUNDS)])
        for client, _ in asked:
            await client.aclose()
    return Tail("open a case history, p99", 1.3, 10, *times, {"facts": list(sizes.opened)})


async def _served(place: Place, at: tuple[str, Database], folder: Path, stack: ExitStack) -> tuple[httpx.AsyncClient, list[str]]:
    (url, database), port, key = at, free_port(), folder / "issuer.pem"
    await asyncio.to_thread(Rebuilds(database).run)
    with database.reading() as tx:
        tenant = tx.execute("SELECT tenant FROM archive WHERE case_id IS NOT NULL LIMIT 1")[0]["tenant"]
        cases = [row["case_id"] for row in tx.execute(
            "SELECT DISTINCT case_id FROM archive WHERE tenant = %s AND case_id IS NOT NULL", (tenant,))]
    issuer = Issuer.at(key)
    stack.enter_context(process([sys.executable, "-m", "reporting", "api"], {
        "PERCORSO_DATABASE_URL": url, "PERCORSO_BUS": f"kafka://{place.kafka}", "PERCORSO_PORT": str(port), "PERCORSO_MASTER_KEY": MASTER,
        "PERCORSO_SEAL_KEY": MASTER,
        "PERCORSO_ACTOR_KEY": ACTOR, "PERCORSO_ISSUER_KEY_FILE": str(key)}))
    token = issuer.mint(role="AUDITOR", tenant=tenant, org="comune", sub="bench")
    client = httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers={"authorization": f"Bearer {token}"}, timeout=30)
    await asyncio.wait_for(ready(client, f"http://127.0.0.1:{port}/health/ready"), 60)
    for case in cases[:20]:
        await _opened(client, case)
    return client, cases


async def _opened(client: httpx.AsyncClient, case: str) -> float:
    begun = time.perf_counter()
    answer = await client.get(f"/cases/{case}/history")
    assert answer.status_code == 200, answer.text
    return (time.perf_counter() - begun) * 1000
