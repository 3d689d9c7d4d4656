"""Asking reporting as of a moment: whole answers, and figures of large programmes once they are computed."""
from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from percorso.screen import progress
from percorso.suite import Suite, well

LOOK_S = 0.2
Headers = Mapping[str, str]


def instant(at: datetime | None) -> str:
    """UTC, as facts carry it; empty for none."""
    return at.isoformat(timespec="microseconds") + "Z" if at else ""


def moment_of(recorded_as_of: datetime | None, true_on: datetime | None, basis: str) -> dict[str, str]:
    """What is asked of a read so that it answers as of then."""
    said = {"recorded_as_of": instant(recorded_as_of), "true_on": true_on.date().isoformat() if true_on else "", "basis": basis}
    return {name: value for name, value in said.items() if value}


async def whole(suite: Suite, operation: str, fields: Mapping[str, str], headers: Headers) -> dict[str, Any]:
    """The first page, with the rows of all: all of what the first rests on."""
    first: dict[str, Any] = await suite.read("reporting", operation, fields, headers)
    return await _with_the_rest(suite, operation, fields, headers, first)


async def whole_at(suite: Suite, operation: str, fields: Mapping[str, str], headers: Headers, *, pages: bool = True) -> dict[str, Any]:
    """The same of a programme; where its figures at that moment are many facts' they are computed first, with progress."""
    answer = await suite.carry_out(await suite.operation("reporting", operation), fields, headers)
    if answer.status_code == 409 and answer.json().get("code") == "MOMENT_IS_LARGE":
        fields = {**_without_moment(fields), "basis": await _computed(suite, fields, headers)}
        answer = await suite.carry_out(await suite.operation("reporting", operation), fields, headers)
    well(answer)
    return await _with_the_rest(suite, operation, fields, headers, answer.json()) if pages else dict(answer.json())


async def _with_the_rest(suite: Suite, operation: str, fields: Mapping[str, str], headers: Headers,
                         first: dict[str, Any]) -> dict[str, Any]:
    """Pages of a moment rest on the same facts, whatever comes while they are read; of what is live now they show what there is."""
    if "recorded_as_of" in fields or "true_on" in fields:
        fields = fields if operation.endswith("Diff") else {**_without_moment(fields), "basis": first["basis_token"]}
    after = first.pop("next", None)
    while after:
        page = await suite.read("reporting", operation, {**fields, "cursor": after}, headers)
        first["items"] += page["items"]
        after = page.get("next")
    return first


async def _computed(suite: Suite, fields: Mapping[str, str], headers: Headers) -> str:
    """The basis of the figures of a programme, once they are computed."""
    at: dict[str, Any] = await suite.read("reporting", "computeMoment", {k: v for k, v in fields.items() if k != "limit"}, headers)
    with progress("moment") as watch:
        while at["state"] == "RUNNING":
            watch("facts folded", at["done"], at["of"] or None)
            await asyncio.sleep(LOOK_S)
            at = await suite.read("reporting", "readMoment", {"moment_id": at["moment_id"]}, headers)
    return str(at["basis_token"])


def _without_moment(fields: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in fields.items() if name not in ("recorded_as_of", "true_on", "basis")}
