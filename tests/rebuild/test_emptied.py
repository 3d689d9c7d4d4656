"""Kafka is emptied: the topics are spoken again from the logs, byte for byte, and the archive is put right from them."""
import asyncio
import base64
from pathlib import Path
from typing import Any

import pytest
from desk import utc_now
from faults.test_kafka import opened
from kafka.admin import KafkaAdminClient
from servers import Server
from spine import Ear, declared, ear, file_url, until

from chassis.bus import PARTITIONS, Bus
from chassis.bus_kafka import KafkaBus
from chassis.relay import Relay
from chassis.respeak import respeak
from chassis.service import build, migrate
from chassis.settings import Settings
from chassis.topics import Wanted, topic_of
from reporting.projector import Projector
from reporting.rebuild import Rebuilds
from reporting.refill import NotInTopics, Refill
from reporting.service import DECLARED

KEY = base64.b64encode(b"k" * 32).decode()
SPEAKING = ("intake", "stipend")
TOPICS = [topic_of(name) for name in Projector.sources]


async def spoken(bus: Bus) -> dict[tuple[str, int], list[tuple[bytes, bytes]]]:
    """Keys and values of all records, by topic and partition."""
    return {(topic, part): [(one.key, one.value) for one in await bus.read(topic, part, 0, 10_000)]
            for topic in map(topic_of, SPEAKING) for part in range(PARTITIONS)}


async def speak(name: str, desk: Ear, bus: Bus) -> None:
    await opened(desk, 40)
    relay = Relay(name, desk.executor.log, bus, desk.executor.halt)
    while await relay.once():
        pass
    await relay.stop()


async def test_topics_are_spoken_again_from_the_logs_and_the_archive_is_put_right_from_them(
        own_kafka: Server, postgres_url: str, tmp_path: Path) -> None:
    bus, admin = KafkaBus(own_kafka.address), KafkaAdminClient(bootstrap_servers=own_kafka.address)
    await asyncio.to_thread(bus.admin.apply, [Wanted(topic) for topic in TOPICS])
    settings = Settings(service="reporting", database_url=postgres_url, bus=f"kafka://{own_kafka.address}", master_key=KEY, actor_key=KEY,
                        issuer_key_file=tmp_path / "issuer.pem")
    migrate(DECLARED, settings)
    service: Any = build(DECLARED, settings)
    with ear(file_url(tmp_path, "intake"), declared("intake", hears=()), utc_now) as intake, \
            ear(file_url(tmp_path, "stipend"), declared("stipend", hears=()), utc_now) as stipend:
        desks = dict(zip(SPEAKING, (intake, stipend), strict=True))
        for name, desk in desks.items():
            await speak(name, desk, bus)
        before = await spoken(bus)
        await service.start("consume")
        await until(lambda: len(archived(service)) == 80 and service.part.status() == {"behind": 0}, 60)
        kept = archived(service)
        await asyncio.to_thread(admin.delete_topics, TOPICS)
        await until(lambda: not bus.admin.there(TOPICS))
        await asyncio.to_thread(bus.admin.apply, [Wanted(topic) for topic in TOPICS])
        with pytest.raises(NotInTopics, match="intake/1/1"):
            await Refill(service.database, bus, "now", lambda *_: None).run()
        assert archived(service) == kept
        assert [await respeak(desk.executor.log, name, bus) for name, desk in desks.items()] == [40, 40]
        assert await spoken(bus) == before
        with service.database.transaction() as tx:
            tx.execute("DELETE FROM archive")
        done = await Refill(service.database, bus, "now", lambda *_: None).run()
        assert (done.facts, done.missing, done.wrong, done.extra) == (80, 80, 0, 0)
        assert [(place, value) for place, value, _ in archived(service)] == [(place, value) for place, value, _ in kept]
        assert sorted(seq for *_, seq in archived(service)) == list(range(1, 81))
        report = Rebuilds(service.database).run()
        assert (report.equal, report.facts) == (True, 80)
    await service.stop()
    await bus.stop()
    admin.close()


def archived(service: Any) -> list[tuple[str, bytes, int]]:
    with service.database.reading() as tx:
        rows = tx.execute("SELECT place, value, seq FROM archive ORDER BY place")
    return [(row["place"], bytes(row["value"]), row["seq"]) for row in rows]
