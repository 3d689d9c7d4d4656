"""Listening on Kafka with the listener's own offsets: on assignment it seeks to them, whatever the group has committed."""
from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any

from aiokafka import ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import KafkaError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.annotations import KafkaMessage

from chassis.bus import Listener, Record

MOST = 1000
FIRST_WAIT, LONGEST_WAIT = 0.2, 10.0
log = logging.getLogger(__name__)


class KafkaListening(ConsumerRebalanceListener):  # type: ignore[misc]
    """A batch subscriber that acknowledges by hand, for the lag display only. Its handler never raises."""

    def __init__(self, broker: KafkaBroker, topics: Sequence[str], group: str, listener: Listener,
                 topic_id: Callable[[str], Awaitable[str]]) -> None:
        self._broker, self._listener, self._topic_id = broker, listener, topic_id
        self._ids: dict[str, str] = {}
        self._expected: dict[TopicPartition, int] = {}
        self._asked: dict[TopicPartition, int] = {}
        self._turn = asyncio.Lock()
        self._subscriber: Any = broker.subscriber(
            *topics, group_id=group, batch=True, max_records=MOST, batch_timeout_ms=50, auto_offset_reset="earliest",
            ack_policy=AckPolicy.MANUAL, listener=self)
        self._subscriber(self._heard_by_hand())
        self._task = asyncio.create_task(self._connect())

    def _heard_by_hand(self) -> Callable[..., Awaitable[None]]:
        async def heard(msg: KafkaMessage) -> None:  # no other argument: FastStream would decode and validate it
            try:
                async with self._turn:  # what was fetched before a seek is dropped after it
                    await self._hear(msg.raw_message)
                with suppress(KafkaError):  # a rebalance: the offsets that count are the listener's own
                    await msg.consumer.commit()
            except Exception:
                log.exception("listening goes on from its own offsets")
                await asyncio.sleep(FIRST_WAIT)
                await self.again()
        return heard

    async def again(self) -> None:
        """Go back to the listener's own offsets."""
        if self._subscriber.consumer is not None:
            async with self._turn:
                await self._seek(self._subscriber.consumer.assignment())

    async def stop(self) -> None:
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task
        with suppress(KafkaError, OSError, TimeoutError):
            await self._broker.stop()

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        for at in revoked:
            self._expected.pop(at, None)

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        async with self._turn:
            await self._seek(assigned)

    async def _connect(self) -> None:
        wait = FIRST_WAIT
        while True:
            try:
                return await self._broker.start()
            except (KafkaError, OSError, TimeoutError) as away:
                log.warning("Kafka cannot be reached (%s); trying again", type(away).__name__)
                with suppress(Exception):
                    await self._broker.stop()
            await asyncio.sleep(wait)
            wait = min(2 * wait, LONGEST_WAIT)

    async def _seek(self, partitions: set[TopicPartition]) -> None:
        """Until the listener's database and the broker answer: nothing is heard before it is known where to begin."""
        for at in partitions:
            self._expected.pop(at, None)
        wait = FIRST_WAIT
        while partitions:
            try:
                self._ids.update({topic: await self._topic_id(topic) for topic in {at.topic for at in partitions}})
                own = await asyncio.to_thread(self._listener.next_offsets)
                break
            except Exception as away:  # whatever it is, it is waited out
                log.warning("own offsets cannot be read (%s); trying again", type(away).__name__)
                await asyncio.sleep(wait)
                wait = min(2 * wait, LONGEST_WAIT)
        consumer = self._subscriber.consumer
        for at in partitions & consumer.assignment():
            begin = own.get((self._ids[at.topic], at.partition), 0)
            consumer.seek(at, begin)
            self._expected[at] = begin
        self._asked.clear()

    async def _hear(self, records: Sequence[Any]) -> None:
        by_partition: dict[TopicPartition, list[Any]] = defaultdict(list)
        for record in records:
            by_partition[TopicPartition(record.topic, record.partition)].append(record)
        fresh: list[Record] = []
        for at, some in by_partition.items():
            if await self._in_place(at, some[0].offset):
                fresh += [Record(r.topic, self._ids[r.topic], r.partition, r.offset, r.key or b"", r.value or b"") for r in some]
                self._expected[at] = some[-1].offset + 1
        if fresh:
            await self._listener.hear(fresh)

    async def _in_place(self, at: TopicPartition, offset: int) -> bool:
        """Whether a batch begins where it was sought; one fetched before the seek is dropped, and sought once more.

        A partition whose records begin later (or again, its topic made anew) gives the same offset twice: then it is so.
        """
        expected = self._expected.get(at)
        if expected is None or offset == expected:
            return expected is not None
        if self._asked.get(at) != offset:
            self._asked[at] = offset
            self._subscriber.consumer.seek(at, expected)
            return False
        return await self._still(at)

    async def _still(self, at: TopicPartition) -> bool:
        if await self._topic_id(at.topic) == self._ids[at.topic]:
            return True
        await self._seek(set(self._expected))
        return False
