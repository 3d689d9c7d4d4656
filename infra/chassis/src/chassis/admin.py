"""Kafka's topics, looked at and made with kafka-python's admin client. Blocking: call it in a thread."""
from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar

from kafka import TopicPartition
from kafka.admin import ConfigResource, KafkaAdminClient
from kafka.errors import KafkaError

from chassis.bus import BusAway, TopicMissing
from chassis.topics import Change, There, Wanted, changes

EARLIEST, LATEST = -2, -1
Result = TypeVar("Result")


class _Client(KafkaAdminClient):  # type: ignore[misc]
    """The library's leaves its thread and its sockets behind where it cannot connect, and in an outage it is made again and again."""

    def __init__(self, **configs: Any) -> None:
        try:
            super().__init__(**configs)
        except BaseException:
            self._closed = False
            self.close()
            raise


class KafkaAdmin:
    """`options` are those of kafka-python for security. Connects when first asked; connects again after trouble."""

    def __init__(self, servers: Sequence[str], options: Mapping[str, Any] | None = None) -> None:
        self._servers, self._options = list(servers), dict(options or {})
        self._client: Any = None
        self._one_at_a_time = threading.Lock()

    def topic_id(self, topic: str) -> str:
        return str(self._described(topic)["topic_id"])

    def bounds(self, topic: str) -> dict[int, tuple[int, int]]:
        """The first and the next offset of each partition."""
        at = [TopicPartition(topic, p["partition_index"]) for p in self._described(topic)["partitions"]]
        first = self._ask(lambda client: client.list_partition_offsets(dict.fromkeys(at, EARLIEST)))
        end = self._ask(lambda client: client.list_partition_offsets(dict.fromkeys(at, LATEST)))
        return {tp.partition: (first[tp].offset, end[tp].offset) for tp in at}

    def plan(self, wanted: Sequence[Wanted]) -> list[Change]:
        """What `apply` would do, and what it cannot do; empty when all topics are as wanted (which is what `diff` shows)."""
        there = self.there([topic.name for topic in wanted])
        return [change for topic in wanted for change in changes(topic, there.get(topic.name))]

    def apply(self, wanted: Sequence[Wanted]) -> list[Change]:
        """Make missing topics and set what differs; the changes made. What cannot be done in place is left, and is in `plan`."""
        done, there = [], self.there([topic.name for topic in wanted])
        for topic in wanted:
            todo = [change for change in changes(topic, there.get(topic.name)) if change.can]
            if topic.name not in there:
                self._ask(partial(_create, topic))
            elif todo:
                self._ask(partial(_set, topic, {change.what: change.want for change in todo}))
            done += todo
        return done

    def there(self, topics: Sequence[str]) -> dict[str, There]:
        """How these topics are; those that do not exist are absent."""
        found = [t for t in self._ask(lambda client: client.describe_topics(list(topics))) if not t["error_code"]]
        if not found:
            return {}
        asked = [ConfigResource("topic", t["name"]) for t in found]
        configs = self._ask(lambda client: client.describe_configs(asked, config_filter="all"))["topic"]
        return {t["name"]: There(len(t["partitions"]), min(len(p["replica_nodes"]) for p in t["partitions"]),
                                 {name: str(is_["value"]) for name, is_ in configs[t["name"]].items()}) for t in found}

    def ask(self, question: Callable[[Any], Result]) -> Result:
        """Anything else that the library's client can be asked."""
        return self._ask(question)

    def close(self) -> None:
        with self._one_at_a_time:
            self._close()

    def _described(self, topic: str) -> dict[str, Any]:
        found: dict[str, Any] = self._ask(lambda client: client.describe_topics([topic]))[0]
        if found["error_code"] or not found["topic_id"]:
            raise TopicMissing(topic)
        return found

    def _ask(self, question: Callable[[Any], Result]) -> Result:
        with self._one_at_a_time:
            try:
                if self._client is None:
                    self._client = _Client(bootstrap_servers=self._servers, bootstrap_timeout_ms=5000, request_timeout_ms=10000,
                                           **self._options)
                return question(self._client)
            except (KafkaError, OSError, TimeoutError) as away:
                self._close()
                raise BusAway(f"Kafka's admin: {type(away).__name__}") from away

    def _close(self) -> None:
        if self._client is not None:
            with suppress(Exception):
                self._client.close()
        self._client = None


def _create(topic: Wanted, client: Any) -> None:
    options = {"num_partitions": topic.partitions, "replication_factor": topic.replication, "configs": topic.configs}
    client.create_topics({topic.name: options}, wait_for_metadata=True)


def _set(topic: Wanted, settings: dict[str, str], client: Any) -> None:
    client.alter_configs([ConfigResource("topic", topic.name, settings)])
