"""The suite of a history: five services in this process over files of their own, and a bus that can be made late."""
from __future__ import annotations

import asyncio
import gc
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import httpx
import yaml
from scenarios.erasing import RESTS_ON
from starlette.routing import Mount

from chassis.bus import Listener, Listening, Message, Record
from chassis.bus_local import LocalBus
from chassis.clock import ROME, ScenarioClock
from chassis.service import Service
from chassis.topics import topic_of
from histories.people import ACTORS, PROGRAMME, TENANT, Person
from histories.story import Step, story
from percorso import host
from percorso.connect import minting
from percorso.data import Data
from percorso.scenario.settle import settled
from percorso.suite import SERVICES, Operation, Suite, operations

OUTCOMES = (200, 201, 404, 409, 410, 422)
"""What a command may be answered: done, or refused. Anything else is a fault."""
WHOLE = "http://suite"
LATE_S = 0.02
"""How long a move is given to be heard of while something is held back: rest cannot come then."""
DOCUMENTS = Path(__file__).parents[2] / "contracts" / "documents" / "openapi"


@cache
def said_by(service: str) -> dict[str, Operation]:
    """The operations of a service, as its committed document names them: each suite would make its own anew."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return operations(service, yaml.load((DOCUMENTS / f"{service}.yaml").read_text("utf-8"), loader))


class LateBus(LocalBus):
    """`unspoken`: topics to which nothing is spoken for a while. `unheard`: (group, topic) of which a listener is told later."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.unspoken: set[str] = set()
        self.unheard: set[tuple[str, str]] = set()
        self._listening: dict[str, Listening] = {}
        self._let_go = asyncio.Condition()

    async def speak(self, topic: str, messages: Mapping[int, Sequence[Message]]) -> None:
        async with self._let_go:
            await self._let_go.wait_for(lambda: topic not in self.unspoken)
        await super().speak(topic, messages)

    async def speak_again(self, record: Record) -> None:
        """A record of the topic once more, as a relay that was paused may."""
        await super().speak(record.topic, {record.partition: [(record.key, record.value)]})

    async def listen(self, topics: Sequence[str], group: str, listener: Listener) -> Listening:
        self._listening[group] = await super().listen(topics, group, _Late(self, group, listener))
        return self._listening[group]

    async def let_go(self) -> None:
        groups = {group for group, _ in self.unheard}
        self.unspoken.clear()
        self.unheard.clear()
        async with self._let_go:
            self._let_go.notify_all()
        for group in groups:
            await self._listening[group].again()


@dataclass
class _Late:
    """`passed`: topics of which something was passed over. Nothing more of them is told until the listening goes back to its own offsets:
    what follows would be taken for all there is."""

    bus: LateBus
    group: str
    listener: Listener
    passed: set[str] = field(default_factory=set)

    def next_offsets(self) -> Mapping[tuple[str, int], int]:
        self.passed = set()
        return self.listener.next_offsets()

    async def hear(self, records: Sequence[Record]) -> None:
        self.passed |= {record.topic for record in records if (self.group, record.topic) in self.bus.unheard}
        if now := [record for record in records if record.topic not in self.passed]:
            await self.listener.hear(now)


@dataclass(frozen=True)
class Sent:
    """A command as it was sent, and what was answered first."""

    person: int
    actor: str
    operation: str
    fields: Mapping[str, Any]
    key: str
    status: int
    said: Any


