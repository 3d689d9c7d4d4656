"""Parked: facts that cannot be heard, and those of their (source, key) that line up behind them; raw, in order; never skipped."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chassis import foreign
from chassis.bulk import Table
from chassis.bus import Record
from chassis.coming import Came, about_key, abouts, read
from chassis.database import Database, Tx
from chassis.reaction_rows import wake_all

if TYPE_CHECKING:
    from chassis.hearing import Hearing

TABLES = (
    "CREATE TABLE IF NOT EXISTS parked (number {big} PRIMARY KEY, source TEXT NOT NULL, key TEXT NOT NULL, topic TEXT NOT NULL, "
    "topic_id TEXT NOT NULL, part {big} NOT NULL, at_offset {big} NOT NULL, raw_key {bytes} NOT NULL, value {bytes} NOT NULL, "
    "reason TEXT NOT NULL, aside INTEGER NOT NULL)",
    "CREATE INDEX IF NOT EXISTS parked_key ON parked (source, key)",
    "CREATE TABLE IF NOT EXISTS parked_about (about TEXT NOT NULL, number {big} NOT NULL, PRIMARY KEY (about, number))",
)
_PARKED = Table("parked", {"number": "bigint", "source": "text", "key": "text", "topic": "text", "topic_id": "text", "part": "bigint",
                           "at_offset": "bigint", "raw_key": "bytea", "value": "bytea", "reason": "text", "aside": "integer"})
_ABOUT = Table("parked_about", {"about": "text", "number": "bigint"}, "ON CONFLICT DO NOTHING")
_WAITING = ("SELECT r.id, r.source, r.key, r.kind, r.reason, r.state FROM reaction r WHERE EXISTS (SELECT 1 FROM reaction p "
            "WHERE p.source = r.source AND p.key = r.key AND p.state = 'parked')")
LINED_UP = "it waits behind a parked one of its key"
ANY_TENANT = "*"


@dataclass(frozen=True)
class Parked:
    """What is set aside of one (source, key): `what` names each fact or reaction, in order, with its reason."""

    source: str
    key: str
    reason: str
    what: tuple[tuple[str, str], ...]


def park(tx: Tx, some: Sequence[tuple[Came, bool]]) -> None:
    """Set records aside; those that only line up are marked so."""
    if not some:
        return
    first = tx.execute("SELECT coalesce(max(number), 0) + 1 AS first FROM parked")[0]["first"]
    rows, about = [], []
    for number, (came, lined) in enumerate(some, first):
        r = came.record
        reason = LINED_UP if lined and not came.why else came.why
        rows.append((number, came.source, came.key, r.topic, r.topic_id, r.partition, r.offset, r.key, r.value, reason, 0))
        tenant = came.fact.get("tenant", ANY_TENANT)
        about += [(about_key(tenant, name), number) for name in sorted(abouts(came.fact) | {came.key})]
    _PARKED.insert(tx, rows)
    _ABOUT.insert(tx, about)


def parked_keys(tx: Tx, odd_too: bool) -> tuple[set[tuple[str, str]], set[tuple[str, int, int]]]:
    """The (source, key) with something parked; and where the parked records lie, if asked."""
    keys = {(row["source"], row["key"]) for row in tx.execute("SELECT DISTINCT source, key FROM parked WHERE aside = 0")}
    if not odd_too:
        return keys, set()
    return keys, {(row["topic_id"], row["part"], row["at_offset"]) for row in tx.execute("SELECT topic_id, part, at_offset FROM parked")}


def why_unheard(tx: Tx, tenant: str, ids: Sequence[str]) -> str | None:
    """Why something about one of these ids is parked or lined up, a fact or a reaction, or may be unheard; None where all was heard."""
    if not tx.execute("SELECT 1 AS some WHERE EXISTS (SELECT 1 FROM parked) OR EXISTS (SELECT 1 FROM reaction "
                      "WHERE state = 'parked') OR EXISTS (SELECT 1 FROM source_stopped) OR EXISTS (SELECT 1 FROM foreign_open)"):
        return None
    for row in tx.execute("SELECT source, reason FROM source_stopped"):
        return f"{row['source']} is not heard: {row['reason']}"
    keys = [about_key(of, one) for one in ids for of in (tenant, ANY_TENANT)]
    if why := foreign.about(tx, keys):
        return why
    found = tx.among("SELECT p.source, p.reason FROM parked_about a JOIN parked p ON p.number = a.number "
                     "WHERE p.aside = 0 AND a.about {among}", keys)
    found = found or tx.among(f"SELECT r.source, r.reason FROM ({_WAITING}) r JOIN reaction x ON x.id = r.id JOIN heard_about a "
                              "ON a.source = x.source AND a.incarnation = x.incarnation AND a.position = x.position "
                              "WHERE a.about {among}", keys)
    return f"{found[0]['source']}: {found[0]['reason'] or LINED_UP}" if found else None


class Parking:
    """What an operator sees of it, and does about it."""

    def __init__(self, database: Database, hearing: Hearing) -> None:
        self._database, self._hearing = database, hearing

    def about(self, tenant: str, ids: Sequence[str]) -> str | None:
        """As `why_unheard` says it now."""
        with self._database.reading() as tx:
            return why_unheard(tx, tenant, ids)

    def count(self) -> int:
        """Parked and lined-up facts and reactions."""
        with self._database.reading() as tx:
            return int(tx.execute(f"SELECT (SELECT count(*) FROM parked WHERE aside = 0) + (SELECT count(*) FROM ({_WAITING}) r) AS n")
                       [0]["n"])

    def listed(self) -> list[Parked]:
        """All that is parked, by (source, key)."""
        found: dict[tuple[str, str], list[tuple[str, str]]] = {}
        with self._database.reading() as tx:
            facts = tx.execute("SELECT source, key, part, at_offset, value, reason FROM parked WHERE aside = 0 ORDER BY number")
            reactions = tx.execute(f"{_WAITING} ORDER BY r.batch, r.source, r.incarnation, r.position")
        for row in facts:
            found.setdefault((row["source"], row["key"]), []).append((f"record {row['part']}@{row['at_offset']}", row["reason"]))
        for row in reactions:
            found.setdefault((row["source"], row["key"]), []).append((row["id"], row["reason"] or LINED_UP))
        return [Parked(*at, what[0][1], tuple(what)) for at, what in found.items()]

    def show(self, source: str, key: str) -> list[tuple[str, str, bytes]]:
        """(where, reason, raw value) of each parked fact of a (source, key), in order."""
        return [(f"record {row['part']}@{row['at_offset']}", row["reason"], bytes(row["value"]))
                for row in self._rows(source, key)]

    def release(self, source: str, key: str, *, aside: bool = False) -> int:
        """Hear what now can be heard, in order, up to one that still cannot; reactions run again. How many facts were heard.

        `aside`: a record that does not parse, and that the order of positions shows to be no fact of the source, is put aside
        for good (it is kept, and what lines up behind it goes on).
        """
        with self._database.locked() as tx:
            kept: list[Came] = []
            for row in self._rows(source, key, tx):
                came = read(_record(row), self._hearing.listed)
                if came.why and not (aside and came.added is None):
                    break
                if came.why:
                    tx.execute("UPDATE parked SET aside = 1 WHERE number = %s", (row["number"],))
                    continue
                kept.append(came)
                tx.execute("DELETE FROM parked_about WHERE number = %s", (row["number"],))
                tx.execute("DELETE FROM parked WHERE number = %s", (row["number"],))
            if kept:
                self._hearing.store(tx, kept)
            tx.execute("UPDATE reaction SET state = 'ready', reason = NULL WHERE source = %s AND key = %s AND state = 'parked'",
                       (source, key))
            wake_all(tx)
        return len(kept)

    def _rows(self, source: str, key: str, tx: Tx | None = None) -> list[Any]:
        sql = ("SELECT number, topic, topic_id, part, at_offset, raw_key, value, reason FROM parked "
               "WHERE source = %s AND key = %s AND aside = 0 ORDER BY number")
        if tx is not None:
            return tx.execute(sql, (source, key))
        with self._database.reading() as mine:
            return mine.execute(sql, (source, key))


def _record(row: Any) -> Record:
    return Record(row["topic"], row["topic_id"], row["part"], row["at_offset"], bytes(row["raw_key"]), bytes(row["value"]))
