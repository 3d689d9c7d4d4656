"""The seals of the other services, kept as they are heard, so that none of them alone can cut off its tail (`design.md` 7)."""
from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from chassis.bulk import Statement, Table
from chassis.coming import Came
from chassis.database import Database, Row, Tx
from chassis.seals import SEALED, hash_of

TABLES = (
    "CREATE TABLE IF NOT EXISTS kept_seal (source TEXT NOT NULL, tenant TEXT NOT NULL, number {big} NOT NULL, seal_id TEXT NOT NULL, "
    "incarnation {big} NOT NULL, position {big} NOT NULL, recorded TEXT NOT NULL, digest TEXT NOT NULL, key TEXT NOT NULL, "
    "value {bytes} NOT NULL, PRIMARY KEY (source, tenant, number))",
)
_KEPT = Table("kept_seal", {"source": "text", "tenant": "text", "number": "bigint", "seal_id": "text", "incarnation": "bigint",
                            "position": "bigint", "recorded": "text", "digest": "text", "key": "text", "value": "bytea"},
              "ON CONFLICT DO NOTHING")
Whose = tuple[str, str]
"""Source, tenant."""


@dataclass
class KeptSeals:
    """The digests of the seals kept of each (source, tenant), from the ones a batch follows on."""

    digests: dict[Whose, dict[int, str]] = field(default_factory=lambda: defaultdict(dict))

    def contradiction(self, came: Came) -> str | None:
        """Why a seal that came cannot follow those that are kept; None where it does, and it is known from then on."""
        if (said := seal_of(came)) is None:
            return None
        whose, number, digest = (came.source, came.fact["tenant"]), said["number"], hash_of(came.stored)
        known, seal = self.digests[whose], f"{came.source}'s seal {number} for {whose[1]}"
        if known.get(number, digest) != digest:
            return f"{seal} came again as another one, at {came.place[0]}/{came.place[1]}"
        last = max(known, default=0)
        if last and number > last + 1:
            return f"{seal} came after seal {last}: one between them was left out"
        if number == last + 1 and last and said.get("previous_hash") != known[last]:
            return f"{seal} does not follow the seal {last} that is kept"
        if last and number < last and number not in known:
            return f"{seal} comes late: seal {last} is kept already"
        known[number] = digest
        return None


def seal_of(came: Came) -> Mapping[str, Any] | None:
    """The payload of a numbered seal; None for any other record."""
    if not came.listed or came.why or not came.fact["type"].endswith(f".{SEALED}"):
        return None
    said: Mapping[str, Any] = came.fact.get("data", {})
    return said if isinstance(said.get("number"), int) else None


def known_of(tx: Tx, came: Sequence[Came]) -> KeptSeals:
    """What is kept that these records may contradict."""
    least: dict[Whose, int] = {}
    for one in came:
        if one.added is not None and (said := seal_of(one)) is not None:
            whose = (one.source, one.fact["tenant"])
            least[whose] = min(said["number"], least.get(whose, said["number"]))
    found = KeptSeals()
    for whose, number in least.items():
        for row in tx.execute("SELECT number, digest FROM kept_seal WHERE source = %s AND tenant = %s AND number >= (SELECT "
                              "coalesce(max(number), 0) FROM kept_seal WHERE source = %s AND tenant = %s AND number < %s)",
                              (*whose, *whose, number)):
            found.digests[whose][row["number"]] = row["digest"]
    return found


def keep(tx: Tx, came: Sequence[Came]) -> list[Statement]:
    """Keep the seals among facts that are heard."""
    rows = [(one.source, one.fact["tenant"], said["number"], said["seal_id"], *one.place, one.fact["time"], hash_of(one.stored),
             said.get("key", ""), one.stored) for one in came if (said := seal_of(one)) is not None]
    return _KEPT.statements(tx, rows)


def newest(database: Database, tenant: str) -> list[tuple[str, bytes]]:
    """(source, stored bytes) of the newest seal kept of each source."""
    with database.reading() as tx:
        rows = tx.execute("SELECT source, value FROM kept_seal k WHERE tenant = %s AND number = (SELECT max(number) FROM kept_seal "
                          "WHERE source = k.source AND tenant = k.tenant) ORDER BY source", (tenant,))
    return [(row["source"], bytes(row["value"])) for row in rows]


def page(database: Database, tenant: str, after: tuple[str, int], limit: int, source: str | None = None) -> list[Row]:
    """The seals kept for a tenant, by source and number; of one source only, if it is said."""
    which, params = ("AND source = %s ", (source,)) if source else ("", ())
    with database.reading() as tx:
        return tx.execute("SELECT source, number, seal_id, incarnation, position, recorded, digest, key, value FROM kept_seal "
                          f"WHERE tenant = %s {which}AND (source, number) > (%s, %s) ORDER BY source, number LIMIT %s",
                          (tenant, *params, *after, limit))
