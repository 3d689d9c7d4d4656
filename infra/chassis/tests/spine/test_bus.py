"""The same relay and hearing over the local bus and over Kafka; and what each bus must do."""
import asyncio
import shutil
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from desk import ACTOR, OPEN, call, opening, utc_now
from kafka.admin import ConfigResource, KafkaAdminClient
from kafka.errors import RetriableError
from spine import Ear, declared, ear, file_url, until

from chassis.bus import Bus, Record, TopicMissing, open_bus
from chassis.bus_kafka import KafkaBus
from chassis.bus_local import LocalBus
from chassis.consume import Consume
from chassis.relay import Relay
from chassis.topics import Wanted, topic_of

Provide = Callable[[str], None]


@pytest.fixture
def source() -> str:
    return f"desk{uuid4().hex[:8]}"


@pytest.fixture(params=["local", "kafka"])
async def bus(request: pytest.FixtureRequest, tmp_path: Path, source: str) -> AsyncIterator[Bus]:
    topic = topic_of(source)
    if request.param == "local":
        made: Any = open_bus(f"local://{tmp_path}/bus.sqlite")
        made.create(topic)
    else:
        made = open_bus(f"kafka://{request.getfixturevalue('kafka')}")
        await asyncio.to_thread(made.admin.apply, [Wanted(topic)])
    yield made
    await made.stop()


class Listens:
    def __init__(self) -> None:
        self.offsets: dict[tuple[str, int], int] = {}
        self.got: list[Record] = []
        self.fails = 0

    def next_offsets(self) -> dict[tuple[str, int], int]:
        return dict(self.offsets)

    async def hear(self, records: Any) -> None:
        if self.fails:
            self.fails -= 1
            raise RuntimeError("a handler that raises, against the rules")
        for record in records:
            self.got.append(record)
            self.offsets[record.topic_id, record.partition] = record.offset + 1


def ends(bounds: dict[int, tuple[int, int]]) -> int:
    return sum(end - first for first, end in bounds.values())


async def test_what_is_spoken_is_read_in_order_and_heard_from_own_offsets(bus: Bus, source: str) -> None:
    topic = topic_of(source)
    some = {part: [(f"k{part}".encode(), f"{part}-{n}".encode() * 400) for n in range(700)] for part in (0, 5, 11)}
    await bus.speak(topic, some)
    assert ends(await bus.bounds(topic)) == 2100
    read = await bus.read(topic, 5, 100, 50)
    assert [(record.offset, record.key, record.value) for record in read] == [(n, *some[5][n]) for n in range(100, 150)]

    first = Listens()
    listening = await bus.listen([topic], f"g-{source}", first)
    await until(lambda: len(first.got) == 2100)
    assert all([r.value for r in first.got if r.partition == part] == [value for _, value in some[part]] for part in some)
    await listening.stop()

    set_back = Listens()
    set_back.offsets = {(first.got[0].topic_id, part): 600 for part in some}
    listening = await bus.listen([topic], f"g-{source}", set_back)
    await until(lambda: len(set_back.got) == 300)
    assert min(record.offset for record in set_back.got) == 600
    set_back.offsets = {at: 690 for at in set_back.offsets}
    set_back.got.clear()
    await listening.again()
    await until(lambda: len(set_back.got) == 30)
    await listening.stop()


class Asked(Listens):
    """It takes its time to say where to begin."""

    def __init__(self) -> None:
        super().__init__()
        self.times, self.goes_on = 0, threading.Event()

    def next_offsets(self) -> dict[tuple[str, int], int]:
        self.times += 1
        self.goes_on.wait(30)
        return super().next_offsets()


async def test_who_sends_a_listening_back_while_it_asks_where_to_begin_is_not_forgotten(bus: Bus, source: str) -> None:
    listener = Asked()
    listening = await bus.listen([topic_of(source)], f"g-{source}", listener)
    await until(lambda: listener.times == 1)
    again = asyncio.create_task(listening.again())
    await asyncio.sleep(0)
    listener.goes_on.set()
    await again
    await until(lambda: listener.times == 2)


async def test_a_handler_that_raises_loses_nothing(bus: Bus, source: str) -> None:
    listener = Listens()
    listener.fails = 2
    await bus.listen([topic_of(source)], f"g-{source}", listener)
    await bus.speak(topic_of(source), {1: [(b"k", str(n).encode()) for n in range(50)]})
    await until(lambda: len(listener.got) == 50)
    assert [record.value for record in listener.got] == [str(n).encode() for n in range(50)]


async def test_no_topic_is_made_by_speaking(bus: Bus) -> None:
    with pytest.raises(TopicMissing):
        await bus.topic_id(topic_of(f"none{uuid4().hex[:8]}"))