@dataclass
class World:
    """`people`: in whose histories moves are made. `done`: commands that were taken, by person; `outcomes`: all, by what came of them."""

    data: Data
    people: list[Person]
    now: datetime
    sent: list[Sent] = field(default_factory=list)
    done: Counter[int] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    closed: set[int] = field(default_factory=set)
    erased: set[int] = field(default_factory=set)
    services: dict[str, Service] = field(default_factory=dict)
    _life: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def start(self) -> None:
        with patch.object(host, "LocalBus", LateBus):
            app = host.all_in_one(self.data, 0, "scenario")
        self.services = {mount.path[1:]: mount.app.state.service  # type: ignore[attr-defined]
                         for mount in app.routes if isinstance(mount, Mount)}
        self._tick(timedelta())
        await self._life.enter_async_context(app.router.lifespan_context(app))
        http = await self._life.enter_async_context(httpx.AsyncClient(transport=httpx.ASGITransport(app), timeout=60))
        urls = {name: f"{WHOLE}/{name}" for name in SERVICES}
        self.suite = Suite(urls, http, minting(self.data.issuer_key_file), WHOLE, _operations={name: said_by(name) for name in SERVICES})
        self.auditor = self.headers("auditor")

    async def stop(self) -> None:
        """Stop all five. What a host keeps from the collector as long as it lives goes with it."""
        await self._life.aclose()
        gc.unfreeze()

    @property
    def bus(self) -> LateBus:
        bus = self.services["intake"].bus
        assert isinstance(bus, LateBus)
        return bus

    @property
    def held(self) -> bool:
        return bool(self.bus.unspoken or self.bus.unheard)

    @property
    def today(self) -> date:
        return self.now.date()

    def headers(self, actor: str) -> dict[str, str]:
        role, org = ACTORS[actor]
        return self.suite.headers(role, org, actor, TENANT)

    async def rest(self) -> dict[str, Any]:
        """Everything has come to rest; while something is held back, as much as may."""
        if self.held:
            return await self.suite.status(self.auditor, rest=LATE_S)
        return await settled(self.suite, self.auditor)

    async def on(self, day: date) -> None:
        """Nine in the morning of a day, if it is still to come."""
        self.now = max(self.now, datetime.combine(day, time(9), ROME))
        await self.suite.set_clock(self.now.isoformat(), self.auditor)
        await self.rest()

    def _tick(self, time: timedelta) -> None:
        """Time goes by; nothing is due yet."""
        self.now += time
        clock = self.services["intake"].clock
        assert isinstance(clock, ScenarioClock)
        clock.set(self.now)

    async def sends(self, person: Person, step: Step, key: str = "") -> Sent:
        """One command, a minute after the one before; under a key of its own unless one is given."""
        self._tick(timedelta(minutes=1))
        service, _, name = step.operation.partition(".")
        operation = await self.suite.operation(service, name)
        dates = {name: min(step.on, self.today).isoformat() for name in operation.dates if name not in step.fields}
        fields = {**dates, **step.fields}
        key = key or f"history-{len(self.sent):06}"
        answer = await self.suite.carry_out(operation, fields, {**self.headers(step.actor), "Idempotency-Key": key})
        said = answer.json()
        assert answer.status_code in OUTCOMES, f"{step.operation} is answered {answer.status_code}: {said}"
        sent = Sent(person.number, step.actor, step.operation, fields, key, answer.status_code, said)
        self.sent.append(sent)
        self.done[person.number] += answer.status_code == 201
        self.closed |= {person.number} if answer.status_code == 201 and name == "closeCase" else set()
        self.outcomes[f"{step.operation} {said.get('code', 'done') if answer.status_code >= 400 else 'done'}"] += 1
        return sent

    async def onward(self, person: Person, commitment: str) -> Sent | None:
        """The next step of the person's story; None where it is told. One that is refused is passed over, if only facts are not awaited."""
        steps = story(person, commitment)
        if person.at == len(steps):
            return None
        step = steps[person.at]
        if step.on > self.today:
            await self.on(step.on)
        sent = await self.sends(person, step)
        if sent.status < 400 or not sent.said["code"].endswith("_NOT_HEARD_YET"):
            person.at += 1
        if "case_id" in (sent.said.get("ids") or {}):
            person.case, person.subject = sent.said["ids"]["case_id"], sent.said["ids"]["subject_id"]
        return sent

    async def read(self, service: str, operation: str, **fields: Any) -> Any:
        return await self.suite.read(service, operation, fields, self.auditor)

    async def entitlement(self, person: Person) -> Any:
        """What stipend shows of it; None where there is none."""
        operation = await self.suite.operation("stipend", "readEntitlement")
        answer = await self.suite.carry_out(operation, {"entitlement_id": person.id("entitlement")}, self.auditor)
        return answer.json() if answer.is_success else None

    async def figures(self) -> dict[str, Any]:
        """What reporting says of the programme, without what it rests on."""
        found = {name: await self.read("reporting", name, programme_id=PROGRAMME)
                 for name in ("programmeLedger", "indicators", "participations", "commitments")}
        return {name: {key: value for key, value in said.items() if key not in RESTS_ON} for name, said in found.items()}


def topics() -> list[str]:
    return [topic_of(name) for name in SERVICES]
