"""What a service's database holds, read page by page: its log with the lives of it, the seals it keeps, reporting's archive."""
from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import orjson

from chassis import saved
from chassis.database import Database
from chassis.parts import Parts, unpack
from chassis.postgres import PostgresDatabase
from chassis.seals import SEALED, STAMPED
from chassis.trail import LOG
from chassis.wire import Added, Unreadable, parted
from percorso.trails.faults import Named, Trail
from percorso.trails.rows import Where
from percorso.trails.sealed import Sealed

PAGE = 1000
FACTS = "SELECT {position} AS position, originator_id, originator_version, topic, state FROM stored_events WHERE"
SEALS = ("+{position} > %s AND +{position} <= %s AND topic IN (%s, %s) "
         "AND originator_id IN (SELECT originator_id FROM stored_events WHERE originator_id LIKE %s)")
"""By their streams, of which there is an index; not by position: all of the log would be read. One that lies elsewhere is named where
each row is looked at."""


class Row(NamedTuple):
    """A stored event as it lies there."""

    position: int
    stream: str
    version: int
    name: str
    parts: Parts


@dataclass(frozen=True)
class Life:
    """One life of a log: the positions that are its own; `foreign`: what it had spoken beyond them and the store lacks."""

    incarnation: int
    first: int
    last: int | None


class Noted(NamedTuple):
    """Of a trail, what reporting says that it has heard: the greatest number, its hash, the number up to which nothing lacks."""

    number: int
    head: str
    whole: int

    @property
    def readable(self) -> bool:
        return isinstance(self.number, int) and isinstance(self.whole, int) and re.fullmatch("[0-9a-f]{64}", str(self.head)) is not None


class LogStore:
    """The log of one service."""

    place = "log"

    def __init__(self, service: str, database: Database) -> None:
        self.service, self.database = service, database
        self._position = "notification_id" if isinstance(database, PostgresDatabase) else "rowid"

    def where(self) -> Where:
        """Its database, for those who read it side by side."""
        if isinstance(self.database, PostgresDatabase):
            return Where("postgres", self.database.url, self.service)
        with self.database.reading() as tx:
            path = next(str(row["file"]) for row in tx.execute("PRAGMA database_list") if row["name"] == "main")
        return Where("sqlite", path, self.service)

    def head(self) -> int:
        """The greatest position; 0 for an empty log."""
        with self.database.reading() as tx:
            found = tx.execute(f"SELECT max({self._position}) AS head FROM stored_events")[0]["head"]
        return int(found or 0)

    def lives(self) -> list[Life]:
        with self.database.reading() as tx:
            found = saved.lives(tx)
        ends = {incarnation: after - 1 for (incarnation, _), (_, after) in pairwise(found)}
        return [Life(incarnation, first, ends.get(incarnation)) for incarnation, first in found]

    def rows(self, life: Life, after: int = 0) -> Iterator[Row]:
        """The events of a life, in order of position."""
        at = max(after, life.first - 1)
        while page := self._select("{position} > %s", (at, PAGE)):
            for row in page:
                if life.last is not None and row["position"] > life.last:
                    return
                at = row["position"]
                yield _row(row)

    def foreign(self, life: Life, after: int = 0) -> Iterator[tuple[int, bytes, Added]]:
        """What a life had spoken and the store lacks."""
        while True:
            with self.database.reading() as tx:
                page = tx.execute("SELECT position, value FROM foreign_fact WHERE incarnation = %s AND position > %s ORDER BY position "
                                  "LIMIT %s", (life.incarnation, after, PAGE))
            if not page:
                return
            for row in page:
                after = row["position"]
                stored, added = parted(_octets(row["value"]))
                yield after, stored, added

    def facts(self, life: Life, after: int = 0) -> Iterator[tuple[int, bytes]]:
        """All stored bytes of a life, the foreign ones included."""
        for row in self.rows(life, after):
            yield row.position, row.parts.fact
        for position, stored, _ in self.foreign(life, after):
            yield position, stored

    def seals(self, upto: int) -> Iterator[Sealed]:
        """The seals and their stamps, in order of (incarnation, position), up to a position."""
        seal, stamp = _names(self.service)
        own = f"%/{LOG.name}/{self.service}"
        for life in self.lives():
            at, last = life.first - 1, upto if life.last is None else min(life.last, upto)
            while page := self._select(SEALS, (at, last, seal, stamp, own, PAGE)):
                for row in page:
                    at = row["position"]
                    yield Sealed(life.incarnation, at, _row(row).parts.fact, stamp=row["topic"] == stamp)
            for position, stored, _ in self.foreign(life):
                if (name := orjson.loads(stored)["type"]) in (seal, stamp):
                    yield Sealed(life.incarnation, position, stored, stamp=name == stamp)

    def _select(self, which: str, params: Sequence[Any]) -> Sequence[Any]:
        with self.database.reading() as tx:
            return tx.execute(f"{FACTS} {which} ORDER BY {{position}} LIMIT %s".replace("{position}", self._position), params)


def _names(service: str) -> tuple[str, str]:
    """The types of a service's seals and of their stamps."""
    return f"{service}.{SEALED}", f"{service}.{STAMPED}"


def _row(row: Any) -> Row:
    return Row(row["position"], row["originator_id"], row["originator_version"], row["topic"], _parts(row))


def _parts(row: Any) -> Parts:
    try:
        return unpack(row["state"])
    except Exception as wrong:
        raise Named("changed", row["position"], f"its row cannot be read ({type(wrong).__name__})") from None


def _octets(value: Any) -> bytes:
    """What a column of bytes holds: SQLite lets a text lie there."""
    return value.encode() if isinstance(value, str) else bytes(value)


