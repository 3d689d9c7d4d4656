"""Options that several commands take, and the screen they write to."""
from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from percorso.data import DEFAULT

screen = Console(highlight=False, soft_wrap=True)

DataFolder = Annotated[Path, typer.Option("--data", help="The data folder of an all-in-one.")]
BaseUrls = Annotated[list[str], typer.Option(
    "--base-url", help="A deployed suite: one URL (all-in-one), or `service=URL` for each of the five. Default: the one over --data.")]
IssuerKey = Annotated[Path | None, typer.Option(
    "--issuer-key", help="The private key of the suite's own issuer, to mint tokens. Default: the one in --data.")]
Tenant = Annotated[str, typer.Option("--tenant", help="The municipality on whose behalf.")]
Service = Annotated[str, typer.Option("--service", help="intake, assessment, placement, stipend or reporting.")]
DATA = DEFAULT
