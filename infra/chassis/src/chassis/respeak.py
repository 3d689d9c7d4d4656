"""A topic that was lost, or lost its end, is filled again from the log: the same records, foreign facts in their old place."""
from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from chassis import saved
from chassis.agree import Identity, back_to, place_of
from chassis.bus import Bus, Message, Record
from chassis.log import Log
from chassis.readmit import NotNow, put_back, taken
from chassis.relay import PAGE, compose
from chassis.saved import Keeper, Place, Spoken
from chassis.topics import topic_of
from chassis.wire import parted

At = tuple[int, int]


async def respeak(log: Log, service: str, bus: Bus) -> int:
    """Speak what the topic lacks of all that was ever spoken; the number of records. It may be cut off and said again."""
    keeper, topic = Keeper(log.database, service), topic_of(service)
    await taken(keeper, log.database)
    try:
        place = await asyncio.to_thread(saved.look, log.database)
        topic_id, there = await bus.topic_id(topic), await _there(bus, topic, log)
        spoken, now = 0, Place()
        pages = spoken_before(log, service, place, topic_id)
        while (page := await asyncio.to_thread(next, pages, None)) is not None:
            messages, now = page
            lacking: dict[int, list[Message]] = defaultdict(list)
            for part, at, message in messages:
                if at > there.get(part, (0, 0)):
                    lacking[part].append(message)
            await bus.speak(topic, lacking)
            spoken += sum(map(len, lacking.values()))
        await asyncio.to_thread(_note, keeper, replace(place, partitions=now.partitions))
        return spoken
    finally:
        keeper.free()


def spoken_before(log: Log, service: str, place: Place, topic_id: str) -> Iterator[tuple[list[tuple[int, At, Message]], Place]]:
    """All that the relay had spoken up to a place, page by page, each record with its partition and identity."""
    with log.database.reading() as tx:
        lives = saved.lives(tx)
        foreign = tx.execute("SELECT incarnation, position, part, key, value FROM foreign_fact ORDER BY incarnation, position")
    first = dict(lives)
    ends = {incarnation: after - 1 for (incarnation, _), (_, after) in pairwise(lives)}
    partitions: dict[int, Spoken] = {}
    for incarnation in sorted(first | {row["incarnation"]: 0 for row in foreign}):
        if incarnation in first:
            now = Place(incarnation, first[incarnation] - 1, {}, partitions)
            end = min(ends.get(incarnation, place.position), place.position)
            while entries := [entry for entry in log.read(now.position, PAGE) if entry.position <= end]:
                page = compose(service, entries, now, topic_id)
                now, partitions = page.after, dict(page.after.partitions)
                yield [(part, _at(message), message) for part, some in page.messages.items() for message in some], now
        theirs = [row for row in foreign if row["incarnation"] == incarnation]
        for row in theirs:
            partitions[row["part"]] = Spoken(topic_id, incarnation, row["position"])
        if theirs:
            yield ([(row["part"], (incarnation, row["position"]), (bytes(row["key"]), bytes(row["value"]))) for row in theirs],
                   Place(incarnation, 0, {}, partitions))


def _at(message: Message) -> At:
    added = parted(message[1])[1]
    return added.incarnation, added.position


async def _there(bus: Bus, topic: str, log: Log) -> dict[int, At]:
    """The last record of each partition. `NotNow` where it is not the log's."""
    identity, there = await asyncio.to_thread(Identity, log), dict[int, At]()

    def ours(record: Record) -> bool:
        return place_of(record) is not None

    for part, end in (await bus.bounds(topic)).items():
        records, met = await back_to(bus, topic, part, end, ours)
        if met:
            stored, added = parted(records[0].value)
            if why := await asyncio.to_thread(identity.why_not, added, stored):
                raise NotNow(f"{why}: readmit the store first")
            there[part] = (added.incarnation, added.position)
    return there


def _note(keeper: Keeper, place: Place) -> None:
    with keeper.saving() as tx:
        put_back(tx, replace(place, trails={}))
