"""The bus on Kafka: produced and consumed with FastStream, by partition and in batches; looked at with the admin client."""
from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError
from faststream.kafka import KafkaBroker, KafkaPublishMessage
from faststream.kafka.exceptions import BatchBufferOverflowException

from chassis.admin import KafkaAdmin
from chassis.bus import BusAway, Listener, Listening, Message, Record
from chassis.listen_kafka import KafkaListening
from chassis.login_kafka import options, parsed

BATCH = 1024 * 1024 - 1024
"""Bytes a batch: a broker takes 1 MiB by default."""
METADATA_MS = 10_000
log = logging.getLogger(__name__)


class KafkaBus:
    """`where`: as `chassis.login_kafka` reads it."""

    def __init__(self, where: str) -> None:
        self.servers, self._security = parsed(where)
        self._options = options(self._security)
        self.admin = KafkaAdmin(self.servers, self._options)
        self._producer: KafkaBroker | None = None
        self._producing = asyncio.Lock()
        self._listenings: set[KafkaListening] = set()

    async def topic_id(self, topic: str) -> str:
        return await asyncio.to_thread(self.admin.topic_id, topic)

    async def bounds(self, topic: str) -> dict[int, tuple[int, int]]:
        return await asyncio.to_thread(self.admin.bounds, topic)

    async def read(self, topic: str, partition: int, start: int, count: int) -> list[Record]:
        topic_id = await self.topic_id(topic)
        first, end = (await self.bounds(topic)).get(partition, (0, 0))
        start, end = max(start, first), min(start + count, end)
        found: list[Record] = []
        if start >= end:
            return found
        at = TopicPartition(topic, partition)
        reader = AIOKafkaConsumer(bootstrap_servers=self.servers, enable_auto_commit=False, **self._options)
        try:
            async with reader:
                reader.assign([at])
                reader.seek(at, start)
                while not found or found[-1].offset < end - 1:
                    async with asyncio.timeout(30):
                        got = await reader.getmany(at, timeout_ms=1000)
                    found += [Record(topic, topic_id, partition, r.offset, r.key or b"", r.value or b"") for r in got.get(at, [])]
        except (KafkaError, OSError, TimeoutError) as away:
            raise BusAway(f"Kafka: {type(away).__name__}") from away
        return [record for record in found if record.offset < end]

    async def speak(self, topic: str, messages: Mapping[int, Sequence[Message]]) -> None:
        try:
            broker = await self._connected()
            async with asyncio.TaskGroup() as group:
                for partition, some in messages.items():
                    group.create_task(_in_order(broker, topic, partition, some))
        except* (KafkaError, OSError, TimeoutError) as away:
            await self._disconnect()
            raise BusAway(f"Kafka: {type(away.exceptions[0]).__name__}") from away

    async def listen(self, topics: Sequence[str], group: str, listener: Listener) -> Listening:
        broker = KafkaBroker(self.servers, security=self._security, logger=None, metadata_max_age_ms=METADATA_MS,
                             allow_auto_create_topics=False, consumer_only=True)
        listening = KafkaListening(broker, topics, group, listener, self.topic_id)
        self._listenings.add(listening)
        return listening

    async def stop(self) -> None:
        for listening in self._listenings:
            await listening.stop()
        self._listenings.clear()
        await self._disconnect()
        await asyncio.to_thread(self.admin.close)

    async def _connected(self) -> KafkaBroker:
        async with self._producing:
            if self._producer is None:
                broker = KafkaBroker(self.servers, security=self._security, logger=None, metadata_max_age_ms=METADATA_MS,
                                     enable_idempotence=True, acks="all", max_batch_size=BATCH, max_request_size=BATCH,
                                     request_timeout_ms=20_000, allow_auto_create_topics=False)
                try:
                    await broker.start()
                except BaseException:
                    with suppress(Exception):
                        await broker.stop()
                    raise
                self._producer = broker
            return self._producer

    async def _disconnect(self) -> None:
        broker, self._producer = self._producer, None
        if broker is not None:
            with suppress(KafkaError, OSError, TimeoutError):
                await broker.stop()


async def _in_order(broker: KafkaBroker, topic: str, partition: int, messages: Sequence[Message]) -> None:
    """One batch after another, each as large as fits: a batch that overflows is cut where it did."""
    at, most = 0, len(messages)
    while at < len(messages):
        batch: list[Any] = [KafkaPublishMessage(value, key=key) for key, value in messages[at:at + most]]
        try:
            await broker.publish_batch(*batch, topic=topic, partition=partition)
        except BatchBufferOverflowException as over:
            if not over.message_position:
                raise
            most = over.message_position
            continue
        at += len(batch)
