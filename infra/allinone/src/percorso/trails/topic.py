"""What a topic holds of one source: its partitions, read side by side and merged by position; memory is a chunk a partition."""
from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator

import orjson

from chassis.bus import Bus, Record, partition_of
from chassis.relay import key_of
from chassis.seals import SEALED, STAMPED
from chassis.topics import topic_of
from chassis.wire import Added, Unreadable, parted
from percorso.trails.faults import Named
from percorso.trails.sealed import Sealed

CHUNK = 2000
At = tuple[int, int]
"""Incarnation, position."""
Fact = tuple[At, bytes, Added]


class TopicStore:
    """The topic of one service."""

    place = "topic"

    def __init__(self, service: str, bus: Bus) -> None:
        self.service, self._bus, self._topic = service, bus, topic_of(service)

    async def facts(self) -> AsyncIterator[Fact]:
        """All facts in order of (incarnation, position); a late repeat of what came before is passed over. `Named` at what is none."""
        parts = [_Partition(self._bus, self._topic, part, *bounds) for part, bounds in
                 sorted((await self._bus.bounds(self._topic)).items())]
        heads = {part: fact for part in parts if (fact := await part.next()) is not None}
        while heads:
            part = min(heads, key=lambda one: heads[one][0])
            yield heads[part]
            following = await part.next()
            if following is None:
                del heads[part]
            else:
                heads[part] = following

    async def seals(self) -> list[Sealed]:
        """The seals and their stamps: all in the partition of the log's own facts. `Named` where it holds what is no fact."""
        part = partition_of(self.service.encode())
        reader = _Partition(self._bus, self._topic, part, *(await self._bus.bounds(self._topic))[part])
        seal, stamp = (f'"type":"{self.service}.{name}"}}'.encode() for name in (SEALED, STAMPED))
        found = list[Sealed]()
        while (fact := await reader.next()) is not None:
            if fact[1].endswith((seal, stamp)):
                found.append(Sealed(*fact[0], fact[1], stamp=fact[1].endswith(stamp)))
        return found


class _Partition:
    def __init__(self, bus: Bus, topic: str, part: int, first: int, end: int) -> None:
        self._bus, self._topic, self._part, self._at, self._end = bus, topic, part, first, end
        self._read: deque[Record] = deque()
        self._last: At = (0, 0)
        self._recent: deque[tuple[At, bytes]] = deque(maxlen=CHUNK)

    async def next(self) -> Fact | None:
        while True:
            if not self._read and not await self._more():
                return None
            record = self._read.popleft()
            stored, added = self._parted(record)
            at = added.incarnation, added.position
            if at > self._last:
                await self._look_ahead(at)
                self._last = at
                self._recent.append((at, stored))
                return at, stored, added
            if dict(self._recent).get(at, stored) != stored:
                raise Named("changed", added.position, "it lies there twice, with different bytes")

    async def _look_ahead(self, at: At) -> None:
        """A late repeat is of what was read already: what lies behind this one, and is of between, was moved."""
        if not self._read and not await self._more():
            return
        added = self._parted(self._read[0])[1]
        if self._last < (added.incarnation, added.position) < at:
            raise Named("reordered", at[1], f"it lies before {added.incarnation}/{added.position}, at offset {self._read[0].offset - 1} of "
                        f"partition {self._part}")

    async def _more(self) -> bool:
        if self._at >= self._end:
            return False
        found = await self._bus.read(self._topic, self._part, self._at, min(CHUNK, self._end - self._at))
        self._at += CHUNK
        self._read.extend(found)
        return bool(found) or self._at < self._end

    def _parted(self, record: Record) -> tuple[bytes, Added]:
        where = f"offset {record.offset} of partition {self._part}"
        try:
            stored, added = parted(record.value)
            key = key_of(orjson.loads(stored))
        except (Unreadable, ValueError, KeyError):
            raise Named("changed", self._last[1], f"what lies after this position, at {where}, is no fact of a relay") from None
        if key != record.key or partition_of(key) != self._part:
            raise Named("reordered", added.position, f"it lies at {where} under another key than its own")
        return stored, added


