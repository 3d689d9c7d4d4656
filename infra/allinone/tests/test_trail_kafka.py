"""What is done to a topic of Apache Kafka is named, with source and position."""
from __future__ import annotations

import asyncio
from collections.abc import Callable
from uuid import uuid4

import pytest

from chassis.admin import KafkaAdmin
from chassis.bus import Message, open_bus
from chassis.canonical import canonical
from chassis.log import Entry
from chassis.parts import Parts
from chassis.relay import compose
from chassis.saved import Place
from chassis.topics import Wanted, topic_of
from percorso.trails.topic import TopicStore
from percorso.trails.verify import Asked, verify_topic

Spoken = dict[int, list[Message]]
Tamper = Callable[[list[Message]], list[Message]]


def fact(service: str, position: int) -> bytes:
    """Case by case in turn, each in a partition of its own; of two programmes, and of none."""
    case = f"c-{position % 3}"
    said = {"specversion": "1.0", "id": str(uuid4()), "source": service, "type": f"{service}.Sold.v1",
            "time": f"2024-10-14T09:00:00.{position:06d}Z", "occurred": "2024-10-14", "tenant": "bari", "aggregatetype": "sale",
            "aggregate": case, "sequence": str(position // 3 + 1), "actor": "op-1", "actorrole": "CLERK", "actororg": "shop-1",
            "correlation": "corr-1", "rest": "0" * 64, "data": {"n": position}}
    return canonical(said | ({"programme": f"00{position % 3}"} if position % 3 else {}))


def spoken(service: str) -> Spoken:
    entries = [Entry(position, "", 0, "", Parts(fact(service, position), b"", b"", b"")) for position in range(1, 61)]
    return compose(service, entries, Place(), "").messages


def whole(some: list[Message]) -> list[Message]:
    return some


def changed(some: list[Message]) -> list[Message]:
    key, value = some[4]
    return [*some[:4], (key, value.replace(b"op-1", b"op-2")), *some[5:]]


def swapped(some: list[Message]) -> list[Message]:
    return [*some[:4], some[5], some[4], *some[6:]]


def removed(some: list[Message]) -> list[Message]:
    return some[:4] + some[5:]


def inserted(some: list[Message]) -> list[Message]:
    key, before = some[4]
    return [*some[:5], (key, before.replace(b'"n":', b'"n":9')), *some[5:]]


@pytest.mark.parametrize(("tamper", "what"), [(whole, None), (changed, "changed"), (swapped, "reordered"), (removed, "missing"),
                                              (inserted, "changed")], ids=lambda one: getattr(one, "__name__", one))
async def test_what_is_done_to_a_topic_of_kafka_is_named(tamper: Tamper, what: str | None, kafka: str) -> None:
    service = f"shop{uuid4().hex[:8]}"
    admin = KafkaAdmin([kafka])
    await asyncio.to_thread(admin.apply, [Wanted(topic_of(service))])
    admin.close()
    said = spoken(service)
    part = min(said)
    bus = open_bus(f"kafka://{kafka}")
    try:
        await bus.speak(topic_of(service), {**said, part: tamper(said[part])})
        result = await verify_topic(TopicStore(service, bus), Asked())
    finally:
        await bus.stop()
    assert [fault.what for fault in result.faults] == ([what] if what else [])
    assert result.facts == 60 or (result.faults[0].source == service and 0 < result.faults[0].position <= 60)
