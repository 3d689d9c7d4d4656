"""Row 6: bytes a second of a whole bundle by `verify.py`, bare, from its start to its answer; against SHA-256 over the same bytes."""
from __future__ import annotations

import asyncio
import hashlib
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

from evidence.bundles import END, header, read, told_again

from bench.facts import SCENARIOS
from bench.place import Place
from bench.row import Ratio, Sizes, paired
from percorso.connect import embedded
from percorso.data import open_data
from percorso.evidence import export
from percorso.scenario.histories import programmes
from percorso.scenario.player import Player
from reporting.bundle.assembled import verifier

MIB = 1 << 20


async def measure(place: Place, sizes: Sizes) -> Ratio:
    """A bundle in which a played case happened again and again; trails, figures and totals are all there."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        bundle = _large(await _bundle(folder, sizes.case), folder / "large.tar", sizes.bundle)
        program = folder / "verify.py"
        program.write_text(verifier(), "utf-8")
        pairs = await paired(sizes.rounds, lambda: asyncio.to_thread(_ours, program, bundle), lambda: asyncio.to_thread(_theirs, bundle))
        return Ratio("a bundle by verify.py", "MiB/s", 0.15, pairs, {"bytes": bundle.stat().st_size})


async def _bundle(folder: Path, case: str) -> Path:
    async with embedded(open_data(folder / "data")) as suite:
        played = await Player(suite, SCENARIOS / case, uuid.uuid4()).run()
        headers = suite.headers("AUDITOR", "AUTORITA_DI_AUDIT", "bench", played.tenant)
        await export(suite, {"programme_id": programmes(played)[0]}, headers, folder / "bundle.tar")
    return folder / "bundle.tar"


def _large(bundle: Path, file: Path, times: int) -> Path:
    with file.open("wb") as out:
        for name, data in told_again(read(bundle), times):
            out.write(header(name, len(data)) + data + bytes(-len(data) % 512))
        out.write(END)
    return file


def _ours(program: Path, bundle: Path) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-I", "-S", str(program), str(bundle)], env={}, check=True, stdout=subprocess.DEVNULL)
    return bundle.stat().st_size / MIB / (time.perf_counter() - began)


def _theirs(bundle: Path) -> float:
    began, digest = time.perf_counter(), hashlib.sha256()
    with bundle.open("rb") as file:
        while part := file.read(MIB):
            digest.update(part)
    return bundle.stat().st_size / MIB / (time.perf_counter() - began)
