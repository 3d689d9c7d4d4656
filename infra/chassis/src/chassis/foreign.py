"""What an earlier life of a log had spoken and its store lacks, since it was set back: a person settles it, case by case.

Until then nothing is accrued, approved, ordered or sent about the same: it may have been done already.
"""
from __future__ import annotations

from collections.abc import Iterable, Sequence

import orjson

from chassis.bulk import Table
from chassis.bus import Record
from chassis.coming import about_key, abouts
from chassis.database import Tx
from chassis.reaction_rows import wake_all
from chassis.wire import parted

TABLES = ("CREATE TABLE IF NOT EXISTS foreign_open (key TEXT NOT NULL, about TEXT NOT NULL, PRIMARY KEY (key, about))",
          "CREATE INDEX IF NOT EXISTS foreign_open_about ON foreign_open (about)")
_OPEN = Table("foreign_open", {"key": "text", "about": "text"}, "ON CONFLICT DO NOTHING")
OWN = ".TrailSealed.v1", ".SealTimestamped.v1", ".LogReadmitted.v1"
"""What a log says of itself leaves nobody with anything to do."""


def note(tx: Tx, records: Iterable[Record]) -> None:
    """What these records are about is open."""
    facts = [(record.key.decode(), orjson.loads(parted(record.value)[0])) for record in records]
    _OPEN.insert(tx, sorted({(key, about_key(fact["tenant"], name)) for key, fact in facts if not fact["type"].endswith(OWN)
                             for name in (*abouts(fact), key)}))


def about(tx: Tx, keys: Sequence[str]) -> str | None:
    """Why what is about one of these may have been done already; None where nothing is open."""
    found = tx.among("SELECT key FROM foreign_open WHERE about {among}", keys)
    return f"an earlier life of this store spoke facts of {found[0]['key']} that it lacks: settle them first" if found else None


def listed(tx: Tx) -> list[tuple[str, list[str]]]:
    """Each key with something open, and the types of its foreign facts, in order."""
    keys = [row["key"] for row in tx.execute("SELECT DISTINCT key FROM foreign_open ORDER BY key")]
    return [(key, [orjson.loads(parted(bytes(row["value"]))[0])["type"] for row in tx.execute(
        "SELECT value FROM foreign_fact WHERE key = %s ORDER BY incarnation, position", (key.encode(),))]) for key in keys]


def settle(tx: Tx, key: str) -> bool:
    """A person has done again what had to be, or seen that nothing has. Whether anything was open."""
    found = tx.execute("DELETE FROM foreign_open WHERE key = %s RETURNING key", (key,))
    wake_all(tx)
    return bool(found)
