"""Hearing: one transaction a batch takes inbox rows, heard facts, reactions to come and the next offsets (`design.md` 5)."""
from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from chassis.bulk import Statement, Table
from chassis.bus import Record
from chassis.clock import stamp
from chassis.coming import Came, Listed, about_key, abouts, read
from chassis.database import Database, Tx
from chassis.declare import Declared
from chassis.erasure import destroying
from chassis.kept import keep, known_of
from chassis.logs import described
from chassis.parking import park, parked_keys
from chassis.reaction_rows import fresh_reactions, wake, wake_all
from chassis.sift import Fate, Standing, sift
from chassis.topics import topic_of

TABLES = (
    "CREATE TABLE IF NOT EXISTS inbox (source TEXT NOT NULL, incarnation {big} NOT NULL, position {big} NOT NULL, "
    "digest {bytes} NOT NULL, PRIMARY KEY (source, incarnation, position))",
    "CREATE TABLE IF NOT EXISTS heard (source TEXT NOT NULL, incarnation {big} NOT NULL, position {big} NOT NULL, type TEXT NOT NULL, "
    "recorded TEXT NOT NULL, body {bytes} NOT NULL, PRIMARY KEY (source, incarnation, position))",
    "CREATE INDEX IF NOT EXISTS heard_recorded ON heard (recorded)",
    "CREATE TABLE IF NOT EXISTS heard_about (about TEXT NOT NULL, source TEXT NOT NULL, incarnation {big} NOT NULL, "
    "position {big} NOT NULL, batch {big} NOT NULL, PRIMARY KEY (about, source, incarnation, position))",
    "CREATE INDEX IF NOT EXISTS heard_about_fact ON heard_about (source, incarnation, position)",
    "CREATE TABLE IF NOT EXISTS next_offset (topic_id TEXT NOT NULL, part {big} NOT NULL, topic TEXT NOT NULL, next {big} NOT NULL, "
    "PRIMARY KEY (topic_id, part))",
    "CREATE TABLE IF NOT EXISTS last_heard (source TEXT NOT NULL, part {big} NOT NULL, incarnation {big} NOT NULL, "
    "position {big} NOT NULL, PRIMARY KEY (source, part))",
    "CREATE TABLE IF NOT EXISTS hearing_batch (one INTEGER PRIMARY KEY, number {big} NOT NULL)",
    "CREATE TABLE IF NOT EXISTS source_stopped (source TEXT PRIMARY KEY, reason TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS listed (type TEXT NOT NULL, part {big} NOT NULL, incarnation {big} NOT NULL, position {big} NOT NULL, "
    "PRIMARY KEY (type, part))",
)
_FACT = {"source": "text", "incarnation": "bigint", "position": "bigint"}
_INBOX = Table("inbox", {**_FACT, "digest": "bytea"})
_HEARD = Table("heard", {**_FACT, "type": "text", "recorded": "text", "body": "bytea"}, "ON CONFLICT DO NOTHING")
_ABOUT = Table("heard_about", {"about": "text", **_FACT, "batch": "bigint"}, "ON CONFLICT DO NOTHING")
_NEXT = Table("next_offset", {"topic_id": "text", "part": "bigint", "topic": "text", "next": "bigint"},
              "ON CONFLICT (topic_id, part) DO UPDATE SET next = excluded.next WHERE excluded.next > next_offset.next")
_LAST = Table("last_heard", {"source": "text", "part": "bigint", "incarnation": "bigint", "position": "bigint"},
              "ON CONFLICT (source, part) DO UPDATE SET incarnation = excluded.incarnation, position = excluded.position")
_LISTED = Table("listed", {"type": "text", "part": "bigint", "incarnation": "bigint", "position": "bigint"}, "ON CONFLICT DO NOTHING")
AHEAD = timedelta(minutes=5)
FIRST_WAIT, LONGEST_WAIT = 0.1, 10.0
Archiving = Callable[[Tx, Sequence[Came]], None]
logger = logging.getLogger(__name__)


