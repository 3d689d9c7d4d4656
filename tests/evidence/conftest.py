"""The worked case of Bari, played once; its bundles, and what explains its figures."""
from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from scenarios import CASE_002

from evidence.bundles import Files, read
from percorso.connect import embedded
from percorso.data import open_data
from percorso.errors import Sorry
from percorso.evidence import export
from percorso.scenario.player import Player
from percorso.suite import Suite
from reporting.verifier.manifest import Bundle

LINES = ("002-A1-1", "002-A4-1", "002-A6-1")
CODES = ("EECO01", "EECO03", "EECR02")
FORGED: Mapping[str, Mapping[str, Any]] = {
    "a hash": {"head": "0" * 64}, "a number": {"number": 9999}, "an incarnation": {"incarnation": 2},
    "a source": {"source": "elsewhere"}, "a programme": {"programme": "003"}}
"""What a head of the whole bundle is made to say that the archive's does not."""
PERIOD = {"from": "2025-02-01", "to": "2025-02-28"}


@dataclass
class Proof:
    """`whole`: the bundle of the programme; `month`: that of a month. What was read while the suite was up."""

    whole: Path
    month: Path
    said: list[str]
    lines: Mapping[str, Any]
    indicators: Mapping[str, Any]
    ledger: Mapping[str, Any]
    exports: list[Any]
    forged: Mapping[str, str]


@pytest.fixture(scope="session")
def proof(tmp_path_factory: pytest.TempPathFactory) -> Proof:
    folder = tmp_path_factory.mktemp("evidence")

    async def go() -> Proof:
        async with embedded(open_data(folder / "data")) as suite:
            played = await Player(suite, CASE_002, uuid4()).run()
            headers = suite.headers("AUDITOR", "AUTORITA_DI_AUDIT", "tests", played.tenant)
            about = {"programme_id": "002"}
            said = await export(suite, about, headers, folder / "whole.tar")
            await export(suite, about | PERIOD, headers, folder / "month.tar")
            await suite.status(headers, rest=10)
            trail = await suite.rows("reporting", "programmeTrail", about, headers)
            bundle = Bundle(str(folder / "whole.tar"))
            forged = {what: await _recorded(suite, bundle, {**bundle.manifest["heads"][0], **says}, headers)
                      for what, says in FORGED.items()}
            return Proof(
                folder / "whole.tar", folder / "month.tar", said,
                {line: await suite.read("reporting", "explainLine", {"line": line}, headers) for line in LINES},
                {code: await suite.read("reporting", "explainIndicator", {**about, "code": code}, headers) for code in CODES},
                await suite.read("reporting", "programmeLedger", about, headers),
                [line for line in trail if line["type"] == "reporting.AuditEvidenceExported.v1"], forged)

    return asyncio.run(go())


async def _recorded(suite: Suite, bundle: Bundle, head: Mapping[str, Any], headers: Mapping[str, str]) -> str:
    """What is answered to an export of this bundle that names another head in place of its first."""
    said = {"programme_id": "002", "export_id": str(uuid4()), "root_hash": bundle.root, "facts": bundle.manifest["facts"],
            "basis": [head, *bundle.manifest["heads"][1:]]}
    try:
        return str(await suite.read("reporting", "exportEvidence", said, {**headers, "Idempotency-Key": str(uuid4())}))
    except Sorry as no:
        return str(no)


@pytest.fixture
def files(proof: Proof) -> Files:
    return read(proof.whole)
