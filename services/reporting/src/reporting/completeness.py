"""Up to where each source is complete: facts of a trail are numbered without holes, so a hole is a fact that is still to come."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chassis.bulk import Table
from chassis.database import Tx
from reporting import archive
from reporting.views.fact import Fact

TABLES = (
    "CREATE TABLE IF NOT EXISTS trail_head (tenant TEXT NOT NULL, source TEXT NOT NULL, incarnation {big} NOT NULL, "
    "programme TEXT NOT NULL, number {big} NOT NULL, recorded TEXT NOT NULL, hash TEXT NOT NULL, whole {big} NOT NULL, "
    "whole_recorded TEXT NOT NULL, "
    "PRIMARY KEY (tenant, source, incarnation, programme))",
)
HEADS = Table("trail_head", {"tenant": "text", "source": "text", "incarnation": "bigint", "programme": "text", "number": "bigint",
                             "recorded": "text", "hash": "text", "whole": "bigint", "whole_recorded": "text"},
              "ON CONFLICT (tenant, source, incarnation, programme) DO UPDATE SET number = excluded.number, "
              "recorded = excluded.recorded, hash = excluded.hash, whole = excluded.whole, whole_recorded = excluded.whole_recorded")
PAGE = 500
Trail = tuple[str, str, int, str]
"""Tenant, source, incarnation, programme or "" for the trail of none."""
Head = tuple[int, str, str]
"""Number, recorded, hash."""
NONE: Head = (0, "", "")


def advance(tx: Tx, facts: Sequence[Fact]) -> None:
    """Note what a batch adds to its trails; a trail is whole up to the fact before its first hole."""
    heads: dict[Trail, Head] = {}
    for fact in facts:
        trail = (fact.tenant, fact.source, fact.incarnation, fact.programme or "")
        heads[trail] = max(heads.get(trail, NONE), (fact.trail_number, fact.recorded, fact.trail_hash))
    for trail, head in heads.items():
        rows = tx.execute("SELECT number, recorded, hash, whole, whole_recorded FROM trail_head "
                          "WHERE tenant = %s AND source = %s AND incarnation = %s AND programme = %s", trail)
        before, whole = NONE, (0, "")
        for row in rows:
            before, whole = (row["number"], row["recorded"], row["hash"]), (row["whole"], row["whole_recorded"])
        HEADS.insert(tx, [(*trail, *max(before, head), *_whole(tx, trail, *whole))])


def _whole(tx: Tx, trail: Trail, number: int, recorded: str) -> tuple[int, str]:
    while page := archive.trail(tx, trail, number, PAGE):
        for found, at in page:
            if found != number + 1:
                return number, recorded
            number, recorded = found, at
    return number, recorded


def of(tx: Tx, tenant: str) -> dict[str, dict[str, Any]]:
    """For each source: `recorded_to`, the last instant recorded; `complete_to`, up to which no trail has a hole; `sealed_to`, up to
    which a seal proves that nothing at all is missing."""
    found: dict[str, dict[str, Any]] = {}
    holes: dict[str, str] = {}
    rows = tx.execute("SELECT source, number, recorded, whole, whole_recorded FROM trail_head WHERE tenant = %s ORDER BY source",
                      (tenant,))
    for row in rows:
        said = found.setdefault(row["source"], {"recorded_to": ""})
        said["recorded_to"] = max(said["recorded_to"], row["recorded"])
        if row["whole"] < row["number"]:
            holes[row["source"]] = min(holes.get(row["source"], row["whole_recorded"]), row["whole_recorded"])
    for source, said in found.items():
        said["complete_to"] = holes.get(source, said["recorded_to"]) or None
        said["sealed_to"] = _sealed_to(tx, tenant, source)
    return found


def _sealed_to(tx: Tx, tenant: str, source: str) -> str | None:
    """When the last fact under the newest seal whose trails are whole up to their sealed heads was recorded."""
    for seal in archive.newest(tx, tenant, source, f"{source}.TrailSealed.v1", 3):
        heads = [(tenant, source, int(seal.get("incarnation")), head.get("programme") or "", head["number"]) for head in seal.get("heads")]
        recorded = [_recorded(tx, *head) for head in heads]
        if None not in recorded:
            return max((at for at in recorded if at), default=None)
    return None


def _recorded(tx: Tx, tenant: str, source: str, incarnation: int, programme: str, number: int) -> str | None:
    """When a fact of a trail was recorded, if the trail is whole up to it."""
    whole = tx.execute("SELECT 1 AS yes FROM trail_head WHERE tenant = %s AND source = %s AND incarnation = %s AND programme = %s "
                       "AND whole >= %s", (tenant, source, incarnation, programme, number))
    page = archive.trail(tx, (tenant, source, incarnation, programme), number - 1, 1) if whole else []
    return page[0][1] if page else None


def basis(tx: Tx, tenant: str, programme: str | None = None) -> list[dict[str, Any]]:
    """The heads that a figure rests on: of each trail of the tenant, or of one programme."""
    which, params = ("AND programme = %s", (tenant, programme)) if programme is not None else ("", (tenant,))
    rows = tx.execute("SELECT source, incarnation, programme, number, hash, recorded FROM trail_head "
                      f"WHERE tenant = %s {which} ORDER BY source, incarnation, programme", params)
    return [dict(row) for row in rows]
