"""The log of one service: stored events in the order of their positions, streams of one aggregate, and appends to it."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from chassis.database import Database
from chassis.decide import Release, Take
from chassis.parts import Parts, unpack
from chassis.postgres import PostgresDatabase, PostgresLog
from chassis.sqlite import SQLiteDatabase, SQLiteLog


class Entry(NamedTuple):
    """One stored event. `stream` is `tenant/kind/id`, `sequence` its version there."""

    position: int
    stream: str
    sequence: int
    name: str
    parts: Parts


class NewEvent(NamedTuple):
    stream: str
    sequence: int
    name: str
    parts: Parts
    stamp: int


@dataclass(frozen=True)
class Append:
    """What one command stores, and what must still hold: versions of streams, owners of claims that it read."""

    id: str
    digest: bytes
    answer: bytes
    events: Sequence[NewEvent] = ()
    versions: dict[str, int] = field(default_factory=dict)
    owners: dict[tuple[str, str, str], str | None] = field(default_factory=dict)
    claims: Sequence[tuple[str, Take | Release]] = ()
    """(tenant, claim)."""
    sealed_for: frozenset[tuple[str, str]] = frozenset()
    """(tenant, subject) of each whose key has sealed something in it."""
    erases: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """(tenant, subject) of each that it erases, to the id of the fact by which."""
    tried: int = 0
    """How often it was refused before because something had moved: of those that wait together, the most tried goes first."""


class Log:
    """Reads of the log; `insert` is the writer's, inside its transaction."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._postgres = isinstance(database, PostgresDatabase)
        self._position = "notification_id" if self._postgres else "rowid"
        self.recorder: Any = (PostgresLog(database.datastore, database.lock) if isinstance(database, PostgresDatabase)
                              else SQLiteLog(database.datastore) if isinstance(database, SQLiteDatabase) else None)

    def read(self, after: int, limit: int) -> list[Entry]:
        """The events whose position is greater than `after`, in order, `limit` at most."""
        return self._select(f"WHERE {self._position} > %s ORDER BY {self._position} LIMIT %s", (after, limit))

    def at(self, position: int) -> Entry | None:
        found = self._select(f"WHERE {self._position} = %s", (position,))
        return found[0] if found else None

    def head(self) -> int:
        """The greatest position; 0 for an empty log."""
        with self.database.reading() as tx:
            rows = tx.execute(f"SELECT max({self._position}) AS head FROM stored_events")
        return rows[0]["head"] or 0

    def streams(self, names: Sequence[str]) -> dict[str, list[Entry]]:
        """The events of these streams, each in its order; an empty list for one that has none."""
        sql = f"SELECT {self._columns} FROM stored_events WHERE originator_id {{among}} ORDER BY originator_id, originator_version"
        found: dict[str, list[Entry]] = {name: [] for name in names}
        with self.database.reading() as tx:
            for one in map(entry, tx.among(sql, names)):
                found[one.stream].append(one)
        return found

    def named(self, stream: str, name: str, after: int, limit: int) -> list[Entry]:
        """The events of one name of a stream after a version, in order."""
        return self._select("WHERE originator_id = %s AND topic = %s AND originator_version > %s ORDER BY originator_version LIMIT %s",
                            (stream, name, after, limit))

    def newest(self, stream: str, name: str) -> Entry | None:
        """The last event of one name of a stream."""
        found = self._select("WHERE originator_id = %s AND topic = %s ORDER BY originator_version DESC LIMIT 1", (stream, name))
        return found[0] if found else None

    @property
    def last(self) -> str:
        """The query of the last entry's state."""
        return f"SELECT state FROM stored_events ORDER BY {self._position} DESC LIMIT 1"

    @property
    def _columns(self) -> str:
        return f"{self._position} AS position, originator_id, originator_version, topic, state"

    def _select(self, where: str, params: Sequence[Any]) -> list[Entry]:
        with self.database.reading() as tx:
            return [entry(row) for row in tx.execute(f"SELECT {self._columns} FROM stored_events {where}", params)]


def entry(row: Any) -> Entry:
    return Entry(row["position"], row["originator_id"], row["originator_version"], row["topic"], unpack(row["state"]))
