"""A data folder whose services sealed, to be verified and tampered with."""
from __future__ import annotations

import asyncio
import json
import shutil
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from percorso.__main__ import main
from percorso.connect import embedded
from percorso.data import open_data
from percorso.scenario.player import Player
from percorso.suite import Suite
from percorso.trails.asking import each_service

ROOT = Path(__file__).parents[3]
APPLIED = "  - {{on: 2024-07-01, as: reporter, apply: {programme}}}\n"
REFERRED = """  - on: 2024-09-09
    as: adi_team
    do: intake.receiveReferral
    with: {{referral_id: $referral_{n}, programme_id: "002", source: EEMM_ADI, protocol_no: SYN-{n}, declared_categories: [ADI_HOUSEHOLD],
           given_name: Anna, family_name: Rossini, tax_code: RSSNNA85T55X000W, birth_date: 1985-12-15, gender: F}}
"""
SCENARIO = """scenario: Referrals
tenant: bari
actors:
  reporter: {{role: REPORTING_OFFICER, org: COMUNE_BARI}}
  adi_team: {{role: CASE_MANAGER, org: EEMM_ADI}}
ids: [referral_1, referral_2]
steps:
"""


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder whose services sealed three times, with facts before, between and after."""
    data = open_data(tmp_path_factory.mktemp("whole"))

    async def go() -> None:
        async with embedded(data) as suite:
            for turn in range(4):
                await _played(suite, data.folder, first=turn == 0)
                if turn < 3:
                    await _sealed(suite)
            (data.folder / "heads.json").write_text(json.dumps(await _asked(suite, "trailStatus")))

    asyncio.run(go())
    return data.folder


async def _played(suite: Suite, folder: Path, *, first: bool) -> None:
    file = folder / "referrals.yaml"
    programme = APPLIED.format(programme=ROOT / "infra/programmes/002.yaml") if first else ""
    file.write_text(SCENARIO.format() + programme + "".join(REFERRED.format(n=n) for n in (1, 2)))
    await Player(suite, file, uuid.uuid4()).run()


async def _sealed(suite: Suite) -> None:
    await _asked(suite, "sealTrails")
    await suite.status(suite.headers("RP", "COMUNE", "test", "bari"), rest=30)


async def _asked(suite: Suite, operation: str) -> list[Any]:
    return await each_service(suite, operation, suite.headers("AUDITOR", "AUTORITA_DI_AUDIT", "test", "bari"))


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    """A copy, to be tampered with."""
    return Path(shutil.copytree(whole, tmp_path / "data"))


@pytest.fixture
def verify(capfd: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, dict[str, Any]]]:
    def run(*arguments: object) -> tuple[int, dict[str, Any]]:
        try:
            main(["trail", "verify", "--json", *map(str, arguments)])
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 0
        return code, json.loads(capfd.readouterr().out)

    return run
