"""On a real Kafka: records that come again and out of order, poison, a topic that is lost, a broker that is away."""
import asyncio
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import pytest
from desk import ACTOR, OPEN, call, opening, utc_now
from kafka.admin import KafkaAdminClient
from servers import Server
from servers.server import free_port
from spine import Ear, Source, declared, ear, until
from spine.place import Place
from spine.served import Deployed

from chassis.bus import Bus, Record
from chassis.bus_kafka import KafkaBus
from chassis.consume import Consume
from chassis.relay import Relay
from chassis.respeak import respeak
from chassis.topics import Wanted, topic_of


@dataclass
class Told:
    """Records of a source, not spoken yet."""

    source: Source
    records: list[Record] = field(default_factory=list)

    def by_partition(self) -> dict[int, list[Record]]:
        parts = sorted({record.partition for record in self.records})
        return {part: [record for record in self.records if record.partition == part] for part in parts}


@pytest.fixture
async def shops(kafka: str) -> list[Told]:
    """Two sources with forty facts each about nine cases."""
    shops = [Source(f"shop{uuid4().hex[:8]}") for _ in range(2)]
    bus = KafkaBus(kafka)
    await asyncio.to_thread(bus.admin.apply, [Wanted(topic_of(shop.name)) for shop in shops])
    await bus.stop()
    return [Told(shop, [shop.says(case=f"c-{n % 9}") for n in range(40)]) for shop in shops]


async def speak(bus: Bus, some: Sequence[Record]) -> None:
    for record in some:
        await bus.speak(record.topic, {record.partition: [(record.key, record.value)]})


def again_and_again(records: Sequence[Record], rng: random.Random) -> Iterator[list[Record]]:
    """All of them in order, each one to five times: as a relay does that is killed before it saves its place."""
    at = 0
    while at < len(records):
        upto = rng.randint(at + 1, min(at + 8, len(records)))
        for _ in range(rng.randint(1, 5)):
            yield list(records[at:upto])
        at = upto


def straight(shops: Sequence[Told]) -> list[tuple[str, int]]:
    return sorted((shop.source.name, n) for shop in shops for n in range(1, len(shop.records) + 1))


async def test_each_record_one_to_five_times_and_in_any_order_across_services_is_heard_once(
        shops: list[Told], kafka: str, postgres_url: str) -> None:
    rng, bus = random.Random(seed := random.randrange(10**6)), KafkaBus(kafka)
    with ear(postgres_url, declared(hears=tuple(f"{shop.source.name}.Sold.v1" for shop in shops)), utc_now) as one:
        consume = Consume(f"ear{uuid4().hex[:8]}", one.hearing, one.reactions, bus)
        await consume.start()
        ahead = [again_and_again(some, rng) for shop in shops for some in shop.by_partition().values()]
        while ahead:
            told = rng.choice(ahead)
            if (some := next(told, None)) is None:
                ahead.remove(told)
            else:
                await speak(bus, some)
        await until(lambda: len(one.all()) >= 80)
        await consume.stop()
        assert [row[0::2][:2] for row in one.all()] == straight(shops), f"seed {seed}"
        assert (one.hearing.stopped, one.parking.count()) == ({}, 0)
    await bus.stop()


async def test_poison_parks_its_source_and_key_the_others_go_on_before_its_release_and_release_heals(
        shops: list[Told], kafka: str, postgres_url: str) -> None:
    bus, shop = KafkaBus(kafka), shops[0]
    later = [shop.source.says("Sold.v2", case="c-1"), *(shop.source.says(case=f"c-{n}") for n in (1, 2, 3))]
    shop.records += later
    both = tuple(f"{one.source.name}.Sold.v1" for one in shops)
    group = f"ear{uuid4().hex[:8]}"
    with ear(postgres_url, declared(hears=both), utc_now) as one:
        consume = Consume(group, one.hearing, one.reactions, bus)
        await consume.start()
        await asyncio.gather(*(speak(bus, records) for told in shops for records in told.by_partition().values()))
        await until(lambda: len(one.all()) >= 82)
        assert [(p.source, p.key, len(p.what)) for p in one.parking.listed()] == [(shop.source.name, "c-1", 2)]
        assert one.parking.about("bari", ["c-1"])
        assert one.parking.about("bari", ["c-2"]) is None
        await consume.stop()
    with ear(postgres_url, declared(hears=(*both, f"{shop.source.name}.Sold.v2")), utc_now) as one:
        consume = Consume(group, one.hearing, one.reactions, bus)
        await consume.start()
        assert await asyncio.to_thread(one.parking.release, shop.source.name, "c-1") == 2
        await speak(bus, [shop.source.says(case="c-1")])
        await until(lambda: len(one.all()) >= 85)
        await consume.stop()
        assert [row[2] for row in one.all() if row[0] == shop.source.name] == list(range(1, 46))
        assert (one.parking.count(), one.parking.about("bari", ["c-1"]), one.hearing.stopped) == (0, None, {})
    await bus.stop()


