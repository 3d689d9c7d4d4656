"""The facts of a trail as they were spoken; in the place of those that a bundle does not hold, digests."""
from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, NamedTuple

from chassis.canonical import canonical
from chassis.database import Database, Tx
from chassis.wire import parted
from reporting.views.fact import Fact, read_fact

PAGE = 500
OF_THE_LOG = "log"
"""The aggregate type of what a log says of itself: seals, time stamps, readmissions."""
OF_MANY = "stipend.BankStatementImported.v1"
"""Of the whole tenant: its lines name other programmes' payments."""


class TrailKey(NamedTuple):
    """`programme` empty: the trail of none. `whole`: the number up to which it has no hole."""

    source: str
    incarnation: int
    programme: str
    whole: int


class Spoken(NamedTuple):
    """A line of a bundle's trail; `fact` is None where only the digest stands there."""

    number: int
    hash: str
    line: bytes
    fact: Fact | None


def trails_of(tx: Tx, tenant: str, programme: str) -> list[TrailKey]:
    rows = tx.execute("SELECT source, incarnation, programme, whole FROM trail_head WHERE tenant = %s AND programme IN ('', %s) "
                      "AND whole > 0 ORDER BY source, incarnation, programme", (tenant, programme))
    return [TrailKey(row["source"], row["incarnation"], row["programme"], row["whole"]) for row in rows]


@dataclass(frozen=True)
class Reading:
    """What of a programme's facts is shown: those that occurred from `since` to `until`, those that figures cite, its configuration."""

    database: Database
    tenant: str
    programme: str
    since: str
    until: str
    cited: frozenset[str]

    def trail(self, key: TrailKey) -> Iterator[Spoken]:
        """A trail up to where it is whole, page by page."""
        which, params = ("programme = %s", (key.programme,)) if key.programme else ("programme IS NULL", ())
        number = 0
        while number < key.whole:
            with self.database.reading() as tx:
                rows = tx.execute(
                    f"SELECT value FROM archive WHERE tenant = %s AND source = %s AND incarnation = %s AND {which} "
                    "AND trail_number > %s AND trail_number <= %s ORDER BY trail_number LIMIT %s",
                    (self.tenant, key.source, key.incarnation, *params, number, key.whole, PAGE))
                values = [bytes(row["value"]) for row in rows]
                facts = [read_fact(value) for value in values]
                own = {fact.place for fact in facts if self._in_period(fact)} if key.programme else self._own(tx, facts)
            if not facts:
                raise LookupError(f"the archive lacks facts of {key.source} that it had")
            yield from (_spoken(fact, value, fact.place in own) for fact, value in zip(facts, values, strict=True))
            number = facts[-1].trail_number

    def _in_period(self, fact: Fact) -> bool:
        return self.since <= fact.occurred <= self.until or fact.aggregatetype == "programme" or fact.place in self.cited

    def _own(self, tx: Tx, facts: Sequence[Fact]) -> set[str]:
        """Of facts of no programme, those of the log itself, and those about something that the programme's facts cite."""
        cites = {fact.place: fact.cites() for fact in facts if fact.type != OF_MANY and fact.aggregatetype != OF_THE_LOG}
        wanted = sorted({about for ids in cites.values() for about in ids})
        rows = tx.among("SELECT DISTINCT b.about FROM archive_about b JOIN archive a ON a.seq = b.seq WHERE b.tenant = %s "
                        "AND a.programme = %s AND b.about {among}", wanted, (self.tenant, self.programme)) if wanted else []
        cited = {row["about"] for row in rows}
        own = {fact.place for fact in facts if fact.aggregatetype == OF_THE_LOG}
        return own | {place for place, ids in cites.items() if cited.intersection(ids)}


def _spoken(fact: Fact, value: bytes, own: bool) -> Spoken:
    if own:
        return Spoken(fact.trail_number, fact.trail_hash, value, fact)
    stored, _ = parted(value)
    line = canonical({"digest": sha256(stored).hexdigest(), "number": fact.trail_number, "position": fact.position,
                      "trailhash": fact.trail_hash})
    return Spoken(fact.trail_number, fact.trail_hash, line, None)


def documents_of(fact: Fact) -> Iterator[dict[str, Any]]:
    """The digests of documents that a fact names."""
    for name, value in (fact.data or {}).items():
        if name.endswith("digest") and isinstance(value, str) and fact.aggregatetype != OF_THE_LOG:
            yield {"fact": fact.place, "field": f"/data/{name}", "value": value, "of": fact.type, "occurred": fact.occurred}
