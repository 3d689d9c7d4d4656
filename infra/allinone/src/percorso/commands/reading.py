"""What is known, now or as of any moment: `history CASE`, `ledger`, `figures`; and what changed between two: `diff`."""
from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any, TypeVar
from uuid import UUID

import typer

from percorso import showing
from percorso.asking import instant, moment_of, whole, whole_at
from percorso.commands.options import (
    DATA,
    AsJson,
    BaseUrls,
    Basis,
    DataFolder,
    FromBasis,
    IssuerKey,
    Org,
    RecordedAsOf,
    Role,
    Since,
    Tenant,
    To,
    TrueOn,
)
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
    app.command()(diff)


def history(
    case: Annotated[UUID, typer.Argument(help="The case's id.")],
    compact: Annotated[bool, typer.Option("--compact", help="One row a day.")] = False,
    recorded_as_of: RecordedAsOf = None,
    true_on: TrueOn = None,
    basis: Basis = "",
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
    fields = {"case_id": str(case), **moment_of(recorded_as_of, true_on, basis)}
    said = _ask(lambda suite, headers: whole(suite, "caseHistory", fields, headers), data, base_url, issuer_key, (role, org, tenant))
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
    recorded_as_of: RecordedAsOf = None,
    true_on: TrueOn = None,
    basis: Basis = "",
    as_json: AsJson = False,
    role: Role = AUDITOR,
    org: Org = ORG,
    tenant: Tenant = "bari",
    data: DataFolder = DATA,
    base_url: BaseUrls = [],  # noqa: B006 (typer reads it)
    issuer_key: IssuerKey = None,
) -> None:
    """The payments of a programme or a case, each with what explains its amount; what was adjusted later stands beside it."""
    at = moment_of(recorded_as_of, true_on, basis)

    async def read(suite: Suite, headers: Headers) -> dict[str, Any]:
        if _is_id(about):
            return await whole(suite, "caseLedger", {"case_id": about, **at}, headers)
        if about:
            return await whole_at(suite, "programmeLedger", {"programme_id": about, **at}, headers)
        return await whole(suite, "ledger", at, headers)

    said = _ask(read, data, base_url, issuer_key, (role, org, tenant))
    if as_json:
        return _json(said)
    if not said["items"]:
        return screen.print(f"Nothing was accrued or paid yet{f' of {about}' if about else ''}.")
    screen.print(showing.ledger(said["items"]))
    for sentence in showing.adjustments(said["items"]):
        screen.print(sentence, markup=False)
    screen.print(f"\n{showing.total(said['totals'])} By {showing.policies(said['items'])}. --json names the facts behind each figure.")
    screen.print(f"Complete: {', '.join(showing.complete(said['complete']))}.")


def figures(
    programme: Annotated[str, typer.Argument(help="A programme, such as 002.")],
    recorded_as_of: RecordedAsOf = None,
    true_on: TrueOn = None,
    basis: Basis = "",
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
    """What came of a programme: paid, left of its commitments, indicators. --json says its basis, by which the same is asked again."""
    at = moment_of(recorded_as_of, true_on, basis)

    async def read(suite: Suite, headers: Headers) -> dict[str, Any]:
        counted = await whole_at(suite, "indicators", {"programme_id": programme, **at}, headers)
        of = {"programme_id": programme, **({"basis": counted["basis_token"]} if at else {})}  # of a moment, all from the same facts
        return {"ledger": (await whole_at(suite, "programmeLedger", {**of, "limit": "1"}, headers, pages=False))["totals"],
                "commitments": await suite.rows("reporting", "commitments", of, headers), "indicators": counted}

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
    screen.print(f"\nComplete: {', '.join(showing.complete(said['indicators']['complete']))}.")


def diff(
    about: Annotated[str, typer.Argument(help="A case by its id, or a programme.")],
    since: Since = None,
    to: To = None,
    from_basis: FromBasis = "",
    true_on: TrueOn = None,
    lang: Language = LANG,
    as_json: AsJson = False,
    role: Role = AUDITOR,
    org: Org = ORG,
    tenant: Tenant = "bari",
    data: DataFolder = DATA,
    base_url: BaseUrls = [],  # noqa: B006 (typer reads it)
    issuer_key: IssuerKey = None,
) -> None:
    """What changed between two moments in what is known of a case or a programme, and the facts that changed it."""
    between = {"from": instant(since), "to": instant(to), "from_basis": from_basis, "true_on": true_on and true_on.date().isoformat()}
    fields = {name: value for name, value in between.items() if value}
    operation, which = ("caseDiff", "case_id") if _is_id(about) else ("programmeDiff", "programme_id")
    said = _ask(lambda suite, headers: whole(suite, operation, {which: about, **fields}, headers), data, base_url, issuer_key,
                (role, org, tenant))
    if as_json:
        return _json(said)
    for one in said.get("figures") or ():
        screen.print(f"{one['figure']}: {one['before']} → {one['after']}", markup=False)
    if said["items"]:
        screen.print(showing.changes(said["items"], lang))
    screen.print(f"\n{said['new_facts']} facts lie between. Complete: {', '.join(showing.complete(said['complete']))}.")


def _ask(read: Callable[[Suite, Headers], Awaitable[T]], data: DataFolder, base_url: BaseUrls, issuer_key: IssuerKey,
         who: tuple[str, str, str]) -> T:
    """What the suite answers to someone in a role of an organisation of a tenant."""
    async def go() -> T:
        async with client() as http:
            suite = running_suite(data, base_url, issuer_key, http)
            role, org, tenant = who
            return await read(suite, suite.headers(role, org, "percorso-reading", tenant))

    return asyncio.run(go())


def _json(said: Any) -> None:
    sys.stdout.write(json.dumps(said, indent=2, ensure_ascii=False) + "\n")


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