async def opened(desk: Ear, number: int) -> None:
    await asyncio.gather(*(desk.executor.carry_out(OPEN, opening(), ACTOR, call()) for _ in range(number)))


async def test_a_topic_made_again_is_noticed_and_respeak_heals_it_and_those_who_listen(real: Place) -> None:
    client = KafkaAdminClient(bootstrap_servers=real.where.removeprefix("kafka://"))
    topic, hears = topic_of(real.source), declared("ear", hears=(f"{real.source}.TicketOpened.v1",))
    with ear(real.desk, declared(real.source, hears=()), utc_now) as desk, ear(real.listener, hears, utc_now) as listener:
        await opened(desk, 60)
        relay = Relay(real.source, desk.executor.log, real.bus, desk.executor.halt)
        while await relay.once():
            pass
        consume = Consume(f"ear{uuid4().hex[:8]}", listener.hearing, listener.reactions, real.bus)
        await consume.start()
        await until(lambda: len(listener.all()) == 60)
        await consume.stop()
        await asyncio.to_thread(client.delete_topics, [topic])
        await until(lambda: not real.bus.admin.there([topic]))  # type: ignore[attr-defined]
        await asyncio.to_thread(real.bus.admin.apply, [Wanted(topic)])  # type: ignore[attr-defined]
        await opened(desk, 20)
        relay._looked = 0.0
        assert await relay.once() == 0
        assert "deleted and made again" in str(desk.executor.halted)
        assert await respeak(desk.executor.log, real.source, real.bus) == 60
        while await relay.once():
            pass
        assert (relay.relayed, desk.executor.halted) == (desk.executor.log.head(), None)
        again = Consume(f"ear{uuid4().hex[:8]}", listener.hearing, listener.reactions, real.bus)
        await again.start()
        await until(lambda: len(listener.all()) == 80)
        await again.stop()
        assert [row[3] for row in listener.all()] == [entry.parts.fact for entry in desk.executor.log.read(0, 1000)]
        assert listener.hearing.stopped == {}
        await relay.stop()
    client.close()


async def test_while_kafka_is_down_commands_are_accepted_and_afterwards_all_is_caught_up(
        own_kafka: Server, two_databases: tuple[str, str]) -> None:
    bus, (mine, theirs) = KafkaBus(own_kafka.address), two_databases
    await asyncio.to_thread(bus.admin.apply, [Wanted(topic_of("desk"))])
    with ear(mine, declared("desk", hears=()), utc_now) as desk, \
            ear(theirs, declared("ear", hears=("desk.TicketOpened.v1",)), utc_now) as listener:
        relay, consume = Relay("desk", desk.executor.log, bus, desk.executor.halt), Consume(
            "ear", listener.hearing, listener.reactions, bus)
        desk.executor.writer.stored.append(relay.wake)
        await relay.start()
        await consume.start()
        await opened(desk, 30)
        await until(lambda: len(listener.all()) == 30)
        await asyncio.to_thread(own_kafka.kill)
        await opened(desk, 40)
        assert (desk.executor.halted, desk.executor.log.head() > relay.relayed) == (None, True)
        await asyncio.to_thread(own_kafka.start)
        await opened(desk, 10)
        await until(lambda: len(listener.all()) == 80, 90)
        assert [row[3] for row in listener.all()] == [entry.parts.fact for entry in desk.executor.log.read(0, 1000)]
        await consume.stop()
        await relay.stop()
    await bus.stop()


async def test_a_service_that_starts_while_kafka_is_away_takes_commands(postgres_url: str, tmp_path: Path) -> None:
    service = Deployed("reporting", postgres_url, f"kafka://127.0.0.1:{free_port()}", tmp_path)
    assert service.migrating().wait() == 0
    with service.running() as here:
        await until(here.ready, 60)
        config = {"sources": [], "eligibility": {"rule_version": "1"}, "teams": [], "plan_signatures": [], "policies": [],
                  "catalogue": {"version": "1", "indicators": []}}
        answer = here.posts("/programmes/001/activation", "PARTNER_ADMIN", title="Bari", fund="PN", config_version=1, config=config)
        assert answer.status_code == 201, answer.text
        status = here.reads("/status").json()
        assert (status["log"], status["relayed"], status["halted"]) == (1, 0, None)