async def spoken_by(desk: Ear, source: str, bus: Bus, number: int) -> None:
    await asyncio.gather(*(desk.executor.carry_out(OPEN, opening(), ACTOR, call()) for _ in range(number)))
    relay = Relay(source, desk.executor.log, bus, desk.executor.halt, page=50)
    while await relay.once():
        pass
    await relay.stop()


async def test_from_store_to_store_and_a_database_set_back_ends_equal(bus: Bus, source: str, tmp_path: Path) -> None:
    hears = declared("ear", hears=(f"{source}.TicketOpened.v1",))
    with ear(file_url(tmp_path, "desk"), declared(source, hears=()), utc_now) as desk:
        await spoken_by(desk, source, bus, 120)
        with ear(file_url(tmp_path), hears, utc_now) as one:
            consume = Consume("ear", one.hearing, one.reactions, bus)
            await consume.start()
            await until(lambda: len(one.all()) == 120)
            await consume.stop()
        shutil.copy(tmp_path / "ear.sqlite", tmp_path / "backup.sqlite")
        await spoken_by(desk, source, bus, 80)
        for name in ("ear", "backup"):
            with ear(file_url(tmp_path, name), hears, utc_now) as one:
                consume = Consume("ear", one.hearing, one.reactions, bus)
                await consume.start()
                await until(lambda one=one: len(one.all()) == 200)  # type: ignore[misc]
                await consume.stop()
                assert [row[3] for row in one.all()] == [entry.parts.fact for entry in desk.executor.log.read(0, 1000)]
                assert one.hearing.stopped == {}


async def test_a_source_ahead_of_the_clock_is_heard_once_the_clock_is_there(tmp_path: Path, source: str) -> None:
    bus, moment = LocalBus(str(tmp_path / "bus.sqlite")), [utc_now().replace(year=2020)]
    bus.create(topic_of(source))
    hears = declared("ear", hears=(f"{source}.TicketOpened.v1",))
    with ear(file_url(tmp_path, "desk"), declared(source, hears=()), utc_now) as desk, \
            ear(file_url(tmp_path), hears, lambda: moment[0]) as one:
        consume = Consume("ear", one.hearing, one.reactions, bus)
        await consume.start()
        await spoken_by(desk, source, bus, 30)
        await until(lambda: source in one.hearing.ahead)
        await spoken_by(desk, source, bus, 30)
        assert one.all() == []
        moment[0] = utc_now()
        await until(lambda: len(one.all()) == 60)
        assert one.hearing.stopped == {}
        await consume.stop()
        await bus.stop()


async def test_topics_are_planned_made_and_compared_and_never_widened_in_place(kafka: str, source: str) -> None:
    bus = KafkaBus(kafka)
    admin, wanted = bus.admin, [Wanted(topic_of(source))]
    assert [change.what for change in admin.plan(wanted)] == ["topic"]
    assert [change.have for change in admin.apply(wanted)] == ["missing"]
    assert (admin.plan(wanted), admin.apply(wanted)) == ([], [])
    there = admin.there([topic_of(source)])[topic_of(source)]
    assert (there.partitions, there.configs["retention.ms"], there.configs["cleanup.policy"]) == (12, "-1", "delete")

    client = KafkaAdminClient(bootstrap_servers=kafka)
    client.alter_configs([ConfigResource("topic", topic_of(source), {"retention.ms": "1000"})])
    client.close()
    said = [f"{topic_of(source)}: retention.ms is 1000, wanted -1"]
    await until(lambda: list(map(str, admin.plan(wanted))) == said)
    assert len(admin.apply(wanted)) == 1
    await until(lambda: admin.plan(wanted) == [])
    wider = [Wanted(topic_of(source), partitions=24)]
    assert [(change.what, change.can) for change in admin.plan(wider)] == [("partitions", False)]
    assert admin.apply(wider) == []
    await bus.stop()


def committed(kafka: str, group: str) -> dict[int, int] | None:
    """The offset of each partition that a group has committed; None while its coordinator does not answer for it yet."""
    admin = KafkaAdminClient(bootstrap_servers=kafka)
    try:
        return {at.partition: kept.offset for at, kept in admin.list_group_offsets(group)[group].items()}
    except RetriableError:
        return None
    finally:
        admin.close()


async def test_what_a_group_has_heard_it_commits_for_displays_of_lag(kafka: str, source: str) -> None:
    bus, group = KafkaBus(kafka), f"g-{source}"
    await asyncio.to_thread(bus.admin.apply, [Wanted(topic_of(source))])
    await bus.speak(topic_of(source), {1: [(b"k", b"v")] * 10})
    listening = await bus.listen([topic_of(source)], group, Listens())
    await until(lambda: (committed(kafka, group) or {}).get(1) == 10)
    await listening.stop()
    await bus.speak(topic_of(source), {1: [(b"k", b"v")] * 7})
    assert (committed(kafka, group) or {}).get(1) == 10
    await bus.stop()
