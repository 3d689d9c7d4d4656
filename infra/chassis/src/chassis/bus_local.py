"""The bus in one SQLite file: for services of one process, and for tests. A restart resumes from the file."""
from __future__ import annotations

import asyncio
import contextlib
import logging
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from uuid import uuid4

from chassis.bus import PARTITIONS, BusAway, Listener, Listening, Message, Record, TopicMissing

_TABLES = """
CREATE TABLE IF NOT EXISTS topic (name TEXT PRIMARY KEY, topic_id TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS record (seq INTEGER PRIMARY KEY, topic_id TEXT NOT NULL, part INTEGER NOT NULL, at INTEGER NOT NULL,
    key BLOB NOT NULL, value BLOB NOT NULL, UNIQUE (topic_id, part, at));
"""
_RECORD = "SELECT seq, name, topic_id, part, at, key, value FROM record JOIN topic USING (topic_id)"
PAGE = 1000
IDLE = 0.5
log = logging.getLogger(__name__)


class LocalBus:
    """Topics are made by `create`. Acknowledged is what SQLite has synced to the disk."""

    def __init__(self, path: str) -> None:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=10)
        self._one_at_a_time = threading.Lock()
        self._wakes: set[asyncio.Event] = set()
        self._listenings: set[_Listening] = set()
        try:
            self._db.executescript(f"PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; {_TABLES}")
        except sqlite3.DatabaseError as away:
            self._db.close()
            raise BusAway(f"the local bus: {away}") from away

    def create(self, *topics: str) -> None:
        with self._begun("BEGIN IMMEDIATE") as db:
            db.executemany("INSERT INTO topic VALUES (?, ?) ON CONFLICT DO NOTHING", [(name, uuid4().hex) for name in topics])

    def drop(self, topic: str) -> None:
        with self._begun("BEGIN IMMEDIATE") as db:
            db.execute("DELETE FROM record WHERE topic_id = (SELECT topic_id FROM topic WHERE name = ?)", (topic,))
            db.execute("DELETE FROM topic WHERE name = ?", (topic,))

    async def topic_id(self, topic: str) -> str:
        return await asyncio.to_thread(self._topic_id, topic)

    async def bounds(self, topic: str) -> dict[int, tuple[int, int]]:
        def look() -> dict[int, tuple[int, int]]:
            topic_id = self._topic_id(topic)
            with self._begun() as db:
                found = dict(db.execute("SELECT part, max(at) + 1 FROM record WHERE topic_id = ? GROUP BY part", (topic_id,)))
            return {part: (0, found.get(part, 0)) for part in range(PARTITIONS)}
        return await asyncio.to_thread(look)

    async def read(self, topic: str, partition: int, start: int, count: int) -> list[Record]:
        def look() -> list[Record]:
            topic_id = self._topic_id(topic)
            with self._begun() as db:
                rows = db.execute(f"{_RECORD} WHERE topic_id = ? AND part = ? AND at >= ? AND at < ? ORDER BY at",
                                  (topic_id, partition, start, start + count)).fetchall()
            return [Record(*row[1:]) for row in rows]
        return await asyncio.to_thread(look)

    async def speak(self, topic: str, messages: Mapping[int, Sequence[Message]]) -> None:
        await asyncio.to_thread(self._append, topic, messages)
        for wake in self._wakes:
            wake.set()

    async def listen(self, topics: Sequence[str], group: str, listener: Listener) -> Listening:
        listening = _Listening(self, tuple(topics), listener)
        self._wakes.add(listening.wake)
        self._listenings.add(listening)
        return listening

    async def stop(self) -> None:
        for listening in tuple(self._listenings):
            await listening.stop()
        with self._one_at_a_time:
            self._db.close()

    def after(self, seq: int, topics: Sequence[str]) -> list[tuple[int, Record]]:
        """The next records of these topics in the order in which they were spoken, with their place in it."""
        marks = ",".join("?" * len(topics))
        with self._begun() as db:
            rows = db.execute(f"{_RECORD} WHERE seq > ? AND name IN ({marks}) ORDER BY seq LIMIT ?", (seq, *topics, PAGE)).fetchall()
        return [(row[0], Record(*row[1:])) for row in rows]

    def begin_of(self, offsets: Mapping[tuple[str, int], int], topics: Sequence[str]) -> int:
        """A place before every record that someone with these offsets has not heard."""
        with self._begun() as db:
            ids = [row[0] for row in db.execute(f"SELECT topic_id FROM topic WHERE name IN ({','.join('?' * len(topics))})", topics)]
            wanted = [(topic_id, part, offsets.get((topic_id, part), 0)) for topic_id in ids for part in range(PARTITIONS)]
            found = [db.execute("SELECT min(seq) FROM record WHERE topic_id = ? AND part = ? AND at = ?", at).fetchone()[0]
                     for at in wanted]
            last = db.execute("SELECT max(seq) FROM record").fetchone()[0] or 0
        return min((seq - 1 for seq in found if seq is not None), default=last)

    def _topic_id(self, topic: str) -> str:
        with self._begun() as db:
            row = db.execute("SELECT topic_id FROM topic WHERE name = ?", (topic,)).fetchone()
        if row is None:
            raise TopicMissing(topic)
        return str(row[0])

    def _append(self, topic: str, messages: Mapping[int, Sequence[Message]]) -> None:
        topic_id = self._topic_id(topic)
        with self._begun("BEGIN IMMEDIATE") as db:
            for part, some in messages.items():
                end = db.execute("SELECT coalesce(max(at) + 1, 0) FROM record WHERE topic_id = ? AND part = ?",
                                 (topic_id, part)).fetchone()[0]
                db.executemany("INSERT INTO record (topic_id, part, at, key, value) VALUES (?, ?, ?, ?, ?)",
                               [(topic_id, part, end + n, key, value) for n, (key, value) in enumerate(some)])

    @contextlib.contextmanager
    def _begun(self, begin: str = "BEGIN") -> Iterator[sqlite3.Connection]:
        try:
            with self._one_at_a_time, self._db:
                self._db.execute(begin)
                yield self._db
        except sqlite3.DatabaseError as away:
            raise BusAway(f"the local bus: {away}") from away


class _Listening:
    def __init__(self, bus: LocalBus, topics: tuple[str, ...], listener: Listener) -> None:
        self._bus, self._topics, self._listener = bus, topics, listener
        self.wake, self._seek = asyncio.Event(), True
        self._task = asyncio.create_task(self._run())

    async def again(self) -> None:
        self._seek = True
        self.wake.set()

    async def stop(self) -> None:
        self._bus._wakes.discard(self.wake)
        self._bus._listenings.discard(self)
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task

    async def _run(self) -> None:
        seq, own = 0, dict[tuple[str, int], int]()
        while True:
            self.wake.clear()
            try:
                if self._seek:
                    self._seek = False  # before it is asked: who says `again` meanwhile is not forgotten
                    own = dict(await asyncio.to_thread(self._listener.next_offsets))
                    seq = await asyncio.to_thread(self._bus.begin_of, own, self._topics)
                found = await asyncio.to_thread(self._bus.after, seq, self._topics)
                if self._seek:  # what was fetched before it is dropped
                    continue
                fresh = [record for _, record in found if record.offset >= own.get((record.topic_id, record.partition), 0)]
                if fresh:
                    await self._listener.hear(fresh)
                seq = found[-1][0] if found else seq
            except Exception:
                log.exception("listening goes on from its own offsets")
                self._seek, found = True, []
            if not found:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(IDLE):
                        await self.wake.wait()
