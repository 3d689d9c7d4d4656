"""A store that was set back is readmitted: a new life of the log begins after the last position at which log and topic agree."""
from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

import orjson

from chassis import foreign, saved
from chassis.agree import Identity, back_to, life_of, place_of
from chassis.bulk import Table
from chassis.bus import Bus, Record
from chassis.database import Database, Tx
from chassis.execute import Executor
from chassis.log import Log
from chassis.relay import PAGE, compose
from chassis.saved import Keeper, Place, Spoken
from chassis.topics import topic_of
from chassis.trail import heads_of, readmitted, say
from chassis.wire import Added, Unreadable, parted

TRIES, BETWEEN = 30, 0.5
_FOREIGN = Table("foreign_fact", {"incarnation": "bigint", "position": "bigint", "part": "bigint", "key": "bytea", "value": "bytea"},
                 "ON CONFLICT DO NOTHING")


class NotNow(Exception):
    """The tool cannot do its work; its text says why, and what to do."""


@dataclass(frozen=True)
class Readmission:
    """The new life, the position after which it begins, and how many facts of the topic became foreign."""

    incarnation: int
    position: int
    foreign: int


@dataclass(frozen=True)
class Found:
    """What the topic holds that the log does not, the last readable record of each partition, the greatest incarnation."""

    strange: dict[tuple[int, int], Record]
    last: dict[int, Spoken]
    incarnation: int


async def taken(keeper: Keeper, database: Database) -> None:
    """Take the relay's lock: a relay that halted gives it back; one at work does not, and is not waited for."""
    for _ in range(TRIES):
        if await asyncio.to_thread(keeper.take):
            return
        if (await asyncio.to_thread(saved.look, database)).halted is None:
            break
        await asyncio.sleep(BETWEEN)
    raise NotNow("a relay of this service is at work: log and topic agree, or it must be stopped first")


async def readmit(executor: Executor, bus: Bus) -> Readmission:
    """Begin a new life of the log; said again after it was cut off, it ends what was begun. `NotNow` where nothing is to be done."""
    log, service = executor.log, executor.declared.name
    keeper, topic = Keeper(log.database, service), topic_of(service)
    await taken(keeper, log.database)
    try:
        found = await _look(bus, topic, log)
        if found.strange:
            done = await asyncio.to_thread(_begin, keeper, log, found)
        else:
            done = await asyncio.to_thread(_begun, log)
    finally:
        keeper.free()
    executor.halt(None)
    place = await asyncio.to_thread(old_place, log, service, done.position)
    tenants = {tenant for tenant, _ in place.trails} | {
        orjson.loads(parted(record.value)[0])["tenant"] for record in found.strange.values()}
    for tenant in sorted(tenants):
        await say(executor, readmitted, tenant, f"readmitted:{done.incarnation}:{tenant}", incarnation=done.incarnation,
                  position=done.position, heads=heads_of(place, tenant))
    return done


def old_place(log: Log, service: str, upto: int) -> Place:
    """The trails of the life that ends with a position: a function of the log."""
    with log.database.reading() as tx:
        before = [life for life in saved.lives(tx) if life[1] <= upto]
    incarnation, first = before[-1] if before else saved.FIRST_LIFE
    place = Place(incarnation, first - 1)
    while entries := [entry for entry in log.read(place.position, PAGE) if entry.position <= upto]:
        place = compose(service, entries, place, "").after
    return place


async def _look(bus: Bus, topic: str, log: Log) -> Found:
    """Read each partition back to a record that is the log's; below it all are."""
    topic_id, identity = await bus.topic_id(topic), await asyncio.to_thread(Identity, log)

    def agrees(record: Record) -> bool:
        at = _read(record)
        return at is not None and identity.why_not(at[1], at[0]) is None

    strange: dict[tuple[int, int], Record] = {}
    last: dict[int, Spoken] = {}
    for part, end in (await bus.bounds(topic)).items():
        records, met = await back_to(bus, topic, part, end, agrees)
        places = [place for place in map(place_of, records) if place is not None]
        if places:
            last[part] = Spoken(topic_id, *max(places))
        strange.update({place: record for record in records[1 if met else 0:] if (place := place_of(record)) is not None})
    known = max(incarnation for incarnation, _ in identity.lives)
    return Found(strange, last, max([known, *(spoken.incarnation for spoken in last.values())]))


def _read(record: Record) -> tuple[bytes, Added] | None:
    try:
        return parted(record.value)
    except Unreadable:
        return None


def _begin(keeper: Keeper, log: Log, found: Found) -> Readmission:
    """Record the new life, keep the foreign facts, and set the relay to the position after which it begins."""
    position = min(log.head(), min(position for _, position in found.strange) - 1)
    incarnation = found.incarnation + 1
    with keeper.saving() as tx:
        tx.execute("INSERT INTO life (incarnation, first) VALUES (%s, %s)", (incarnation, position + 1))
        _FOREIGN.insert(tx, [(*place, record.partition, record.key, record.value) for place, record in found.strange.items()])
        foreign.note(tx, found.strange.values())
        put_back(tx, replace(Place(), position=position, partitions=found.last))
    return Readmission(incarnation, position, len(found.strange))


def put_back(tx: Tx, place: Place) -> None:
    """Set the relay's position and partitions, downwards too: an operator's tool does, under the relay's lock."""
    tx.execute("INSERT INTO relay_place (one, position) VALUES (1, %s) ON CONFLICT (one) DO UPDATE SET position = excluded.position",
               (place.position,))
    tx.execute("DELETE FROM relay_partition")
    saved.save(tx, Place(), place)


def _begun(log: Log) -> Readmission:
    with log.database.reading() as tx:
        lives: Sequence[tuple[int, int]] = saved.lives(tx)
    incarnation, first = lives[-1]
    if incarnation == saved.FIRST_LIFE[0]:
        raise NotNow("every fact of the topic is the log's: there is nothing to readmit (a topic that lacks facts is filled by respeak)")
    assert life_of(lives, first) == incarnation
    return Readmission(incarnation, first - 1, 0)
