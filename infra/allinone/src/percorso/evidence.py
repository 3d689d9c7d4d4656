"""Bundles of evidence: taken from a running suite, checked, put on record."""
from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from percorso.errors import Sorry
from percorso.suite import PATIENCE_S, Suite, no_of
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
        said = verify(str(part))
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


async def _fetch(suite: Suite, about: Mapping[str, str], headers: Mapping[str, str], file: Path) -> None:
    operation = await suite.operation("reporting", "bundle")
    url = suite.urls["reporting"] + operation.path.replace("{programme_id}", about["programme_id"])
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
