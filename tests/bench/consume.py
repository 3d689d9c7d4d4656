"""Row 4: facts a second from Kafka through the inbox into archive and views, against one message and one transaction at a time."""
from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from uuid import uuid4

from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.annotations import KafkaMessage

from bench import facts
from bench.place import Place
from bench.row import Ratio, Sizes, paired
from chassis import schema
from chassis.bus import Record
from chassis.bus_kafka import KafkaBus
from chassis.clock import WallClock
from chassis.coming import Came
from chassis.database import Tx, open_database
from chassis.hearing import Hearing
from chassis.topics import topic_of
from reporting.archive import Archive
from reporting.projector import Projector
from reporting.service import DECLARED

PATIENCE_S = 120


class Reporting:
    """What reporting hears with: inbox, archive, views, over a database of its own."""

    def __init__(self, url: str, topics: Sequence[str]) -> None:
        self.database, clock = open_database(url, service=DECLARED.name), WallClock()
        schema.migrate(self.database, DECLARED.tables)
        self.projector = Projector(self.database, Archive(clock.now))
        self.hearing = Hearing(DECLARED, self.database, clock.now, archive=self._archive)
        self.archived = 0
        self.hearing.topics = tuple(topics)
        self.hearing.prepare()

    def _archive(self, tx: Tx, records: Sequence[Came]) -> None:
        self.projector.archive(tx, records)
        self.archived += len(records)

    def one_by_one(self, record: Record) -> None:
        self.hearing.take([record])
        self.projector.step()


async def measure(place: Place, sizes: Sizes) -> Ratio:
    case, run = await facts.of_a_case(sizes.case), uuid4().hex[:8]
    names = {service: f"{service}{run}" for service in case}
    place.topics(*names.values())
    bus, spoken = KafkaBus(place.kafka), 0
    for name, messages in facts.told_again(case, sizes.cases, names):
        await bus.speak(topic_of(name), messages)
        spoken += sum(map(len, messages.values()))
    topics = [topic_of(name) for name in names.values()]
    try:
        pairs = await paired(sizes.hearings, lambda: ours(place, bus, topics, spoken), lambda: theirs(place, topics, sizes.baseline_heard))
    finally:
        await bus.stop()
    return Ratio("consume into archive and views", "facts/s", 10, pairs, {"facts_a_round": spoken})


@asynccontextmanager
async def reporting(place: Place, topics: Sequence[str]) -> AsyncIterator[Reporting]:
    with place.database() as url:
        made = Reporting(url, topics)
        try:
            yield made
        finally:
            made.database.close()


async def ours(place: Place, bus: KafkaBus, topics: Sequence[str], facts: int) -> float:
    """From the first record heard until the last is in the views."""
    async with reporting(place, topics) as its:
        first, heard = _first_of(its.hearing), asyncio.Event()
        its.hearing.heard += [its.projector.on_batch, lambda _: heard.set() if its.archived >= facts else None]
        await its.projector.start()
        listening = await bus.listen(topics, f"bench{uuid4().hex}", its.hearing)
        try:
            await asyncio.wait_for(heard.wait(), PATIENCE_S)
            while await asyncio.to_thread(its.projector.status) != {"behind": 0}:
                await asyncio.sleep(0.01)
            return facts / (time.perf_counter() - first[0])
        finally:
            await listening.stop()
            await its.projector.stop()


def _first_of(hearing: Hearing) -> list[float]:
    """When the first batch came."""
    hear, times = hearing.hear, list[float]()

    async def timed(records: Sequence[Record]) -> None:
        times.append(time.perf_counter())
        await hear(records)

    hearing.hear = timed  # type: ignore[method-assign]
    return times


async def theirs(place: Place, topics: Sequence[str], facts: int) -> float:
    """The same inbox, archive and views; FastStream hands over one message, which is acknowledged once it is in the views."""
    broker = KafkaBroker(place.kafka, logger=None)
    times: list[float] = []
    done = asyncio.Event()
    async with reporting(place, topics) as its:
        @broker.subscriber(*topics, group_id=f"bench{uuid4().hex}", auto_offset_reset="earliest", ack_policy=AckPolicy.MANUAL)
        async def heard(msg: KafkaMessage) -> None:
            times.append(time.perf_counter())
            if len(times) <= facts:
                await asyncio.to_thread(its.one_by_one, _record(msg))
                await msg.ack()
            else:
                done.set()

        await broker.start()
        try:
            await asyncio.wait_for(done.wait(), PATIENCE_S)
        finally:
            await broker.stop()
    return facts / (times[facts] - times[0])


def _record(msg: KafkaMessage) -> Record:
    raw = msg.raw_message
    return Record(raw.topic, raw.topic, raw.partition, raw.offset, raw.key or b"", raw.value or b"")
