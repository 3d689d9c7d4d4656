"""The archive put right from the topics: all their records beside it, then, in one transaction, what it lacks or has otherwise.

Only what was heard and is not parked belongs into it. Its sequence is its own: a fact that it had lost takes a number that is free.
"""
from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from chassis.bulk import Table
from chassis.bus import Bus, Record
from chassis.database import Database, Tx
from chassis.topics import topic_of
from chassis.wire import Unreadable, parted
from reporting import archive, filed, generations
from reporting.projector import Projector
from reporting.views.fact import read_fact
from reporting.workers import Watch

TABLES = (
    "CREATE TABLE IF NOT EXISTS archive_again (source TEXT NOT NULL, incarnation {big} NOT NULL, position {big} NOT NULL, "
    "place TEXT NOT NULL, value {bytes} NOT NULL, PRIMARY KEY (source, incarnation, position))",
    "CREATE TABLE IF NOT EXISTS archive_again_at (topic_id TEXT NOT NULL, part {big} NOT NULL, next {big} NOT NULL, "
    "PRIMARY KEY (topic_id, part))",
)
AGAIN = Table("archive_again", {"source": "text", "incarnation": "bigint", "position": "bigint", "place": "text", "value": "bytea"},
              "ON CONFLICT DO NOTHING")
PAGE, TRIES = 10_000, 20
HEARD = "JOIN inbox i ON i.source = g.source AND i.incarnation = g.incarnation AND i.position = g.position"


class NotInTopics(Exception):
    """Facts that were heard are in no topic any more: what they were is not thrown away."""


class Moving(Exception):
    """What is heard meanwhile comes faster than it can be read again."""


@dataclass(frozen=True)
class Refilled:
    """How many facts the topics have, and how many of them the archive had lost, had with other bytes or filed elsewhere, or had though
    nobody spoke them."""

    facts: int
    missing: int
    wrong: int
    extra: int


