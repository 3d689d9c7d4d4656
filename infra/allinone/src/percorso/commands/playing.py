"""`scenario FILE`: plays a scenario. `programmes apply FILE`: loads a programme's configuration."""
from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated
from uuid import UUID, uuid4

import typer

from percorso.commands.options import DATA, BaseUrls, DataFolder, IssuerKey, Tenant
from percorso.connect import running_suite
from percorso.programmes import apply
from percorso.scenario.player import Played, client
from percorso.scenario.watched import watched
from percorso.screen import screen

programmes = typer.Typer(no_args_is_help=True, help="Programmes: their configuration is data.")


def add_to(app: typer.Typer) -> None:
    app.command()(scenario)


def scenario(
    file: Annotated[Path, typer.Argument(help="A scenario (YAML).")],
    data: DataFolder = DATA,
    base_url: BaseUrls = [],  # noqa: B006 (typer reads it)
    issuer_key: IssuerKey = None,
    play: Annotated[UUID | None, typer.Option(help="Makes the ids and keys: what the same play sends again is answered as before.")] = None,
    own_clock: Annotated[bool, typer.Option("--own-clock", help="The suite keeps its own clock; deadlines do not fire.")] = False,
) -> None:
    """Play a scenario against a running suite, and name the first step that differs."""

    async def go() -> Played:
        async with client() as http:
            suite = running_suite(data, base_url, issuer_key, http)
            return await watched(suite, file, play or uuid4(), clock=not own_clock)

    played = asyncio.run(go())
    screen.print(f"{file.name}: {played.steps} steps as expected, {played.facts} facts, {played.refused} refused as they should be.")


@programmes.command("apply")
def apply_programme(
    file: Annotated[Path, typer.Argument(help="A programme (YAML), as in infra/programmes.")],
    data: DataFolder = DATA,
    base_url: BaseUrls = [],  # noqa: B006 (typer reads it)
    issuer_key: IssuerKey = None,
    tenant: Tenant = "bari",
) -> None:
    """Load a programme, or a new version of one: all of it or, where something is wrong, nothing."""

    async def go() -> str:
        async with client() as http:
            suite = running_suite(data, base_url, issuer_key, http)
            headers = suite.headers("REPORTING_OFFICER", "COMUNE", "percorso-programmes", tenant)
            return await apply(file, suite.urls["reporting"], headers, http)

    screen.print(asyncio.run(go()))