def kept_seals(database: Database, keeper: str, source: str) -> Iterator[Sealed]:
    """The seals of a source that another service keeps."""
    at = ("", 0)
    while True:
        with database.reading() as tx:
            page = tx.execute("SELECT tenant, number, incarnation, position, digest, value FROM kept_seal WHERE source = %s AND "
                              "(tenant, number) > (%s, %s) ORDER BY tenant, number LIMIT %s", (source, *at, PAGE))
        if not page:
            return
        for row in page:
            at = (row["tenant"], row["number"])
            yield Sealed(row["incarnation"], row["position"], _octets(row["value"]), keeper, row["digest"])


class ArchiveStore:
    """What reporting archived of one source. Trail by trail: the archive's own order is that of its commits."""

    place = "archive"

    def __init__(self, service: str, database: Database) -> None:
        self.service, self.database = service, database

    def trails(self) -> list[tuple[int, Trail]]:
        """(incarnation, trail), those of a life before those of the next."""
        with self.database.reading() as tx:
            rows = tx.execute("SELECT DISTINCT incarnation, tenant, programme FROM archive WHERE source = %s", (self.service,))
        return sorted((row["incarnation"], (row["tenant"], row["programme"] or "")) for row in rows)

    def facts(self, incarnation: int, trail: Trail, after: int = 0) -> Iterator[tuple[int, bytes, Added]]:
        """The facts of a trail after a number, in the order of their numbers."""
        which, params = self._of(incarnation, trail)
        while True:
            with self.database.reading() as tx:
                page = tx.execute(f"SELECT trail_number, position, value FROM archive WHERE {which} AND trail_number > %s "
                                  "ORDER BY trail_number LIMIT %s", (*params, after, PAGE))
            if not page:
                return
            for row in page:
                after = row["trail_number"]
                yield row["position"], *_cut(_octets(row["value"]), incarnation, row["position"])

    def _of(self, incarnation: int, trail: Trail) -> tuple[str, tuple[Any, ...]]:
        """A trail in the archive: the condition and its parameters."""
        tenant, programme = trail
        which, more = ("programme = %s", (programme,)) if programme else ("programme IS NULL", ())
        return f"tenant = %s AND source = %s AND incarnation = %s AND {which}", (tenant, self.service, incarnation, *more)

    def seals(self) -> Iterator[Sealed]:
        """The seals and their stamps, of one tenant after another in order of (incarnation, position)."""
        with self.database.reading() as tx:
            tenants = [row["tenant"] for row in tx.execute("SELECT DISTINCT tenant FROM archive WHERE source = %s ORDER BY tenant",
                                                           (self.service,))]
        for tenant in tenants:
            with self.database.reading() as tx:
                rows = tx.execute("SELECT b.seq FROM archive_about b JOIN archive a ON a.seq = b.seq WHERE b.tenant = %s AND b.about = %s "
                                  "AND a.type IN (%s, %s) ORDER BY a.incarnation, a.position",
                                  (tenant, self.service, *_names(self.service)))
            for start in range(0, len(rows), PAGE):
                yield from self._seals([row["seq"] for row in rows[start:start + PAGE]])

    def _seals(self, seqs: Sequence[int]) -> Iterator[Sealed]:
        with self.database.reading() as tx:
            found = tx.execute("SELECT incarnation, position, type, value FROM archive WHERE seq IN (" + ",".join("%s" for _ in seqs) + ") "
                               "ORDER BY incarnation, position", seqs)
        for row in found:
            yield Sealed(row["incarnation"], row["position"], _stored(_octets(row["value"])), stamp=row["type"].endswith(STAMPED))

    def noted(self) -> dict[tuple[int, Trail], Noted]:
        """What reporting says of each trail, by incarnation and trail. `Named` where that cannot be read."""
        found = dict(self._noted())
        for (_, trail), noted in found.items():
            if not noted.readable:
                raise Named("changed", 0, "what reporting has noted of the trail is no number and no hash", trail)
        return found

    def position(self, incarnation: int, trail: Trail, number: int) -> int | None:
        """Where this fact of a trail is; None where it is not."""
        which, params = self._of(incarnation, trail)
        with self.database.reading() as tx:
            rows = tx.execute(f"SELECT position FROM archive WHERE {which} AND trail_number = %s", (*params, number))
        return rows[0]["position"] if rows else None

    def head_of(self) -> Iterator[tuple[int, Trail, int, bytes]]:
        """(incarnation, trail, number, hash) of the last fact archived of each trail, as far as that can be read."""
        for (incarnation, trail), noted in self._noted():
            if noted.readable:
                yield incarnation, trail, noted.number, bytes.fromhex(noted.head)

    def _noted(self) -> Iterator[tuple[tuple[int, Trail], Noted]]:
        with self.database.reading() as tx:
            rows = tx.execute("SELECT tenant, incarnation, programme, number, hash, whole FROM trail_head WHERE source = %s",
                              (self.service,))
        for row in rows:
            yield (row["incarnation"], (row["tenant"], row["programme"])), Noted(row["number"], row["hash"], row["whole"])


def _stored(value: bytes) -> bytes:
    """The stored bytes of a record; what is no record stays as it is."""
    at = value.rfind(b',"incarnation":')
    return value[:at] + b"}" if at > 0 else value


def _cut(value: bytes, incarnation: int, position: int) -> tuple[bytes, Added]:
    try:
        stored, added = parted(value)
    except Unreadable as wrong:
        raise Named("changed", position, str(wrong)) from None
    if (added.incarnation, added.position) != (incarnation, position):
        raise Named("reordered", position, f"the fact that lies here says that it is {added.incarnation}/{added.position}")
    return stored, added

