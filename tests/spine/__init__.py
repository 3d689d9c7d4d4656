"""Sources of facts, and services that hear them, for the tests of the spine."""
from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from desk import CLOSE, DESK, OPEN, TICKET, ClosedFact, OpenedFact, executor

from chassis.bus import Record, partition_of
from chassis.canonical import canonical
from chassis.database import Database, open_database
from chassis.decide import Heard
from chassis.declare import Command, Declared, Reaction
from chassis.execute import Executor
from chassis.heard import HeardFacts
from chassis.hearing import Hearing
from chassis.parking import Parking
from chassis.reactions import Reactions
from chassis.schema import migrate
from chassis.task import TASK, raise_task
from chassis.topics import topic_of
from chassis.trail import COMMANDS as LOG_COMMANDS
from chassis.trail import LOG
from chassis.wire import Added, joined, trail_next, trail_start
from contracts.envelope import spoken
from contracts.log import LogReadmitted as SaidReadmitted
from contracts.log import SealTimestamped as SaidTimestamped
from contracts.log import TrailSealed as SaidSealed
from contracts.task import TaskRaised as SaidTask

RECORDED = "2024-10-14T09:00:00.{:06d}Z"


@dataclass
class Source:
    """A service as its topic shows it: facts in order, each with its position, `after` and trail."""

    name: str = "shop"
    incarnation: int = 1
    position: int = 0
    ends: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    last: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    head: bytes = b""

    def fact(self, type_: str = "Sold.v1", *, case: str = "c-1", tenant: str = "bari", occurred: str = "2024-10-14",
             recorded: str | None = None, **data: Any) -> dict[str, Any]:
        return {"specversion": "1.0", "id": str(uuid4()), "source": self.name, "type": f"{self.name}.{type_}",
                "time": recorded or RECORDED.format(self.position + 1), "occurred": occurred, "tenant": tenant, "case": case,
                "aggregatetype": "sale", "aggregate": f"a-{case}", "sequence": "1", "actor": "op-1", "actorrole": "CLERK",
                "actororg": "shop-1", "correlation": "corr-1", "rest": "0" * 64, "data": data}

    def says(self, type_: str = "Sold.v1", **about: Any) -> Record:
        return self.record(self.fact(type_, **about))

    def record(self, fact: dict[str, Any]) -> Record:
        return self.raw(canonical(fact), (fact.get("case") or fact["aggregate"]).encode())

    def raw(self, stored: bytes, key: bytes) -> Record:
        """The next position, whatever the bytes are."""
        self.position += 1
        part = partition_of(key)
        self.head = trail_next(self.head or trail_start(self.name, self.incarnation, "bari", ""), self.position, self.position, stored)
        added = Added(self.incarnation, self.position, self.last[part], self.position, self.head.hex())
        self.last[part] = self.position
        return self.bare(joined(stored, added), key)

    def bare(self, value: bytes, key: bytes) -> Record:
        """A record that somebody put on the topic."""
        part = partition_of(key)
        self.ends[part] += 1
        return Record(topic_of(self.name), f"topic of {self.name}", part, self.ends[part] - 1, key, value)


@dataclass
class Ear:
    """A service that hears."""

    database: Database
    executor: Executor
    hearing: Hearing
    parking: Parking
    reactions: Reactions

    def types(self, about: str, tenant: str = "bari") -> list[str]:
        return [fact.type for fact in self.executor.heard_about(tenant, about)]

    def all(self) -> list[tuple[str, int, int, bytes]]:
        with self.database.reading() as tx:
            rows = tx.execute("SELECT source, incarnation, position, body FROM heard ORDER BY source, incarnation, position")
        return [(row["source"], row["incarnation"], row["position"], bytes(row["body"])) for row in rows]


def noon() -> datetime:
    return datetime(2024, 10, 14, 12, tzinfo=UTC)


def declared(name: str = "ear", hears: Sequence[str] = ("shop.Sold.v1",), reactions: Sequence[Reaction] = (),
             commands: Sequence[Command] = (OPEN, CLOSE)) -> Declared:
    """The desk, that also hears, reacts, raises tasks and seals."""
    return replace(DESK, name=name, kinds=(TICKET, TASK, LOG), spoken=spoken(name, OpenedFact, ClosedFact, SaidTask, SaidSealed,
                   SaidTimestamped, SaidReadmitted), commands=(*commands, Command(TASK, "", raise_task, by=("SYSTEM",)), *LOG_COMMANDS),
                   hears=tuple(hears), reactions=tuple(reactions))


@contextmanager
def ear(url: str, what: Declared | None = None, now: Callable[[], datetime] = noon, **more: Any) -> Iterator[Ear]:
    what = what or declared()
    database = open_database(url, service=what.name)
    migrate(database)
    made = executor(database, what)
    hearing = Hearing(what, database, now, **more)
    hearing.prepare()
    parking = Parking(database, hearing)
    made.heard_about, made.parked = HeardFacts(database).about, parking.about
    try:
        yield Ear(database, made, hearing, parking, Reactions(made, database, what.reactions))
    finally:
        made.close()
        database.close()


def file_url(folder: Path, name: str = "ear") -> str:
    return f"sqlite:///{folder}/{name}.sqlite"


async def until(what: Callable[[], bool], patience: float = 30.0) -> None:
    """Wait for something that other tasks bring about."""
    async with asyncio.timeout(patience):
        while not await asyncio.to_thread(what):
            await asyncio.sleep(0.01)


__all__ = ["Ear", "Heard", "Source", "declared", "ear", "file_url", "noon", "until"]
