"""`scenario FILE`: plays a scenario. `programmes apply FILE`: loads a programme's configuration."""
from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated
from uuid import UUID, uuid4

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from percorso.commands.options import DATA, BaseUrls, DataFolder, IssuerKey, Tenant, screen
from percorso.connect import running_suite
from percorso.programmes import apply
from percorso.scenario.file import Planned
from percorso.scenario.player import Played, Player, client
from percorso.suite import Suite

programmes = typer.Typer(no_args_is_help=True, help="Programmes: their configuration is data.")


def add_to(app: typer.Typer) -> None:
    app.command()(scenario)


def scenario(
    file: Annotated[Path, typer.Argument(help="A scenario (YAML).")],
    data: DataFolder = DATA,
    base_url: BaseUrls = [],  # noqa: B006 (typer reads it)
    issuer_key: IssuerKey = None,
    play: Annotated[UUID | None, typer.Option(help="Play under this id: the same id again repeats the same commands.")] = None,
    own_clock: Annotated[bool, typer.Option("--own-clock", help="The suite keeps its own clock; deadlines do not fire.")] = False,
) -> None:
    """Play a scenario against a running suite, and name the first step that differs."""

    async def go() -> Played:
        async with client() as http:
            suite = running_suite(data, base_url, issuer_key, http)
            return await play_with_progress(suite, file, play or uuid4(), clock=not own_clock)

    played = asyncio.run(go())
    screen.print(f"{file.name}: {played.steps} steps as expected, {played.facts} facts, {played.refused} refused as they should be.")


async def play_with_progress(suite: Suite, file: Path, play: UUID, *, clock: bool = True) -> Played:
    with Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
                  console=screen, transient=True) as progress:
        bar = progress.add_task("reading", total=None)

        def watch(planned: Planned, of: int) -> None:
            what = planned.step.do or "apply programme"
            progress.update(bar, description=f"{planned.on} {what:<44.44}", completed=planned.number - 1, total=of)

        return await Player(suite, file, play, clock=clock, watch=watch).run()


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
