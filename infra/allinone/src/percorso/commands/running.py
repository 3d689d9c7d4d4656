"""`run`: the suite stays up on loopback. `demo`: one whole case, from end to end. `token`: who one is."""
from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from fastapi import FastAPI

from chassis.run import listening, serve
from chassis.web.auth import FORMS
from percorso.commands.options import DATA, DataFolder, IssuerKey, Tenant
from percorso.data import Data, issuer_at, open_data
from percorso.demo import demonstrate
from percorso.errors import Sorry
from percorso.host import all_in_one
from percorso.screen import screen

PORT = 8800
EXAMPLES = {"role": "a code in capitals, such as CASE_MANAGER", "org": "a code, such as COMUNE_BARI",
            "tenant": "small letters and digits, such as bari"}


def add_to(app: typer.Typer) -> None:
    app.command()(run)
    app.command()(demo)
    app.command()(token)


def run(
    data: DataFolder = DATA,
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1.")] = PORT,
    scenario_clock: Annotated[bool, typer.Option(
        "--scenario-clock", help="Go by the clock of the scenarios that are played, not by this machine's.")] = False,
) -> None:
    """The five services in one process, until Ctrl-C; data is kept in a folder."""
    kept = open_data(data)
    if at_now := kept.suite():
        raise Sorry(f"A suite runs over {data} already, at {at_now}.")
    with listening("127.0.0.1", port) as at:
        app = all_in_one(kept, at.getsockname()[1], "scenario" if scenario_clock else "wall")
        _announce(app, kept, data, f"http://127.0.0.1:{at.getsockname()[1]}")
        asyncio.run(serve(app, at))


def _announce(app: FastAPI, kept: Data, data: Path, url: str) -> None:
    """Say where it is once it is up, and keep the address where the other commands look for it."""
    inner, more = app.router.lifespan_context, "" if data == DATA else f" --data {data}"

    @asynccontextmanager
    async def lifespan(this: FastAPI) -> AsyncIterator[Any]:
        async with inner(this) as state:
            kept.address_file.write_text(url + "\n")
            screen.print(f"[bold]Percorso is up at {url}[/bold], data in {kept.folder}. Ctrl-C stops it.\n\n"
                         f"Open next, in another terminal:\n"
                         f"  percorso programmes apply infra/programmes/002.yaml{more}   load a programme\n"
                         f"  percorso token --role CASE_MANAGER{more}                    a token to call the services with\n"
                         f"  {url}/intake/openapi.json                        what a service can do\n")
            try:
                yield state
            finally:
                kept.address_file.unlink(missing_ok=True)

    app.router.lifespan_context = lifespan


def demo(
    case: Annotated[Path | None, typer.Argument(help="A scenario to play. Default: case 002.", show_default=False)] = None,
) -> None:
    """One whole case through five services, embedded: timeline, ledger, figures; a restart; the views rebuilt."""
    asyncio.run(demonstrate(case))


def token(
    role: Annotated[str, typer.Option(help="A role code, such as CASE_MANAGER or AUDITOR.")],
    org: Annotated[str, typer.Option(help="The organisation's code.")] = "COMUNE",
    sub: Annotated[str, typer.Option(help="Who it is: one operator a name.")] = "",
    tenant: Tenant = "bari",
    hours: Annotated[float, typer.Option(min=0.01, max=24 * 31, help="How long it holds.")] = 12,
    data: DataFolder = DATA,
    issuer_key: IssuerKey = None,
) -> None:
    """A bearer token of the suite's own issuer."""
    if issuer_key and not issuer_key.exists():
        raise Sorry(f"There is no issuer's key at {issuer_key}.")
    for form, said in (("role", role), ("org", org), ("tenant", tenant)):
        if not FORMS[form].fullmatch(said):
            raise Sorry(f"{said!r} cannot be a token's {form}: {EXAMPLES[form]}.")
    issuer = issuer_at(issuer_key) if issuer_key else open_data(data, make=False).issuer()
    minted = issuer.mint(role=role, tenant=tenant, org=org, sub=sub or os.environ.get("USER", "operator"), ttl=hours * 3600)
    screen.print(minted, markup=False)
