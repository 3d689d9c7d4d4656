"""Options that several commands take."""
from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from percorso.data import DEFAULT

DataFolder = Annotated[Path, typer.Option("--data", help="The data folder of an all-in-one.")]
BaseUrls = Annotated[list[str], typer.Option(
    "--base-url", help="A deployed suite: one URL (all-in-one), or `service=URL` for each of the five. Default: the one over --data.")]
IssuerKey = Annotated[Path | None, typer.Option(
    "--issuer-key", help="The private key of the suite's own issuer, to mint tokens. Default: the one in --data. Where another issuer "
    "makes the tokens, put one of its own into PERCORSO_TOKEN.")]
Tenant = Annotated[str, typer.Option("--tenant", help="The municipality on whose behalf.")]
Service = Annotated[str, typer.Option("--service", help="intake, assessment, placement, stipend or reporting.")]
Role = Annotated[str, typer.Option("--role", help="The role in which one asks.")]
Org = Annotated[str, typer.Option("--org", help="The organisation of the one who asks.")]
AsJson = Annotated[bool, typer.Option("--json", help="For machines: what the service answers, of all pages.")]
INSTANT, DAY = ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S.%fZ", "%Y-%m-%d"], ["%Y-%m-%d"]
RecordedAsOf = Annotated[datetime | None, typer.Option(
    "--recorded-as-of", formats=INSTANT, help="What had been recorded by this instant (UTC).")]
TrueOn = Annotated[datetime | None, typer.Option("--true-on", formats=DAY, help="What was true on this date.")]
Basis = Annotated[str, typer.Option("--basis", help="The `basis_token` of an earlier answer (--json): exactly that answer again.")]
Since = Annotated[datetime | None, typer.Option("--from", formats=INSTANT, help="The earlier instant (UTC). Default: before all.")]
To = Annotated[datetime | None, typer.Option("--to", formats=INSTANT, help="The later instant (UTC). Default: now.")]
FromBasis = Annotated[str, typer.Option("--from-basis", help="In place of --from: the `basis_token` of an earlier answer.")]
DATA = DEFAULT
