"""Row 3: facts a second from the log to Kafka, acks=all, idempotent, against the same relay that publishes one by one."""
from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

from faststream.kafka import KafkaBroker

from bench import pad
from bench.place import Place
from bench.row import Ratio, Sizes, paired
from chassis.bus import Message
from chassis.bus_kafka import KafkaBus
from chassis.execute import Call, Executor
from chassis.parts import pack
from chassis.postgres import EVENT_COLUMNS
from chassis.relay import PAGE, Relay

AT_ONCE = 500


class OneByOne(KafkaBus):
    """FastStream's `publish`, acknowledged before the next."""

    def __init__(self, servers: str) -> None:
        super().__init__(servers)
        self.broker = KafkaBroker(servers, logger=None, acks="all", enable_idempotence=True)

    async def speak(self, topic: str, messages: Mapping[int, Sequence[Message]]) -> None:
        for partition, some in messages.items():
            for key, value in some:
                await self.broker.publish(value, topic=topic, key=key, partition=partition)


async def measure(place: Place, sizes: Sizes) -> Ratio:
    ours, theirs = (f"pad{uuid4().hex[:10]}" for _ in range(2))
    place.topics(ours, theirs)
    bus, slow = KafkaBus(place.kafka), OneByOne(place.kafka)
    await slow.broker.start()
    with place.database() as one, place.database() as other, pad.office(one) as office, pad.office(other) as office_of_theirs:
        await fill(office, (sizes.rounds + 1) * sizes.pages * PAGE)
        await fill(office_of_theirs, (sizes.rounds + 1) * sizes.baseline_facts)
        relay = Relay(ours, office.log, bus, office.halt)
        baseline = Relay(theirs, office_of_theirs.log, slow, office_of_theirs.halt, page=sizes.baseline_facts)
        try:
            pairs = await paired(sizes.rounds, lambda: spoken(relay, sizes.pages), lambda: spoken(baseline, 1))
        finally:
            for each in (relay, baseline, slow.broker, slow, bus):
                await each.stop()
    return Ratio("relay, log to Kafka", "facts/s", 5, pairs)


async def spoken(relay: Relay, pages: int) -> float:
    begun, facts = time.perf_counter(), 0
    for _ in range(pages):
        facts += await relay.once()
    return facts / (time.perf_counter() - begun)


async def fill(office: Executor, facts: int) -> None:
    """Pads of eight notes: one note is added, and stored again as that of other pads. Only the relay is measured here."""
    mine = str(uuid4())
    await office.carry_out(pad.ADD, pad.note(mine, mine), pad.ACTOR, Call(mine, b"d" * 32, mine))
    noted = office.log.read(0, 1)[0]
    rows: list[tuple[Any, ...]] = []
    for at in range(facts):
        if at % 8 == 0:
            other = str(uuid4())
        parts = noted.parts._replace(fact=noted.parts.fact.replace(mine.encode(), other.encode()))
        rows.append((f"bari/pad/{other}", at % 8 + 1, noted.name, pack(parts)))
    with office.log.database.locked() as tx:
        for start in range(0, facts - 1, AT_ONCE):
            tx.execute(*tx.insert("stored_events", EVENT_COLUMNS, rows[start:start + AT_ONCE]))
