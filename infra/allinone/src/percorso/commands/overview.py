"""What programme managers and auditors look over: `caseload`, `agenda`, `budget`, `access-log`."""
from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Annotated, Any, TypeVar
from uuid import UUID

import typer

from percorso import overviews, showing
from percorso.commands.options import DATA, AsJson, BaseUrls, DataFolder, IssuerKey, Org, Role, Tenant
from percorso.connect import running_suite
from percorso.errors import Sorry
from percorso.scenario.player import client
from percorso.screen import screen
from percorso.suite import Suite

ORG, AUDITOR = "AUTORITA_DI_AUDIT", "AUDITOR"
T = TypeVar("T")
Headers = Mapping[str, str]
Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"])]
Instant = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%dT%H:%M:%S", "%Y-%m-%d"], help="An instant (UTC), included.")]
Programme = Annotated[str, typer.Option("--programme", help="A programme, such as 002. Default: all.")]
Case = Annotated[UUID | None, typer.Option("--case", help="The case's id.")]


def add_to(app: typer.Typer) -> None:
    app.command()(caseload)
    app.command()(agenda)
    app.command()(budget)
    app.command("access-log")(access_log)


def caseload(
    manager: Annotated[str, typer.Option("--manager", help="A case manager's operator id, or UNASSIGNED.")] = "",
    programme: Programme = "",
    stage: Annotated[list[str], typer.Option("--stage", help="REFERRED … INTERNSHIP … CLOSED; may be given again.")] = [],  # noqa: B006
    case: Case = None,
    counts: Annotated[bool, typer.Option("--counts", help="How many cases each manager has, by stage.")] = False,
    on: Day = None,
    as_json: AsJson = False,
    role: Role = AUDITOR,
    org: Org = ORG,
    tenant: Tenant = "bari",
    data: DataFolder = DATA,
    base_url: BaseUrls = [],  # noqa: B006 (typer reads it)
    issuer_key: IssuerKey = None,
) -> None:
    """Where each case stands: who manages it, its stage, what is to be done, what is due next."""
    fields = _said(case_manager=manager, programme_id=programme, stage=stage, case_id=case, on=on)
    operation, fields = ("caseloadManagers", _said(case_manager=manager)) if counts else ("caseload", fields)
    said = _ask(lambda suite, headers: _whole(suite, operation, fields, headers), data, base_url, issuer_key, (role, org, tenant))
    if as_json:
        return _json(said)
    if not said["items"]:
        return screen.print("No such case is known.")
    screen.print(overviews.managers(said["items"]) if counts else overviews.caseload(said["items"]))
    if not counts:
        screen.print(f"\n{len(said['items'])} cases. Complete: {', '.join(showing.complete(said['complete']))}.")


def agenda(
    state: Annotated[str, typer.Option("--state", help="OPEN, COMING, PASSED, DONE, ALL.")] = "OPEN",
    due_from: Day = None,
    due_until: Day = None,
    for_role: Annotated[str, typer.Option("--for", help="What falls to this role, such as CASE_MANAGER.")] = "",
    programme: Programme = "",
    case: Case = None,
    on: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="As of this date. Default: today in Rome.")] = None,
    as_json: AsJson = False,
    role: Role = AUDITOR,
    org: Org = ORG,
    tenant: Tenant = "bari",
    data: DataFolder = DATA,
    base_url: BaseUrls = [],  # noqa: B006 (typer reads it)
    issuer_key: IssuerKey = None,
) -> None:
    """What falls due when: tasks, ends, expiries, terms; what has passed and is still open."""
    fields = _said(state=state, due_from=due_from, due_until=due_until, role=for_role, programme_id=programme, case_id=case, on=on)
    said = _ask(lambda suite, headers: _whole(suite, "agenda", fields, headers), data, base_url, issuer_key, (role, org, tenant))
    if as_json:
        return _json(said)
    if not said["items"]:
        return screen.print(f"Nothing falls due, as of {said['on']}.")
    screen.print(overviews.agenda(said["items"]))
    passed = sum(row["passed"] for row in said["items"])
    screen.print(f"\n{len(said['items'])} dates as of {said['on']}, {passed} of them passed and still open.")


