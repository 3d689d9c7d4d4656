"""Whether topic and log agree, record by record: by identity, id and bytes, never by number (`design.md` 5)."""
from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial

from chassis.bus import Bus, Record
from chassis.log import Log
from chassis.saved import Place, Spoken, lives
from chassis.wire import Added, Unreadable, parted

CHUNK = 500


def life_of(all_lives: Sequence[tuple[int, int]], position: int) -> int:
    """The incarnation under which a position of the log is spoken."""
    return max(incarnation for incarnation, first in all_lives if first <= position)


class Identity:
    """Knows the log's facts, and the foreign ones that an earlier life had spoken."""

    def __init__(self, log: Log) -> None:
        self._log = log
        with log.database.reading() as tx:
            self.lives = lives(tx)

    def why_not(self, added: Added, stored: bytes) -> str | None:
        """None where the record is the event stored at its position, or a foreign fact; else what is wrong."""
        if added.incarnation == life_of(self.lives, added.position):
            entry = self._log.at(added.position)
            if entry is not None and entry.parts.fact == stored:
                return None
        if self._foreign(added) == stored:
            return None
        return f"the topic's fact {added.incarnation}/{added.position} is not the one that the log holds"

    def _foreign(self, added: Added) -> bytes | None:
        with self._log.database.reading() as tx:
            rows = tx.execute("SELECT value FROM foreign_fact WHERE incarnation = %s AND position = %s",
                              (added.incarnation, added.position))
        return parted(bytes(rows[0]["value"]))[0] if rows else None


async def back_to(bus: Bus, topic: str, partition: int, end: tuple[int, int],
                  met: Callable[[Record], bool]) -> tuple[list[Record], bool]:
    """The records from the last one back to the first that is `met` (it included), in order; and whether one was."""
    first, upto = end
    found: list[Record] = []
    while upto > first:
        start = max(first, upto - CHUNK)
        chunk = await bus.read(topic, partition, start, upto - start)
        for at in range(len(chunk) - 1, -1, -1):
            if await asyncio.to_thread(met, chunk[at]):
                return chunk[at:] + found, True
        found, upto = chunk + found, start
    return found, False


async def disagreement(bus: Bus, topic: str, log: Log, place: Place) -> str | None:
    """What keeps this relay from going on: the topic is another, the saved record is gone, or a record is not the log's."""
    topic_id = await bus.topic_id(topic)
    identity = await asyncio.to_thread(Identity, log)
    for part, end in sorted((await bus.bounds(topic)).items()):
        saved = place.partitions.get(part)
        if saved and saved.topic_id != topic_id:
            return f"{topic} is not the topic that was spoken to: it was deleted and made again"
        records, met = await back_to(bus, topic, part, end, partial(_is, saved))
        if saved and not met:
            return f"the last record saved for partition {part}, {saved.incarnation}/{saved.position}, is not in {topic}"
        if why := await asyncio.to_thread(_strange, identity, records):
            return f"{topic}, partition {part}: {why}"
    return None


def _is(saved: Spoken | None, record: Record) -> bool:
    last = place_of(record)
    return saved is not None and last is not None and last == (saved.incarnation, saved.position)


def place_of(record: Record) -> tuple[int, int] | None:
    """(incarnation, position) of a record; None where it is not one of ours."""
    try:
        added = parted(record.value)[1]
    except Unreadable:
        return None
    return added.incarnation, added.position


def _strange(identity: Identity, records: Sequence[Record]) -> str | None:
    """The first record that is not the log's. One older than the one before it is a late repeat of a paused relay."""
    last = (0, 0)
    for record in records:
        try:
            stored, added = parted(record.value)
        except Unreadable:
            return f"the record at offset {record.offset} is not one of ours"
        if (added.incarnation, added.position) < last:
            continue
        last = (added.incarnation, added.position)
        if why := identity.why_not(added, stored):
            return why
    return None
