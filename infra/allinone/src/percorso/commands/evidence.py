"""Proof: `explain LINE`, `bundle export | verifier`."""
from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from percorso.commands.options import DATA, AsJson, BaseUrls, DataFolder, IssuerKey, Org, Role, Tenant
from percorso.connect import running_suite
from percorso.errors import Sorry
from percorso.evidence import export
from percorso.scenario.player import client
from percorso.screen import screen
from percorso.showing import euro
from reporting.bundle.assembled import verifier

ORG, AUDITOR = "AUTORITA_DI_AUDIT", "AUDITOR"
DAY = ["%Y-%m-%d"]
bundle = typer.Typer(no_args_is_help=True, help="The evidence bundle of a programme, and what checks it.")


def add_to(app: typer.Typer) -> None:
    app.command()(explain)


def explain(
    line: Annotated[str, typer.Argument(help="An EndToEndId, order or accrual, as `ledger` shows them; with --programme an indicator.")],
    programme: Annotated[str, typer.Option("--programme", help="LINE is the code of an indicator of this programme.")] = "",
    as_json: AsJson = False,
    role: Role = AUDITOR,
    org: Org = ORG,
    tenant: Tenant = "bari",
    data: DataFolder = DATA,
    base_url: BaseUrls = [],  # noqa: B006 (typer reads it)
    issuer_key: IssuerKey = None,
) -> None:
    """What a payment, an adjustment or an indicator comes from: recomputed from its facts alone. Ends with 1 if it is not equal."""

    async def go() -> dict[str, Any]:
        async with client() as http:
            suite = running_suite(data, base_url, issuer_key, http)
            headers = suite.headers(role, org, "percorso-evidence", tenant)
            operation, fields = ("explainIndicator", {"programme_id": programme, "code": line}) if programme else (
                "explainLine", {"line": line})
            found: dict[str, Any] = await suite.read("reporting", operation, fields, headers)
            return found

    said = asyncio.run(go())
    if as_json:
        sys.stdout.write(json.dumps(said, indent=2, ensure_ascii=False) + "\n")
    else:
        screen.print("\n".join(_indicator(said) if programme else _line(said)), markup=False)
    if not all(one["equal"] for one in ([said] if programme else said["amounts"])):
        raise typer.Exit(1)


def _line(said: Mapping[str, Any]) -> Iterator[str]:
    row, act = said["line"], said["act"]
    yield (f"{row.get('end_to_end_id') or row.get('accrual_id')}: period {row.get('period')}, {row.get('starts')} – {row.get('ends')}, "
           f"{row.get('status')}")
    for one in said["amounts"]:
        equal = "equal" if one["equal"] else f"NOT EXPLAINED: {one['why'] or 'its facts come to ' + str(one['recomputed'])}"
        yield f"  {one['name']:<13} {euro(one['shown']):>10}  = {one['formula']}  ({equal})"
    yield f"  rounding      {said['amounts'][0]['rounding']}" if said["amounts"] else "  no amount"
    yield f"  rules         {row.get('policyref')}, {row.get('rule', row.get('reason'))}"
    yield f"  act           {act.get('act_no', '–')}, approved by {act.get('approved_by', '–')} on {act.get('approved_on', '–')}"
    yield f"  order         {act.get('mandate_no', '–')}, issued by {act.get('issued_by', '–')}"
    yield "  facts"
    for fact in said["facts"]:
        yield f"    {fact['occurred']}  {fact['fact']:<18} {fact['en']}"


def _indicator(said: Mapping[str, Any]) -> Iterator[str]:
    row = said["indicator"]
    equal = "equal" if said["equal"] else f"NOT EXPLAINED: its facts come to {said['recomputed']}"
    yield f"{row['code']} {row.get('title_en', '')}: {row['total']} ({equal})"
    for one in said["figures"]:
        about = ", ".join(f"{cite['field'].rpartition('/')[2]} {cite['value']}" for cite in one.get("cites", ()))
        yield f"  {one['about']}  {one['formula']}  ({about}){'' if one['equal'] else '  NOT EXPLAINED: ' + str(one['why'])}"


@bundle.command("export")
def export_bundle(
    file: Annotated[Path, typer.Argument(help="Where to write it.")],
    programme: Annotated[str, typer.Option("--programme", help="A programme, such as 002.")],
    since: Annotated[datetime | None, typer.Option("--from", formats=DAY, help="The first day of the period.")] = None,
    until: Annotated[datetime | None, typer.Option("--to", formats=DAY, help="Its last day.")] = None,
    role: Role = AUDITOR,
    org: Org = ORG,
    tenant: Tenant = "bari",
    data: DataFolder = DATA,
    base_url: BaseUrls = [],  # noqa: B006 (typer reads it)
    issuer_key: IssuerKey = None,
) -> None:
    """One file with all that proves a programme; it is checked, and that it was exported is recorded with its root hash."""
    about = {"programme_id": programme}
    about |= {name: day.date().isoformat() for name, day in (("from", since), ("to", until)) if day}

    async def go() -> list[str]:
        async with client() as http:
            suite = running_suite(data, base_url, issuer_key, http)
            return await export(suite, about, suite.headers(role, org, "percorso-evidence", tenant), file)

    said = asyncio.run(go())
    screen.print(f"{file}: whole\n" + "\n".join(f"  {one}" for one in said), markup=False)
    screen.print(f"\nAnybody checks it with Python alone: tar xf {file} verify.py && python3 -I verify.py {file}", markup=False)


@bundle.command("verifier")
def write_verifier(file: Annotated[Path, typer.Argument(help="Where to write it: verify.py.")]) -> None:
    """The verifier alone, so that an auditor can have it from another hand than the bundle."""
    try:
        file.write_text(verifier(), "utf-8")
    except OSError as wrong:
        raise Sorry(f"{file} cannot be written: {wrong.strerror}.") from None
    screen.print(f"{file}: python3 -I {file} BUNDLE", markup=False)
