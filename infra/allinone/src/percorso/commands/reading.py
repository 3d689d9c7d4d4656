"""What is known: `history CASE`, `ledger`, `figures`."""
from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Annotated, Any, TypeVar
from uuid import UUID

import typer

from percorso import showing
from percorso.commands.options import DATA, AsJson, BaseUrls, DataFolder, IssuerKey, Org, Role, Tenant
from percorso.connect import running_suite
from percorso.scenario.player import client
from percorso.screen import screen
from percorso.suite import Suite

ORG, AUDITOR = "AUTORITA_DI_AUDIT", "AUDITOR"
LANG = showing.own_lang()
Language = Annotated[showing.Lang, typer.Option("--lang", help="Italian or English.")]
T = TypeVar("T")
Headers = Mapping[str, str]


def add_to(app: typer.Typer) -> None:
    app.command()(history)
    app.command()(ledger)
    app.command()(figures)


def history(
    case: Annotated[UUID, typer.Argument(help="The case's id.")],
    compact: Annotated[bool, typer.Option("--compact", help="One row a day.")] = False,
    occurred_until: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="What was true on this date.")] = None,
    recorded_until: Annotated[datetime | None, typer.Option(
        formats=["%Y-%m-%dT%H:%M:%S", "%Y-%m-%d"], help="What was known at this instant (UTC).")] = None,
    lang: Language = LANG,
    as_json: AsJson = False,
    role: Role = AUDITOR,
    org: Org = ORG,
    tenant: Tenant = "bari",
    data: DataFolder = DATA,
    base_url: BaseUrls = [],  # noqa: B006 (typer reads it)
    issuer_key: IssuerKey = None,
) -> None:
    """The history of a case, from all five services. That you read it is recorded."""
    fields = {"case_id": str(case)}
    if occurred_until:
        fields["occurred_until"] = occurred_until.date().isoformat()
    if recorded_until:
        fields["recorded_until"] = recorded_until.isoformat() + "Z"
    said = _ask(lambda suite, headers: _whole(suite, "caseHistory", fields, headers), data, base_url, issuer_key, (role, org, tenant))
    if as_json:
        return _json(said)
    lines = said["items"]
    if not lines:
        return screen.print("Nothing of this case had happened, or was known, by then.")
    if compact:
        screen.print("\n".join(showing.timeline(lines, lang)), markup=False)
    else:
        screen.print(showing.history(lines, lang))
    cited = sum(bool(line.get("cited")) for line in lines)
    screen.print(f"\n{len(lines)} facts, {cited} of them of no case and cited by it (*). Complete: "
                 f"{', '.join(showing.complete(said['complete']))}.")
    if said.get("parked"):
        screen.print(f"PARKED: {said['parked']}. What comes after it is not shown yet: see `percorso parked list --service reporting`.")


def ledger(
    about: Annotated[str, typer.Argument(help="A programme, or a case by its id. Default: all of the tenant.")] = "",
    as_json: AsJson = False,
    role: Role = AUDITOR,
    org: Org = ORG,
    tenant: Tenant = "bari",
    data: DataFolder = DATA,
    base_url: BaseUrls = [],  # noqa: B006 (typer reads it)
    issuer_key: IssuerKey = None,
) -> None:
    """The payments of a programme or a case, each with what explains its amount."""

    async def read(suite: Suite, headers: Headers) -> dict[str, Any]:
        if about and not _is_id(about):
            return await _whole(suite, "programmeLedger", {"programme_id": about}, headers)
        said = await _whole(suite, "ledger", {}, headers)
        if about:
            said["items"] = [line for line in said["items"] if line["case"] == str(UUID(about))]
            said["totals"] = showing.totals(said["items"])
        return said

    said = _ask(read, data, base_url, issuer_key, (role, org, tenant))
    if as_json:
        return _json(said)
    if not said["items"]:
        return screen.print(f"Nothing was accrued or paid yet{f' of {about}' if about else ''}.")
    screen.print(showing.ledger(said["items"]))
    screen.print(f"\n{showing.total(said['totals'])} By {showing.policies(said['items'])}. --json names the facts behind each figure.")


def figures(
    programme: Annotated[str, typer.Argument(help="A programme, such as 002.")],
    every: Annotated[bool, typer.Option("--all", help="Indicators that are zero too.")] = False,
    lang: Language = LANG,
    as_json: AsJson = False,
    role: Role = AUDITOR,
    org: Org = ORG,
    tenant: Tenant = "bari",
    data: DataFolder = DATA,
    base_url: BaseUrls = [],  # noqa: B006 (typer reads it)
    issuer_key: IssuerKey = None,
) -> None:
    """What came of a programme: paid, left of its commitments, indicators."""

    async def read(suite: Suite, headers: Headers) -> dict[str, Any]:
        of = {"programme_id": programme}
        return {"ledger": (await suite.read("reporting", "programmeLedger", of, headers))["totals"],
                "commitments": await suite.rows("reporting", "commitments", of, headers),
                "indicators": await suite.read("reporting", "indicators", of, headers)}

    said = _ask(read, data, base_url, issuer_key, (role, org, tenant))
    if as_json:
        return _json(said)
    screen.print(f"Payments: {showing.total(said['ledger'])}\n")
    if said["commitments"]:
        screen.print(showing.commitments(said["commitments"]))
    items = said["indicators"]["items"]
    screen.print(f"\n{said['indicators']['participations']} participations, catalogue {said['indicators']['catalogue_version']}.\n")
    if every or any(row["total"] for row in items):
        screen.print(showing.indicators(items, lang, every=every))
    else:
        screen.print("No indicator counts anyone yet; --all shows them.")


def _ask(read: Callable[[Suite, Headers], Awaitable[T]], data: DataFolder, base_url: BaseUrls, issuer_key: IssuerKey,
         who: tuple[str, str, str]) -> T:
    """What the suite answers to someone in a role of an organisation of a tenant."""
    async def go() -> T:
        async with client() as http:
            suite = running_suite(data, base_url, issuer_key, http)
            role, org, tenant = who
            return await read(suite, suite.headers(role, org, "percorso-reading", tenant))

    return asyncio.run(go())


async def _whole(suite: Suite, operation: str, fields: dict[str, str], headers: Headers) -> dict[str, Any]:
    """The first page, with the rows of all."""
    first: dict[str, Any] = await suite.read("reporting", operation, fields, headers)
    if first.pop("next", None):
        first["items"] = await suite.rows("reporting", operation, fields, headers)
    return first


def _json(said: Any) -> None:
    sys.stdout.write(json.dumps(said, indent=2, ensure_ascii=False) + "\n")


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
