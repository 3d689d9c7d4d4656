"""Rebuilding the views of reporting from its archive, and saying what was wrong, missing or extra in those that were there."""
from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from percorso.errors import Sorry
from percorso.screen import Watch, progress, screen
from percorso.suite import Suite
from reporting.rebuild import AlreadyRunning
from reporting.workers import WorkerFailed

LOOK_S = 0.2
SHORT = 120
"""Characters of a value that a line shows."""


@contextmanager
def alone() -> Iterator[None]:
    """Work on the views, of which there is one at a time."""
    try:
        yield
    except AlreadyRunning:
        raise Sorry("A rebuild or a comparison of these views is under way (REBUILD_RUNNING): wait until it has ended.") from None
    except WorkerFailed as failed:
        raise Sorry(f"A worker ended before all was done ({failed}): say the same command again, and it goes on where it was.") from None


async def rebuild_views(suite: Suite, tenant: str) -> bool:
    """Rebuild all, with progress; say whether all was equal, or name each difference. False where it was not."""
    with progress("rebuild") as watch:
        return told_of(await rebuilt(suite, tenant, watch))


def told_of(report: Mapping[str, Any], sample: int | None = None) -> bool:
    """Say what a report says; whether all was equal."""
    for sentence in sentences(report, sample):
        screen.print(sentence, markup=False)
    return bool(report["equal"])


async def rebuilt(suite: Suite, tenant: str, watch: Watch, operation: str = "rebuildViews", **fields: Any) -> dict[str, Any]:
    """The report of a rebuild that the service makes, or of a comparison. `Sorry` where one is under way."""
    headers = suite.headers("AUDITOR", "AUTORITA_DI_AUDIT", "percorso-rebuild", tenant)
    work = asyncio.create_task(suite.read("reporting", operation, fields, headers, patience_s=None))
    while not work.done():
        at = await suite.read("reporting", "rebuildProgress", {}, headers)
        watch("facts folded", at["done"], at["of"] or None)
        await asyncio.wait({work}, timeout=LOOK_S)
    report: dict[str, Any] = await work
    return report


def sentences(report: Mapping[str, Any], sample: int | None = None) -> Iterator[str]:
    """What a report of a rebuild or of a comparison says to a person."""
    views, rows = report["views"], sum(view["rows"] for view in report["views"].values())
    of = f"{len(views)} views " + (f"sampled, {rows} rows or keys of what {report['facts']} facts give" if sample else
                                   f"rebuilt from {report['facts']} facts")
    if report["equal"]:
        yield f"{of}: all are equal to what was there." if sample else f"{of}: all {rows} rows are equal to what was there."
        return
    yield f"{of}. What was there differs:" if sample else f"{of}, {rows} rows. What was there differed:"
    for name, view in (*views.items(), *report["archive"].items()):
        if counts := ", ".join(f"{view[kind]} {kind}" for kind in ("wrong", "missing", "extra") if view[kind]):
            yield f"  {name}: {counts}"
    for one in report["differences"]:
        yield "  " + _difference(one)
        yield from (f"    follows from {fact}" for fact in one.get("facts", ()))
    if report["archive"]:
        yield "  The archive is put right by: percorso rebuild --from kafka"


def _difference(one: Mapping[str, Any]) -> str:
    at = f"{one['view']}, {one['key']}" + (f", {one['part']}" if one["part"] else "")
    match one["kind"]:
        case "WRONG":
            return f"wrong: {at}: {one['column']} was {_short(one['there'])}, must be {_short(one['rebuilt'])}"
        case "MISSING":
            return f"missing: {at}: {_short(one['rebuilt'])}"
        case _:
            return f"extra: {at}: {_short(one['there'])}"


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= SHORT else text[:SHORT] + "…"
