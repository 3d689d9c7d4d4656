"""Row 2: HTTP commands a second of one worker and 32 connections: same route, same token check, same web; the library's save behind."""
from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from bench import pad
from bench.append import CALLERS, NOTES, notes
from bench.place import Place
from bench.row import Ratio, Sizes, paired
from chassis.issuer import Issuer

SERVING = Path(__file__).parents[1]


async def measure(place: Place, sizes: Sizes) -> Ratio:
    with tempfile.TemporaryDirectory() as folder, place.database() as url:
        key = Path(folder) / "issuer.pem"
        token = Issuer.at(key).mint(role="CLERK", tenant="bari", org="desk-1", sub="bench", operator=pad.ACTOR.user)
        with worker("ours", url, key) as ours, worker("library", url, key) as theirs:
            pairs = await paired(sizes.rounds, lambda: load(ours, token, sizes.requests),
                                 lambda: load(theirs, token, sizes.baseline_requests))
    return Ratio(f"HTTP command, {CALLERS} connections", "commands/s", 3, pairs)


@contextmanager
def worker(which: str, url: str, key: Path) -> Iterator[int]:
    """A process that serves on loopback; its port."""
    with subprocess.Popen([sys.executable, "-m", "bench.serving", which, url, str(key)], stdout=subprocess.PIPE, text=True,
                          env={"PYTHONPATH": str(SERVING)}) as process:
        assert process.stdout is not None
        port = process.stdout.readline().strip()
        try:
            if not port:
                raise RuntimeError(f"the worker `{which}` did not start")
            yield int(port)
        finally:
            process.terminate()


async def load(port: int, token: str, requests: int) -> float:
    """Requests a second over as many connections, kept open, one request after another on each: whole pads of one person."""
    asked = [[request(token, note) for note in notes(requests // NOTES)] for _ in range(CALLERS)]
    clients = [await asyncio.open_connection("127.0.0.1", port) for _ in range(CALLERS)]
    begun = time.perf_counter()
    await asyncio.gather(*(one_after_another(*client, some) for client, some in zip(clients, asked, strict=True)))
    rate = CALLERS * requests / (time.perf_counter() - begun)
    for _, writer in clients:
        writer.close()
    return rate


def request(token: str, note: dict[str, object]) -> bytes:
    pad_id, note_id = note.pop("pad_id"), note.pop("note_id")
    body = json.dumps(note, default=str).encode()
    head = {"Host": "bench", "Authorization": f"Bearer {token}", "Idempotency-Key": str(uuid4()), "Content-Type": "application/json",
            "Content-Length": str(len(body))}
    lines = [f"POST /pads/{pad_id}/notes/{note_id} HTTP/1.1", *(f"{name}: {value}" for name, value in head.items()), "", ""]
    return "\r\n".join(lines).encode() + body


async def one_after_another(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, requests: list[bytes]) -> None:
    for one in requests:
        writer.write(one)
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        body = await reader.readexactly(length)
        if not head.startswith(b"HTTP/1.1 201"):
            raise RuntimeError(f"not taken: {head[:40]!r} {body[:300]!r}")