def budget(
    programme: Annotated[str, typer.Argument(help="A programme, such as 002.")],
    as_json: AsJson = False,
    role: Role = AUDITOR,
    org: Org = ORG,
    tenant: Tenant = "bari",
    data: DataFolder = DATA,
    base_url: BaseUrls = [],  # noqa: B006 (typer reads it)
    issuer_key: IssuerKey = None,
) -> None:
    """A programme's commitments: admitted, binding, disbursed, still to come, economies, remaining."""
    fields = {"programme_id": programme}
    said = _ask(lambda suite, headers: _whole(suite, "programmeBudget", fields, headers), data, base_url, issuer_key, (role, org, tenant))
    if as_json:
        return _json(said)
    screen.print(overviews.budget(said["items"]))
    screen.print()
    screen.print(overviews.sources(said["by_source"]))
    screen.print(f"\n{said['totals']['commitments']} commitments; amounts in EUR. "
                 "Admitted = disbursed + unpaid + to come + economies + remaining. --json names the facts.")


def access_log(
    case: Case = None,
    reader: Annotated[UUID | None, typer.Option("--reader", help="The reader's operator id.")] = None,
    read_from: Instant = None,
    read_until: Instant = None,
    as_json: AsJson = False,
    role: Role = "DPO",
    org: Org = "COMUNE",
    tenant: Tenant = "bari",
    data: DataFolder = DATA,
    base_url: BaseUrls = [],  # noqa: B006 (typer reads it)
    issuer_key: IssuerKey = None,
) -> None:
    """Who read histories, identities and accounts: the logs of reporting, intake and stipend as one, oldest first."""
    period = _said(reader=reader, read_from=read_from, read_until=read_until)

    async def read(suite: Suite, headers: Headers) -> list[dict[str, Any]]:
        subject, entitlements = await _people(suite, case, headers) if case else (None, [None])
        found = [*_called("history", "case_id", await suite.rows("reporting", "accessLog", period | _said(case_id=case), headers))]
        if subject is not None or case is None:
            of = period | _said(subject_id=subject)
            found += _called("identity", "subject_id", await _all(suite, "intake", "listReadings", of, headers))
        for one in entitlements:
            of = period | _said(entitlement_id=one)
            found += _called("account", "entitlement_id", await _all(suite, "stipend", "listAccountReadings", of, headers))
        return sorted(found, key=lambda row: (row["read_at"], row["reading_id"]))

    said = _ask(read, data, base_url, issuer_key, (role, org, tenant))
    if as_json:
        return _json({"items": said})
    if not said:
        return screen.print("Nobody has read any of it.")
    screen.print(overviews.readings(said))
    screen.print(f"\n{len(said)} readings.")


async def _people(suite: Suite, case: UUID, headers: Headers) -> tuple[str | None, list[str | None]]:
    """The person and the entitlements of a case."""
    rows = await suite.rows("reporting", "caseload", {"case_id": str(case)}, headers)
    if not rows:
        raise Sorry(f"No fact of a case {case} is known.")
    return rows[0].get("subject"), list(rows[0].get("entitlement_ids", ()))


async def _all(suite: Suite, service: str, operation: str, fields: dict[str, Any], headers: Headers) -> list[dict[str, Any]]:
    """All pages of a log whose pages go on `after` a reading."""
    rows: list[dict[str, Any]] = []
    after = ""
    while True:
        said = await suite.read(service, operation, fields | _said(after=after), headers)
        rows += said["items"]
        if not (after := said.get("next", "")):
            return rows


def _called(what: str, about: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row | {"what": what, "of": row[about]} for row in rows]


def _said(**fields: Any) -> dict[str, Any]:
    """What was given, as it is sent: instants in UTC, dates where a date is meant."""
    instants = ("read_from", "read_until")
    return {name: (value.isoformat() + "Z" if name in instants else value.date().isoformat()) if isinstance(value, datetime) else
            str(value) if isinstance(value, UUID) else value for name, value in fields.items() if value}


def _ask(read: Callable[[Suite, Headers], Awaitable[T]], data: DataFolder, base_url: BaseUrls, issuer_key: IssuerKey,
         who: tuple[str, str, str]) -> T:
    """What the suite answers to someone in a role of an organisation of a tenant."""
    async def go() -> T:
        async with client() as http:
            suite = running_suite(data, base_url, issuer_key, http)
            role, org, tenant = who
            return await read(suite, suite.headers(role, org, "percorso-overview", tenant))

    return asyncio.run(go())


async def _whole(suite: Suite, operation: str, fields: dict[str, Any], headers: Headers) -> dict[str, Any]:
    """The first page, with the rows of all."""
    first: dict[str, Any] = await suite.read("reporting", operation, fields, headers)
    cursor = first.pop("next", None)
    while cursor:
        page = await suite.read("reporting", operation, fields | {"cursor": cursor}, headers)
        first["items"] += page["items"]
        cursor = page.get("next")
    return first


def _json(said: Any) -> None:
    sys.stdout.write(json.dumps(said, indent=2, ensure_ascii=False) + "\n")
