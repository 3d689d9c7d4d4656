"""`percorso demo`: one whole case through five services, what came of it; a restart, the views rebuilt; the proof of it."""
from __future__ import annotations

import asyncio
import shutil
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

from percorso import showing
from percorso.commands import trail
from percorso.connect import embedded
from percorso.data import Data, open_data
from percorso.errors import Sorry
from percorso.evidence import prove
from percorso.rebuilding import rebuild_views
from percorso.scenario.file import load
from percorso.scenario.histories import cases, programmes, told
from percorso.scenario.player import Played
from percorso.scenario.watched import watched
from percorso.screen import screen
from percorso.suite import Suite
from percorso.trails.asking import each_service

CASE = Path("tests/scenarios/case-002.yaml")
FOLDER = Path(".percorso/demo")


async def demonstrate(case: Path | None) -> None:
    """Play, show, stop, start again, compare, rebuild. `Sorry` where something differs."""
    began, file = time.monotonic(), case or worked_case()
    load(file)
    data = _fresh(FOLDER)
    async with embedded(data) as suite:
        screen.print(f"[bold]Five services in this process, over SQLite files in {FOLDER}; {file.name} is played over HTTP.[/bold]")
        played = await watched(suite, file, uuid4())
        screen.print(f"{played.title}: {played.steps} steps in {time.monotonic() - began:.1f} s, {played.refused} of them refused, "
                     "as they must be.")
        await _show(suite, played)
        before = await told(suite, played)
        await _seal(suite, played)
    again = time.monotonic()
    async with embedded(data) as suite:
        _compare(before, await told(suite, played))
        screen.print(f"\n[bold]Stopped, and started again from its files[/bold] in {time.monotonic() - again:.1f} s: the histories of "
                     f"{len(cases(played))} cases are the same, fact for fact.")
        if not await rebuild_views(suite, played.tenant):
            raise Sorry("The views that were there differ from those rebuilt of the archive.")
        proven = await prove(suite, played, FOLDER)
    screen.print("\n[bold]The trails, computed again over the stored bytes[/bold]\n")
    await asyncio.to_thread(trail.verify, FOLDER)
    screen.print("\n".join(proven))
    _next(played, time.monotonic() - began)


def worked_case() -> Path:
    """Case 002, of the checkout one is in, else of the one this is installed from."""
    for root in (Path(), *Path(__file__).resolve().parents):
        if (root / CASE).exists():
            return root / CASE
    raise Sorry(f"The demo plays {CASE} of a checkout of Percorso, and there is none here: say a scenario, `percorso demo FILE`.")


def _fresh(folder: Path) -> Data:
    """The folder of a demo, without what an earlier one left."""
    if (folder / "keys").is_dir():
        if at := open_data(folder).suite():
            raise Sorry(f"A suite runs over {folder}, at {at}: stop it first.")
        shutil.rmtree(folder)
    return open_data(folder)


async def _show(suite: Suite, played: Played) -> None:
    headers = suite.headers("AUDITOR", "AUTORITA_DI_AUDIT", "percorso-demo", played.tenant)
    case, programme = cases(played)[0], programmes(played)[0]
    lines = await suite.rows("reporting", "caseHistory", {"case_id": case}, headers)
    screen.print(f"\n[bold]The history of case {case}[/bold]: {len(lines)} facts of {len({line['source'] for line in lines})} services\n")
    screen.print("\n".join(showing.timeline(lines, showing.own_lang())), markup=False)
    screen.print("\n[bold]What was paid, and why[/bold]\n")
    paid = [line for line in await suite.rows("reporting", "programmeLedger", {"programme_id": programme}, headers)
            if line["case"] == case]
    screen.print(showing.ledger(paid))
    of = {"programme_id": programme}
    commitments = [row for row in await suite.rows("reporting", "commitments", of, headers) if _pays(row, case)]
    counted = [row for row in await suite.rows("reporting", "participations", of, headers) if row["case"] == case]
    screen.print(f"\n[bold]Figures[/bold]\n\n{showing.total(showing.totals(paid))} By {showing.policies(paid)}.")
    for row in commitments:
        screen.print(f"Commitment {row['act_no']} of {showing.euro(row['amount_cents'])}: {showing.euro(row['left_cents'])} left.")
    for row in counted:
        screen.print(f"The participation counts for {', '.join(row['codes'])}.")


async def _seal(suite: Suite, played: Played) -> None:
    headers = suite.headers("AUDITOR", "AUTORITA_DI_AUDIT", "percorso-demo", played.tenant)
    sealed = [one for one in await each_service(suite, "sealTrails", headers) if "heads" in one]
    await suite.status(headers, rest=30)
    screen.print(f"\nSealed: {sum(len(one['heads']) for one in sealed)} trails of {len(sealed)} services, each seal signed and kept by the "
                 "other four.")


def _pays(commitment: dict[str, Any], case: str) -> bool:
    return any(one["case"] == case for one in commitment["entitlements"])


def _compare(before: dict[str, list[Any]], after: dict[str, list[Any]]) -> None:
    for name, lines in before.items():
        if after[name] != lines:
            raise Sorry(f"After the restart the history of {name} is another.")


def _next(played: Played, took: float) -> None:
    at = f"--data {FOLDER}"
    screen.print(f"\nAll of it took {took:.1f} s. Next, with what is in {FOLDER}:\n"
                 f"  percorso trail verify {at}\n"
                 f"  percorso run {at}\n"
                 "and in another terminal\n"
                 f"  percorso history {cases(played)[0]} {at}\n"
                 f"  percorso ledger {programmes(played)[0]} {at}\n"
                 f"  percorso figures {programmes(played)[0]} {at}\n"
                 f"  percorso bundle export --programme {programmes(played)[0]} {at} bundle.tar")
