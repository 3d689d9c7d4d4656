"""What the relay speaks to and consumers listen to: topics of partitions, each an order of records."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple, Protocol

PARTITIONS = 12
Message = tuple[bytes, bytes]
"""(key, value)."""


class BusAway(Exception):
    """The bus cannot be reached, or did not acknowledge: try again later. What was spoken may have arrived."""


class TopicMissing(Exception):
    """There is no such topic; topics are never made by speaking."""


class Record(NamedTuple):
    """One record. `topic_id` is another after a topic was deleted and made again."""

    topic: str
    topic_id: str
    partition: int
    offset: int
    key: bytes
    value: bytes


class Listener(Protocol):
    """One who listens keeps its own offsets: they, not the bus's, say where to begin."""

    def next_offsets(self) -> Mapping[tuple[str, int], int]:
        """The next offset of each (topic id, partition); one that is not named is read from its beginning."""
        ...

    async def hear(self, records: Sequence[Record]) -> None:
        """Take in records, those of a partition in order. Never raises: it retries or parks inside."""
        ...


class Listening(Protocol):
    async def again(self) -> None:
        """Go back to the listener's own offsets."""
        ...

    async def stop(self) -> None: ...


class Bus(Protocol):
    """All may raise `BusAway`, and `TopicMissing` where a topic is named."""

    async def topic_id(self, topic: str) -> str: ...

    async def bounds(self, topic: str) -> dict[int, tuple[int, int]]:
        """The first and the next offset of each partition."""
        ...

    async def read(self, topic: str, partition: int, start: int, count: int) -> list[Record]:
        """The records of offsets start … start+count-1, as far as they are there."""
        ...

    async def speak(self, topic: str, messages: Mapping[int, Sequence[Message]]) -> None:
        """Append to each partition, in order; return when all is acknowledged."""
        ...

    async def listen(self, topics: Sequence[str], group: str, listener: Listener) -> Listening:
        """Begin to hand records to the listener, and go on through troubles of the bus."""
        ...

    async def stop(self) -> None: ...


@lru_cache(maxsize=16384)
def partition_of(key: bytes, partitions: int = PARTITIONS) -> int:
    """Kafka's default partitioner."""
    return (murmur2(key) & 0x7FFFFFFF) % partitions


def murmur2(data: bytes) -> int:
    """MurmurHash2, 32 bits, as Kafka seeds it."""
    many, length = 0x5BD1E995, len(data)
    h = 0x9747B28C ^ length
    whole = length & ~3
    for at in range(0, whole, 4):
        k = int.from_bytes(data[at:at + 4], "little") * many & 0xFFFFFFFF
        k = (k ^ k >> 24) * many & 0xFFFFFFFF
        h = h * many & 0xFFFFFFFF ^ k
    if whole < length:
        h = (h ^ int.from_bytes(data[whole:], "little")) * many & 0xFFFFFFFF
    h = (h ^ h >> 13) * many & 0xFFFFFFFF
    return h ^ h >> 15


def open_bus(url: str) -> Bus:
    """From `local:///path/bus.sqlite`, or `kafka://[user:password@]host:port[,host:port]` (`chassis.login_kafka`)."""
    kind, _, rest = url.partition("://")
    if kind == "local":
        from chassis.bus_local import LocalBus

        return LocalBus(rest)
    if kind == "kafka":
        from chassis.bus_kafka import KafkaBus

        return KafkaBus(rest)
    raise ValueError("the bus is local:///path or kafka://host:port")