class Hearing:
    """A `Listener`. `sources`: more services to listen to than the listed types name. `archive` runs in the transaction."""

    def __init__(self, declared: Declared, database: Database, now: Callable[[], datetime], *, sources: Sequence[str] = (),
                 archive: Archiving | None = None) -> None:
        self.listed = Listed([*declared.hears, *(reaction.on for reaction in declared.reactions), *filter(None, [declared.erases])])
        self.sources = tuple(sorted({*sources, *self.listed.sources}))
        self.topics = tuple(map(topic_of, self.sources))
        self.ahead: dict[str, str] = {}
        self.stopped: dict[str, str] = {}
        self.heard: list[Callable[[int], None]] = []
        """Called in the event loop after each batch, with the number of facts heard."""
        self.erased: list[Callable[[], None]] = []
        """Called in the thread of the hearing, once somebody was erased."""
        self._reactions, self._database, self._now, self.archive = declared.reactions, database, now, archive
        self._erases = declared.erases
        self._old: dict[tuple[str, int], tuple[int, int]] = {}
        """Up to where the facts of a type lie that were there before it was listed, by partition."""

    def prepare(self) -> None:
        """At the start: types listed since the last time are read from the beginning of their topic."""
        with self._database.locked() as tx:
            before = {row["type"] for row in tx.execute("SELECT DISTINCT type FROM listed")}
            for gone in before - self.listed.types:
                tx.execute("DELETE FROM listed WHERE type = %s", (gone,))
            for new in sorted(self.listed.types - before):
                self._list(tx, new)
            rows = tx.execute("SELECT type, part, incarnation, position FROM listed WHERE part >= 0")
            self._old = {(row["type"], row["part"]): (row["incarnation"], row["position"]) for row in rows}

    def next_offsets(self) -> Mapping[tuple[str, int], int]:
        self.stopped, self.ahead = self.not_heard(), {}  # only here: what is under way would leave a gap
        return self.places()

    def places(self) -> Mapping[tuple[str, int], int]:
        """The next offset of each (topic id, partition): to be asked by anybody."""
        with self._database.reading() as tx:
            rows = tx.execute("SELECT topic_id, part, next FROM next_offset")
        return {(row["topic_id"], row["part"]): row["next"] for row in rows}

    async def hear(self, records: Sequence[Record]) -> None:
        """Take in a batch; trouble is waited out, for ever."""
        wait = FIRST_WAIT
        while True:
            try:
                heard = await asyncio.to_thread(self.take, records)
                break
            except Exception as trouble:
                logger.warning("hearing waits: %s", described(trouble), exc_info=wait >= LONGEST_WAIT)
                await asyncio.sleep(wait)
                wait = min(2 * wait, LONGEST_WAIT)
        for notice in self.heard:
            notice(heard)

    def take(self, records: Sequence[Record]) -> int:
        """One batch in one transaction; the number of facts heard."""
        came = [read(record, self.listed) for record in records]
        latest = stamp(self._now() + AHEAD)
        with self._database.locked() as tx:
            standing = _standing(tx, came)
            standing.stopped |= self.stopped
            standing.ahead |= self.ahead
            held = set(standing.stopped)
            fates = [(one, sift(one, standing, latest, self.archive is not None)) for one in came]
            kept = [one for one, fate in fates if fate is Fate.HEARD]
            again = [one for one, fate in fates if fate is Fate.REPEATED and self._is_old(one)]
            self.store(tx, kept, _inbox(tx, fates, standing) + _places(tx, fates, standing), again)
            park(tx, [(one, fate is Fate.LINED) for one, fate in fates if fate in (Fate.PARKED, Fate.LINED)])
            erased = self._erase(tx, [one for one, fate in fates if fate is not Fate.LEFT and one.fact.get("type") == self._erases])
            for source in standing.stopped.keys() - held:
                tx.execute("INSERT INTO source_stopped (source, reason) VALUES (%s, %s)", (source, standing.stopped[source]))
                logger.error("nothing more is heard of %s until an operator decides: %s", source, standing.stopped[source])
        for source in standing.ahead.keys() - self.ahead.keys():
            logger.warning("%s recorded a fact at %s, more than five minutes ahead of this clock: it waits", source,
                           standing.ahead[source])
        self.stopped, self.ahead = standing.stopped, standing.ahead
        for notice in self.erased if erased else ():
            notice()
        return sum(one.listed for one in kept)

    def store(self, tx: Tx, kept: Sequence[Came], more: Sequence[Statement] = (), again: Sequence[Came] = ()) -> None:
        """Store facts as heard, their reactions, and what else belongs to them; an archive gets what is kept.

        `again`: facts that were kept before, for the archive, and whose type was listed since.
        """
        listed = [one for one in (*kept, *again) if one.listed]
        batch = tx.execute("INSERT INTO hearing_batch (one, number) VALUES (1, 1) ON CONFLICT (one) DO UPDATE SET number = "
                           "hearing_batch.number + 1 RETURNING number")[0]["number"]
        about = {(about_key(one.fact["tenant"], name), one.source, *one.place) for one in listed for name in abouts(one.fact)}
        statements = list(more)
        statements += _HEARD.statements(tx, [(one.source, *one.place, one.fact["type"], one.fact["time"], one.stored) for one in listed])
        statements += _ABOUT.statements(tx, [(*row, batch) for row in sorted(about)])
        statements += keep(tx, kept)
        statements += fresh_reactions(tx, self._reactions, listed, self._old, batch)
        tx.together(statements)
        wake(tx, sorted({row[0] for row in about}))
        if self.archive is not None and kept:
            self.archive(tx, kept)

    def _erase(self, tx: Tx, came: Sequence[Came]) -> int:
        """Destroy what is personal of these facts' subjects, whether they line up behind a parked one or were heard before; how many."""
        found = [(one.fact["tenant"], one.fact["subject"], stamp(self._now()), one.fact["id"]) for one in came if one.fact.get("subject")]
        for one in found:
            tx.together(destroying(*one))
        return len(found)

    def passed(self) -> dict[str, dict[int, tuple[int, int]]]:
        """The last (incarnation, position) that came, by source and partition, heard or passed over."""
        found: dict[str, dict[int, tuple[int, int]]] = {source: {} for source in self.sources}
        with self._database.reading() as tx:
            for row in tx.execute("SELECT source, part, incarnation, position FROM last_heard"):
                found.setdefault(row["source"], {})[row["part"]] = (row["incarnation"], row["position"])
        return found

    def not_heard(self) -> dict[str, str]:
        """The sources that are stopped, with the reason: in any process of the service."""
        with self._database.reading() as tx:
            return _stopped(tx)

    def resume(self, source: str) -> None:
        """An operator has decided: hear a stopped source again, from this service's own offsets."""
        with self._database.locked() as tx:
            tx.execute("DELETE FROM source_stopped WHERE source = %s", (source,))
            wake_all(tx)

    def may_go_on(self) -> bool:
        """Whether a source that was left alone may be heard again: then the listening must go back to its own offsets."""
        latest = stamp(self._now() + AHEAD)
        if any(recorded <= latest for recorded in self.ahead.values()):
            return True
        return bool(self.stopped.keys() - self.not_heard().keys())

    def _is_old(self, came: Came) -> bool:
        at = (came.fact.get("type", ""), came.record.partition)
        return self.archive is not None and came.listed and came.place <= self._old.get(at, (0, 0))

    def _list(self, tx: Tx, name: str) -> None:
        source = name.partition(".")[0]
        lasts = tx.execute("SELECT part, incarnation, position FROM last_heard WHERE source = %s", (source,))
        _LISTED.insert(tx, [(name, -1, 0, 0), *((name, row["part"], row["incarnation"], row["position"]) for row in lasts)])
        tx.execute("UPDATE next_offset SET next = 0 WHERE topic = %s", (topic_of(source),))


