"""Plays a scenario over HTTP: sets the clock to each step's instant, acts, compares, and lets the suite come to rest."""
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4, uuid5
from zoneinfo import ZoneInfo

import httpx

from percorso.errors import Sorry
from percorso.programmes import apply
from percorso.scenario import expect
from percorso.scenario.file import Planned, Scenario, load
from percorso.scenario.settle import settled
from percorso.scenario.values import Values
from percorso.suite import ClockRefused, Operation, Suite

ROME = ZoneInfo("Europe/Rome")


class Differs(Sorry):
    """A step came out otherwise than the file says."""


@dataclass
class Played:
    """What a play made: the values its `$names` have, and each step with the answer it got."""

    values: Values
    title: str
    tenant: str
    steps: int = 0
    refused: int = 0
    facts: int = 0
    answers: list[tuple[Planned, Any]] = field(default_factory=list)

    def value(self, name: str) -> Any:
        return self.values.put_in(f"${name}")


@dataclass
class Player:
    """`clock`: whether the suite's clock is set. `watch` is told of each step before it is played, and of how many there are.

    `play` makes the ids and the keys of the commands: what the same play sends again is answered as before.
    """

    suite: Suite
    path: Path
    play: UUID = field(default_factory=uuid4)
    clock: bool = True
    watch: Callable[[Planned, int], None] = lambda step, of: None

    async def run(self) -> Played:
        self._scenario, steps, then = load(self.path)
        self._values = Values(self.play, self._scenario.ids, self._scenario.about)
        self._now = datetime(2000, 1, 1, tzinfo=ROME)
        played = Played(self._values, self._scenario.scenario, self._scenario.tenant)
        await self._meet_actors(self._scenario)
        await self._check_operations((*steps, *then))
        for planned in (*steps, *then):
            self.watch(planned, len(steps) + len(then))
            await self._step(planned, played)
        return played

    async def _meet_actors(self, scenario: Scenario) -> None:
        for name in scenario.actors:
            answer = await self.suite.ask("GET", f"{self.suite.urls['intake']}/me", headers=self._headers(name))
            if not answer.is_success:
                raise Sorry(f"The suite does not know the token of `{name}`: {expect.came(answer)}")
            self._values.operator(name, answer.json()["operator_id"])

    async def _check_operations(self, steps: Sequence[Planned]) -> None:
        """Every operation exists, before the first is carried out."""
        for planned in steps:
            if planned.step.do:
                try:
                    await self.suite.operation(planned.step.service, planned.step.operation)
                except Sorry as e:
                    raise Sorry(f"{planned}: {e}") from None

    async def _step(self, planned: Planned, played: Played) -> None:
        headers = self._headers(planned.step.by)
        if self.clock:
            await self._set_clock(planned, headers)
        try:
            if planned.step.apply:
                await self._apply(planned, headers)
            else:
                await self._operate(planned, headers, played)
        except Sorry as e:
            raise e if isinstance(e, Differs) else Sorry(f"{planned}: {e}") from e
        played.steps += 1
        if planned.step.apply or planned.step.expect is None:
            await self._settle(headers)

    async def _settle(self, headers: Mapping[str, str]) -> None:
        await settled(self.suite, headers, clock=self._now.isoformat() if self.clock else None)

    async def _set_clock(self, planned: Planned, headers: Mapping[str, str]) -> None:
        """A step's instant: its day at its time, and later than the one before it."""
        day = datetime.combine(planned.on, planned.at, ROME)
        self._now = max(day, self._now + timedelta(minutes=1))
        try:
            fired = await self.suite.set_clock(self._now.isoformat(), headers)
        except ClockRefused:
            raise Sorry("This suite goes by its own clock, and does not take a scenario's (CLOCK=scenario and its own issuer). "
                        "To play by today's date, say --own-clock.") from None
        if fired:
            await self._settle(headers)

    async def _apply(self, planned: Planned, headers: Mapping[str, str]) -> None:
        file = (self.path.parent / str(planned.step.apply)).resolve()
        await apply(file, self.suite.urls["reporting"], headers, self.suite.http)

    async def _operate(self, planned: Planned, headers: Mapping[str, str], played: Played) -> None:
        answer = await self.send(planned)
        expected = expect.unexpected(planned.step.expect, answer)
        if expected:
            raise Differs(f"{planned}: expected {expected}, came {expect.came(answer)}")
        if not answer.is_success:
            played.refused += 1
            return
        said = answer.json() if answer.content else None
        played.answers.append((planned, said))
        played.facts += len(said["events"]) if isinstance(said, Mapping) and "events" in said else 0
        self._save(planned, said)
        await self._compare(planned, said, headers)

    async def send(self, planned: Planned) -> httpx.Response:
        """A step's request, under its key in this play."""
        operation = await self.suite.operation(planned.step.service, planned.step.operation)
        key = str(uuid5(self.play, str(planned.number)))
        headers = {**self._headers(planned.step.by), "Idempotency-Key": key}
        return await self.suite.carry_out(operation, self._fields(planned, operation), headers)

    def _fields(self, planned: Planned, operation: Operation) -> dict[str, Any]:
        """A date that must be given and is not is the step's day."""
        day = {name: planned.on.isoformat() for name in operation.dates if name not in planned.fields}
        return {**day, **self._values.put_in(planned.fields)}

    def _save(self, planned: Planned, said: Any) -> None:
        for name, path in planned.step.save.items():
            self._values.save(name, expect.part(said, path))

    async def _compare(self, planned: Planned, said: Any, headers: Mapping[str, str]) -> None:
        step = planned.step
        lacking = expect.missing(self._values.put_in(step.shows), said) if step.shows is not None else None
        if lacking is None and step.counts is not None:
            fields = self._values.put_in(planned.fields)
            lacking = expect.miscounted(step.counts, await self.suite.rows(step.service, step.operation, fields, headers))
        if lacking:
            raise Differs(f"{planned}: {lacking}")

    def _headers(self, actor: str) -> dict[str, str]:
        who = self._scenario.actors[actor]
        return self.suite.headers(who.role, who.org, who.sub or actor, who.tenant or self._scenario.tenant)


def client() -> httpx.AsyncClient:
    return httpx.AsyncClient(timeout=30.0, limits=httpx.Limits(max_connections=16, max_keepalive_connections=16))
