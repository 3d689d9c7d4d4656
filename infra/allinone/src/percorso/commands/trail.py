"""`trail status | seal | verify`: how far the trails are sealed, a seal now, and whether they are whole."""
from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from percorso.commands.options import DATA, AsJson, BaseUrls, DataFolder, IssuerKey, Org, Role, Tenant
from percorso.connect import running_suite
from percorso.errors import Sorry
from percorso.scenario.player import client
from percorso.screen import screen
from percorso.trails.asking import each_service
from percorso.trails.here import UNREAD, Here, stores_here, verified, verified_topics
from percorso.trails.outside import heads_in
from percorso.trails.verify import Asked, Result

trail = typer.Typer(no_args_is_help=True, help="The audit trails: their seals, and whether they are whole.")
PLACES = {"stores": ("log", "archive"), "log": ("log",), "archive": ("archive",), "topic": ("topic",), "kafka": ("topic",)}
Services = Annotated[list[str], typer.Option("--service", help="Only this service's database is at hand (may be said again).")]


def add_to(app: typer.Typer) -> None:
    app.add_typer(trail, name="trail")


@trail.command()
def status(
    data: DataFolder = DATA, base_url: BaseUrls = [], issuer_key: IssuerKey = None, tenant: Tenant = "bari",  # noqa: B006
    role: Role = "AUDITOR", org: Org = "AUTORITA_DI_AUDIT", as_json: AsJson = False,
) -> None:
    """Each source's trails: their last number and head, what the last seal does not cover yet, the seal and its key."""
    said = asyncio.run(_asked("trailStatus", data, base_url, issuer_key, (role, org, tenant)))
    if as_json:
        _json(said)
        return
    for one in said:
        seal = one["seal"]
        screen.print(f"[bold]{one['service']}[/bold], position {one['incarnation']}/{one['position']}: " + (
            f"seal {seal['number']} of {seal['recorded']} as of position {seal['position']}, key {seal['fingerprint']}, "
            f"{'with' if seal['timestamped'] else 'without'} a time stamp" if seal else "no seal yet"), highlight=False)
        table = Table("trail", "facts", "not sealed yet", "head")
        for at in one["trails"]:
            table.add_row(at["programme"] or "of none", str(at["number"]), str(at["unsealed"]), at["head"])
        screen.print(table)


@trail.command()
def seal(
    data: DataFolder = DATA, base_url: BaseUrls = [], issuer_key: IssuerKey = None, tenant: Tenant = "bari",  # noqa: B006
    role: Role = "AUDITOR", org: Org = "AUTORITA_DI_AUDIT", as_json: AsJson = False,
) -> None:
    """Each service seals its trails now. Keep what is printed, outside the house: up to these heads nothing can be changed unseen."""
    said = asyncio.run(_asked("sealTrails", data, base_url, issuer_key, (role, org, tenant)))
    if as_json:
        _json(said)
        return
    for one in said:
        if "seal_id" not in one:
            screen.print(f"{one['service']}: {one['detail']}", markup=False)
            continue
        screen.print(f"{one['service']}: seal {one['number']} {'made' if one['made'] else 'stands'}, as of position {one['position']}, key "
                     f"{one['fingerprint']}", markup=False, highlight=False)
        for head in one["heads"]:
            screen.print(f"  {head.get('programme') or 'none':<8} {head['number']:>8}  {head['head']}", markup=False, highlight=False)