def _stopped(tx: Tx) -> dict[str, str]:
    return {row["source"]: row["reason"] for row in tx.execute("SELECT source, reason FROM source_stopped")}


def _standing(tx: Tx, came: Sequence[Came]) -> Standing:
    lasts = tx.execute("SELECT source, part, incarnation, position FROM last_heard")
    positions: dict[tuple[str, int], list[int]] = defaultdict(list)
    for one in came:
        if one.added is not None:
            positions[one.source, one.added.incarnation].append(one.added.position)
    asked = [tx.one_of("SELECT source, incarnation, position, digest FROM inbox WHERE source = %s AND incarnation = %s AND position "
                       "{among}", some, of) for of, some in positions.items()]
    digests = {(row["source"], row["incarnation"], row["position"]): bytes(row["digest"])
               for rows in tx.together(asked) for row in rows}
    lined, odd = parked_keys(tx, any(one.added is None for one in came))
    return Standing({(row["source"], row["part"]): (row["incarnation"], row["position"]) for row in lasts}, digests, lined, odd,
                    _stopped(tx), seals=known_of(tx, came))


def _inbox(tx: Tx, fates: Sequence[tuple[Came, Fate]], standing: Standing) -> list[Statement]:
    taken = [one for one, fate in fates if one.added is not None and fate in (Fate.HEARD, Fate.PARKED, Fate.LINED)]
    return _INBOX.statements(tx, [(one.source, *one.place, standing.digests[one.source, *one.place]) for one in taken])


def _places(tx: Tx, fates: Sequence[tuple[Came, Fate]], standing: Standing) -> list[Statement]:
    """The next offsets, and the last position of each partition, of what was taken."""
    following: dict[tuple[str, int, str], int] = {}
    parts: set[tuple[str, int]] = set()
    for one, fate in fates:
        if fate is not Fate.LEFT:
            at = (one.record.topic_id, one.record.partition, one.record.topic)
            following[at] = max(one.record.offset + 1, following.get(at, 0))
            parts.add((one.source, one.record.partition))
    lasts: list[Sequence[Any]] = [(*at, *standing.last[at]) for at in sorted(parts) if at in standing.last]
    return _NEXT.statements(tx, [(*at, following[at]) for at in following]) + _LAST.statements(tx, lasts)