class Refill:
    """Cut off, it goes on where it was."""

    def __init__(self, database: Database, bus: Bus, received: str, watch: Watch) -> None:
        self._database, self._bus, self._received, self._watch = database, bus, received, watch
        self._topics = [topic_of(source) for source in Projector.sources]
        self._lacked: set[str] = set()

    async def run(self) -> Refilled:
        """Read all there is beside the archive, put it right. `NotInTopics` where the topics lack what was heard, by its places."""
        await self._forget_other_topics()
        with self._database.snapshot() as tx:  # before the writers' lock is taken: what is archived meanwhile is filed as it should be
            filed_wrong = filed.places(tx)
        for _ in range(TRIES):
            await self._read()
            if (done := self._put_right(filed_wrong)) is not None:
                return done
        raise Moving

    async def _forget_other_topics(self) -> None:
        """A topic that was made again is read again."""
        ids = [await self._bus.topic_id(topic) for topic in self._topics]
        with self._database.transaction() as tx:
            old = {row["topic_id"] for row in tx.execute("SELECT DISTINCT topic_id FROM archive_again_at")} - set(ids)
            if old:
                tx.execute("DELETE FROM archive_again")
                tx.execute("DELETE FROM archive_again_at")

    async def _read(self) -> None:
        ends = {(topic, part): end for topic in self._topics for part, (_, end) in (await self._bus.bounds(topic)).items()}
        done, of = 0, sum(ends.values())
        for (topic, part), end in ends.items():
            topic_id = await self._bus.topic_id(topic)
            at = self._next(topic_id, part)
            while at < end and (records := await self._bus.read(topic, part, at, PAGE)):
                at = records[-1].offset + 1
                self._keep(topic_id, part, at, records)
                self._watch("facts read from the topics", done + at, of)
            done += at

    def _next(self, topic_id: str, part: int) -> int:
        with self._database.reading() as tx:
            rows = tx.execute("SELECT next FROM archive_again_at WHERE topic_id = %s AND part = %s", (topic_id, part))
        return int(rows[0]["next"]) if rows else 0

    def _keep(self, topic_id: str, part: int, following: int, records: Sequence[Record]) -> None:
        found = [row for record in records for row in _placed(record.value)]
        with self._database.transaction() as tx:
            for start in range(0, len(found), archive.MOST):
                AGAIN.insert(tx, found[start:start + archive.MOST])
            tx.execute("INSERT INTO archive_again_at (topic_id, part, next) VALUES (%s, %s, %s) ON CONFLICT (topic_id, part) DO UPDATE "
                       "SET next = excluded.next", (topic_id, part, following))

    def _put_right(self, filed_wrong: Mapping[str, int]) -> Refilled | None:
        """Under the writers' lock, so that nothing is heard meanwhile; None where more has been heard than was read."""
        with self._database.locked() as tx:
            generations.lock(tx, self._database)
            parked = {row[3] for one in tx.execute("SELECT value FROM parked") for row in _placed(bytes(one["value"]))}
            lacking = {place for row in tx.execute(
                "SELECT i.source, i.incarnation, i.position FROM inbox i LEFT JOIN archive_again g ON g.source = i.source AND "
                "g.incarnation = i.incarnation AND g.position = i.position WHERE g.place IS NULL")
                if (place := f"{row['source']}/{row['incarnation']}/{row['position']}") not in parked}
            if lacking:
                self._more_came(lacking)
                return None
            return self._changed(tx, parked, filed_wrong)

    def _more_came(self, lacking: set[str]) -> None:
        """It is looked at once more: what is lacking then too is in no topic."""
        if gone := lacking & self._lacked:
            raise NotInTopics(", ".join(sorted(gone)[:5]) + (f" and {len(gone) - 5} more" if len(gone) > 5 else ""))
        self._lacked = lacking

    def _changed(self, tx: Tx, parked: set[str], filed_wrong: Mapping[str, int]) -> Refilled:
        facts = tx.execute(f"SELECT count(*) AS many FROM archive_again g {HEARD}")[0]["many"] - len(parked)
        extra = {row["place"]: row["seq"] for row in tx.execute(
            "SELECT a.seq, a.place FROM archive a LEFT JOIN archive_again g ON g.place = a.place WHERE g.place IS NULL")}
        wrong = {row["place"]: row["seq"] for row in tx.execute(
            "SELECT a.seq, a.place FROM archive a JOIN archive_again g ON g.place = a.place WHERE g.value <> a.value")}
        wrong |= {place: seq for place, seq in filed_wrong.items() if place not in extra}
        missing = [row["place"] for row in tx.execute(
            f"SELECT g.place FROM archive_again g {HEARD} LEFT JOIN archive a ON a.place = g.place WHERE a.place IS NULL "
            "ORDER BY g.source, g.incarnation, g.position") if row["place"] not in parked]
        for seq in (*extra.values(), *wrong.values()):
            tx.execute("DELETE FROM archive WHERE seq = %s", (seq,))
        for table in (archive.ABOUT.name, archive.OF_NO_CASE.name):
            tx.execute(f"DELETE FROM {table} WHERE NOT EXISTS (SELECT 1 FROM archive a WHERE a.seq = {table}.seq)")
        kept = set(wrong.values())
        numbers = {**wrong, **dict(zip(missing, (seq for seq in _free(tx) if seq not in kept), strict=False))}
        for page in _pages(list(numbers)):
            rows = tx.among("SELECT place, value FROM archive_again WHERE place {among}", page)
            archive.put(tx, [(numbers[row["place"]], bytes(row["value"])) for row in rows], self._received)
        tx.execute("DELETE FROM archive_again")
        tx.execute("DELETE FROM archive_again_at")
        return Refilled(facts, len(missing), len(wrong), len(extra))


def _free(tx: Tx) -> Iterator[int]:
    """Numbers that no fact has: those that were lost first, so that the views count no fact twice; then those that follow."""
    at = 0
    while page := tx.execute("SELECT seq FROM archive WHERE seq > %s ORDER BY seq LIMIT 10000", (at,)):
        for row in page:
            yield from range(at + 1, row["seq"])
            at = row["seq"]
    while True:
        at += 1
        yield at


def _placed(value: bytes) -> list[tuple[str, int, int, str, bytes]]:
    """The row of a record; none of one that is no fact."""
    try:
        _, added = parted(value)
        fact = read_fact(value)
    except (Unreadable, KeyError, ValueError):
        return []
    return [(fact.source, added.incarnation, added.position, fact.place, value)]


def _pages(places: Sequence[str]) -> Iterator[list[str]]:
    some = iter(places)
    while page := list(islice(some, archive.MOST_AMONG)):
        yield page