@trail.command()
def verify(
    data: DataFolder = DATA,
    programme: Annotated[str | None, typer.Option("--programme", help="Only its trails, and those of none.")] = None,
    from_: Annotated[str, typer.Option(
        "--from", help="What is verified: `stores` (logs and archive), `log`, `archive`, `topic`.")] = "stores",
    against: Annotated[list[str], typer.Option(
        "--against", help="Besides the source's own seals: `seals` (that the other services keep), `archive` (its heads), or a FILE of "
        "heads held outside. May be said again. Default: seals and archive.")] = ["seals", "archive"],  # noqa: B006
    key: Annotated[list[str], typer.Option(
        "--key", help="A trusted public key, or its fingerprint. Default: the first one seen.")] = [],  # noqa: B006
    tsa_ca: Annotated[Path | None, typer.Option(
        "--tsa-ca", help="PEM: what the authority of the time stamps must lead to. Default: PERCORSO_TSA_CA_FILE.")] = None,
    service: Services = [],  # noqa: B006
    as_json: AsJson = False,
) -> None:
    """Compute every trail again over the stored bytes, and name the first fault of each: source, position, what. Ends with 1 if any."""
    if from_ not in PLACES:
        raise Sorry(f"--from is one of {', '.join(PLACES)}.")
    began = time.monotonic()
    with stores_here(data, service) as here:
        results = _verified(here, _what(here, against, key, programme, tsa_ca), PLACES[from_])
    lacking = _without(programme, results) if programme else []
    if lacking and set(lacking) == {one.source for one in results} and not any(one.faults for one in results):
        raise Sorry(f"No source has a trail of programme {programme}: none of it was verified. Is that how it is called?")
    _shown(results, time.monotonic() - began, as_json, lacking)
    if any(one.faults for one in results):
        raise typer.Exit(1)


def _what(here: Here, against: Sequence[str], keys: Sequence[str], programme: str | None, tsa_ca: Path | None) -> Asked:
    heads = {source: list(some) for source, some in (here.archived() if "archive" in against else {}).items()}
    for name in against:
        if name not in ("seals", "archive"):
            for source, some in heads_in(Path(name)).items():
                heads.setdefault(source, []).extend(some)
    return Asked(keys, here.kept() if "seals" in against else {}, heads, programme, here.roots(tsa_ca), here.witnesses)


def _verified(here: Here, asked: Asked, places: Sequence[str]) -> list[Result]:
    return asyncio.run(verified_topics(here, asked)) if "topic" in places else list(verified(here, asked, places))


def _without(programme: str, results: Sequence[Result]) -> list[str]:
    """The sources that nowhere hold a fact of a programme; whose database cannot be read may hold some."""
    having = {one.source for one in results if programme in one.programmes or one.place == UNREAD}
    return list(dict.fromkeys(one.source for one in results if one.source not in having))


def _shown(results: Sequence[Result], seconds: float, as_json: bool, lacking: Sequence[str]) -> None:
    whole = not any(one.faults for one in results)
    if as_json:
        _json({"whole": whole, "seconds": round(seconds, 3), "without_the_programme": lacking,
               "results": [one.said() for one in results]})
        return
    for one in results:
        first = one.faults[0].sentence() if one.faults else "whole"
        if one.faults and one.faults[0].what == "unreadable":
            screen.print(first, markup=False, highlight=False, soft_wrap=True)
            continue
        screen.print(f"{one.source}, {one.place}: {one.facts} facts of {one.trails} trails, {one.seals} seals ({one.held} copies kept by "
                     f"others agree){_stamps(one)}{', key ' + one.said()['fingerprint'] if one.key else ''}: {first}", markup=False,
                     highlight=False, soft_wrap=True)
        if len(one.faults) > 1:
            screen.print(f"  and {len(one.faults) - 1} more: --json lists them", markup=False)
    if lacking:
        screen.print(f"No trail of this programme: {', '.join(lacking)}.", markup=False)
    octets = sum(one.octets for one in results)
    screen.print(f"{sum(one.facts for one in results)} facts, {octets / 1e6:.1f} MB in {seconds:.1f} s. "
                 + ("All is whole, as far as seals and heads reach." if whole else "Not whole."), markup=False, highlight=False)


def _stamps(one: Result) -> str:
    if not one.stamps:
        return ""
    stamps = f", {one.stamps} time stamp{'s' if one.stamps > 1 else ''}"
    return stamps if one.authority else f"{stamps} (whose it is was not checked: say --tsa-ca FILE)"


async def _asked(operation: str, data: Path, base_url: Sequence[str], issuer_key: Path | None,
                 who: tuple[str, str, str]) -> list[dict[str, Any]]:
    async with client() as http:
        suite = running_suite(data, base_url, issuer_key, http)
        role, org, tenant = who
        return await each_service(suite, operation, suite.headers(role, org, "percorso-trail", tenant))


def _json(said: Any) -> None:
    sys.stdout.write(json.dumps(said, indent=2, ensure_ascii=False) + "\n")
