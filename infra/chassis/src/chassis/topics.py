"""Topics: one a service, as they must be; never made by speaking, never given more partitions in place."""
from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from chassis.bus import PARTITIONS

_NAME = re.compile(r"percorso\.([a-z][a-z0-9_]*)\.facts\.v1")


def topic_of(service: str) -> str:
    return f"percorso.{service}.facts.v1"


def source_of(topic: str) -> str:
    """The service that speaks to a topic. `ValueError` for any other topic."""
    found = _NAME.fullmatch(topic)
    if found is None:
        raise ValueError(f"{topic} is not a topic of facts")
    return found[1]


@dataclass(frozen=True)
class Wanted:
    """How a topic of facts must be. For ever: no retention limit, never compacted."""

    name: str
    partitions: int = PARTITIONS
    replication: int = 1
    in_sync: int = 1

    @property
    def configs(self) -> dict[str, str]:
        return {"cleanup.policy": "delete", "retention.ms": "-1", "retention.bytes": "-1",
                "min.insync.replicas": str(self.in_sync), "unclean.leader.election.enable": "false"}


@dataclass(frozen=True)
class Change:
    """One difference: `what` is `topic`, `partitions`, `replication`, or the name of a setting. `can` says that apply makes it so."""

    topic: str
    what: str
    have: str
    want: str
    can: bool = True

    def __str__(self) -> str:
        hand = "" if self.can else " (not done in place: needs a new topic)"
        return f"{self.topic}: {self.what} is {self.have}, wanted {self.want}{hand}"


@dataclass(frozen=True)
class There:
    """How a topic is."""

    partitions: int
    replication: int
    configs: Mapping[str, str]


def changes(wanted: Wanted, there: There | None) -> list[Change]:
    """What must change for the topic to be as wanted; nothing when it is."""
    if there is None:
        return [Change(wanted.name, "topic", "missing", f"{wanted.partitions} partitions, replication {wanted.replication}")]
    found = [Change(wanted.name, what, str(have), str(want), can=False) for what, have, want in
             (("partitions", there.partitions, wanted.partitions), ("replication", there.replication, wanted.replication))
             if have != want]
    return found + [Change(wanted.name, name, there.configs.get(name, "unset"), want) for name, want in wanted.configs.items()
                    if there.configs.get(name) != want]
