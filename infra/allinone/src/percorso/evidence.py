"""Bundles of evidence: taken from a running suite, checked, put on record."""
from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from percorso.errors import Sorry
from percorso.scenario.histories import programmes
from percorso.scenario.player import Played
from percorso.suite import PATIENCE_S, Suite, no_of, path_of
from reporting.bundle.assembled import verifier
from reporting.verifier.container import members
from reporting.verifier.fault import Fault
from reporting.verifier.manifest import Bundle
from reporting.verifier.whole import verify


async def export(suite: Suite, about: Mapping[str, str], headers: Mapping[str, str], file: Path) -> list[str]:
    """Write a bundle to a file, check it, and record that it was exported; what the verifier says of it.

    `about`: programme_id, and `from` and `to` where it is of a period. `Sorry` where it does not come whole; nothing is recorded then,
    and nothing stays in the file's place.
    """
    part = file.with_name(f"{file.name}.part")
    try:
        await _fetch(suite, about, headers, part)
        said = await asyncio.to_thread(verify, str(part), jobs=1)
        await _record(suite, about, headers, Bundle(str(part)))
        part.replace(file)
    except Fault as fault:
        raise Sorry(f"The bundle is not whole as it came ({fault}): nothing was recorded, and {file} was not written.") from None
    except OSError as wrong:
        raise Sorry(f"{file} cannot be written: {wrong.strerror}.") from None
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
    return said


async def prove(suite: Suite, played: Played, folder: Path) -> list[str]:
    """Export the bundle of what was played, have Python alone check it, and a copy with one byte changed; what it said.

    `Sorry` where it does not tell the one from the other.
    """
    programme, bundle = programmes(played)[0], folder / "bundle.tar"
    headers = suite.headers("AUDITOR", "AUTORITA_DI_AUDIT", "percorso-demo", played.tenant)
    await export(suite, {"programme_id": programme}, headers, bundle)
    alone, copy = folder / "verify.py", folder / "changed.tar"
    alone.write_text(verifier(), "utf-8")
    copy.write_bytes(_one_byte_changed(bundle))
    found = await asyncio.gather(*(asyncio.to_thread(_by_python_alone, alone, file) for file in (bundle, copy)))
    if [code for code, _ in found] != [0, 1]:
        raise Sorry(f"The verifier does not tell a bundle from a changed one: {found[0][1]} {found[1][1]}")
    whole, changed = ([line.strip() for line in said.splitlines()] for _, said in found)
    return ["", f"[bold]The evidence bundle of programme {programme}[/bold], checked by Python alone, without an environment; then a copy "
            "with one byte changed", "", f"  python3 -I -S verify.py {bundle.name}   {'; '.join(whole[:1] + whole[2:4])}",
            f"  python3 -I -S verify.py {copy.name}  {changed[0]}"]


def _one_byte_changed(bundle: Path) -> bytes:
    """Of an amount that a fact says."""
    found = members(str(bundle))
    name = next(name for name in found if name.startswith("trails/stipend/") and "/own-" in name)
    data = bytearray(bundle.read_bytes())
    at = data.index(b'"amount_cents":', found[name].offset) + len(b'"amount_cents":')
    data[at] = ord("9") if data[at] != ord("9") else ord("8")
    return bytes(data)


def _by_python_alone(program: Path, bundle: Path) -> tuple[int, str]:
    done = subprocess.run([sys.executable, "-I", "-S", str(program), str(bundle)], env={}, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


async def _fetch(suite: Suite, about: Mapping[str, str], headers: Mapping[str, str], file: Path) -> None:
    operation = await suite.operation("reporting", "bundle")
    url = suite.urls["reporting"] + path_of(operation, about)
    period = {name: about[name] for name in ("from", "to") if name in about}
    try:
        async with suite.http.stream(operation.method.upper(), url, params=period, headers=dict(headers), timeout=PATIENCE_S) as answer:
            if not answer.is_success:
                await answer.aread()
                raise Sorry(no_of(answer))
            with file.open("wb") as out:
                async for chunk in answer.aiter_raw():
                    out.write(chunk)
    except httpx.TransportError as wrong:
        raise Sorry(f"The bundle ended in the middle ({type(wrong).__name__}): is the suite at {url} still up?") from wrong


async def _record(suite: Suite, about: Mapping[str, str], headers: Mapping[str, str], bundle: Bundle) -> None:
    """`exportEvidence`: root hash and heads."""
    manifest: dict[str, Any] = bundle.manifest
    said = {"root_hash": bundle.root, "facts": manifest["facts"], "basis": manifest["heads"]}
    said |= {name: manifest[of] for name, of in (("since", "from"), ("until", "to")) if manifest.get(of)}
    await suite.read("reporting", "exportEvidence", {"programme_id": about["programme_id"], "export_id": str(uuid4()), **said},
                     {**headers, "Idempotency-Key": str(uuid4())})
