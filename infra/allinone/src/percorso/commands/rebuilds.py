"""`rebuild`: the views from the archive, the archive from the topics, the topics from the logs. `parity`: are they equal? `generate`."""
from __future__ import annotations

import asyncio
import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from chassis.service import migrate
from percorso.commands.options import DATA, BaseUrls, DataFolder, IssuerKey, Tenant
from percorso.connect import running_suite, service_here, settings_here
from percorso.data import open_data
from percorso.demo import worked_case
from percorso.errors import Sorry
from percorso.generating import fill, told
from percorso.host import declared
from percorso.rebuilding import alone, rebuilt, told_of
from percorso.refilling import refill, speak_all_again
from percorso.scenario.player import client
from percorso.screen import progress, screen
from reporting.rebuild import Rebuilds
from reporting.sampling import sampled
from reporting.views.all import NoSuchView
from reporting.views.all import wanted as wanted_views


class Source(StrEnum):
    ARCHIVE = "archive"
    KAFKA = "kafka"
    LOGS = "logs"


Views = Annotated[list[str], typer.Option("--views", help="Only these, with commas between or said again; else all.")]
Workers = Annotated[int, typer.Option("--workers", min=1, max=16, help="Processes that load at once, on PostgreSQL. Default: the cores.")]
CORES = min(16, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)


def add_to(app: typer.Typer) -> None:
    app.command()(rebuild)
    app.command()(parity)
    app.command()(generate)


def rebuild(
    views: Views = [],  # noqa: B006 (typer reads it)
    workers: Workers = CORES,
    source: Annotated[Source, typer.Option("--from", help="`kafka`: first the archive from the topics. `logs`: before that, what the "
                                           "topics lack, from the logs.")] = Source.ARCHIVE,
    data: DataFolder = DATA,
    base_url: BaseUrls = [],  # noqa: B006 (typer reads it)
    issuer_key: IssuerKey = None,
    tenant: Tenant = "bari",
) -> None:
    """Rebuild views beside those that serve, compare, switch. Ends with 1 if what was there differed. What was cut off is gone on with.

    It works on reporting's own database: from the environment if it says where that is, else in the data folder. With --base-url the
    service does it, from its archive.
    """
    wanted = _named(views)
    if base_url:
        if source is not Source.ARCHIVE:
            raise Sorry("With --base-url the service rebuilds from its archive: --from is for who may reach its database.")
        asking = _over_http(data, base_url, issuer_key, tenant, "rebuildViews", views=wanted, workers=workers)
        report = asyncio.run(asking)
    else:
        if source is Source.LOGS:
            speak_all_again(data)
        with service_here("reporting", data) as here, progress("rebuild") as watch:
            if source is not Source.ARCHIVE:
                refill(here, watch)
            with alone():
                report = Rebuilds(here.database, workers, watch).run(wanted).said()
    if not told_of(report):
        raise typer.Exit(1)


async def _over_http(data: Path, base_url: list[str], issuer_key: Path | None, tenant: str, operation: str,
                     **fields: Any) -> dict[str, Any]:
    with progress("views") as watch:
        async with client() as http:
            return await rebuilt(running_suite(data, base_url, issuer_key, http), tenant, watch, operation, **fields)


def parity(
    views: Views = [],  # noqa: B006 (typer reads it)
    workers: Workers = CORES,
    sample: Annotated[int | None, typer.Option("--sample", min=1, max=1_000_000, help="Only so many facts, how they are filed and what "
                                               "follows from them, and so many rows of each view, chosen at random.")] = None,
    data: DataFolder = DATA,
    base_url: BaseUrls = [],  # noqa: B006 (typer reads it)
    issuer_key: IssuerKey = None,
    tenant: Tenant = "bari",
) -> None:
    """Rebuild to the side, compare row for row at one archive sequence, name the first difference. Ends with 1 if there is one.

    Where: as a rebuild. With --base-url the service does it; of a sample it looks at 10,000 at most.
    """
    wanted = _named(views)
    if base_url:
        sampling = {"sample": sample} if sample else {}
        asking = _over_http(data, base_url, issuer_key, tenant, "compareViews", views=wanted, workers=workers, **sampling)
        report = asyncio.run(asking)
    else:
        with service_here("reporting", data) as here, progress("parity") as watch, alone():
            found = sampled(here.database, sample, wanted) if sample else Rebuilds(here.database, workers, watch).parity(wanted)
        report = found.said()
    if not told_of(report, sample):
        raise typer.Exit(1)


def _named(views: list[str]) -> list[str]:
    try:
        return wanted_views([name.strip() for said in views for name in said.split(",") if name.strip()])
    except NoSuchView as unknown:
        raise Sorry(f"T{str(unknown)[1:]}.") from None


def generate(
    facts: Annotated[int, typer.Option("--facts", min=1, help="How many.")],
    scenario: Annotated[Path | None, typer.Option("--scenario", help="Whose facts are told again. Default: case 002.")] = None,
    build: Annotated[bool, typer.Option("--views/--no-views", help="Whether the views are built too.")] = True,
    workers: Workers = CORES,
    data: DataFolder = DATA,
) -> None:
    """Fill an empty archive with histories made of a scenario, told again of other people, to measure with. Nothing else is there.

    It works on reporting's own database: from the environment if it says where that is, else in the data folder.
    """
    open_data(data)
    migrate(declared("reporting"), settings_here("reporting", data))
    stored = asyncio.run(told(scenario or worked_case()))
    with service_here("reporting", data) as here, progress("generate") as watch:
        fill(here.database, stored, facts, watch)
        if build:
            with alone():
                Rebuilds(here.database, workers, watch).run()
    screen.print(f"{facts} facts of {scenario or worked_case()} were told of as many people as it takes.", markup=False)
