"""What happens to a deployment: a service is restarted, the others are away, Kafka is away, all is taken down and up again."""
from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from compose.play import Play, Told, deployed
from compose.stack import Stack, Wrong
from compose.watch import samples
from percorso.scenario import histories
from percorso.scenario.player import ROME, client
from percorso.scenario.settle import settled
from percorso.suite import SERVICES, Suite

AT_ONCE_S = 5.0
SENDS = "receiveReferral"


class Desk:
    """Someone at the deployed suite after a scenario: a referral more of a person they sent, and what becomes of it."""

    def __init__(self, suite: Suite, play: Play) -> None:
        self.suite, self._play = suite, play
        self._sent = next(one for one in play.steps if one.step.operation == SENDS and one.step.expect is None)
        self._now = datetime.combine(play.steps[-1].on, play.steps[-1].at, ROME) + timedelta(hours=1)
        self.headers = self._headers(self._sent.step.by)

    def _headers(self, actor: str) -> dict[str, str]:
        who = self._play.scenario.actors[actor]
        return self.suite.headers(who.role, who.org, who.sub or actor, who.tenant or self._play.scenario.tenant)

    async def set_clock(self) -> None:
        """A clock that was restarted shows the year 2000: what is heard would wait for its day."""
        await self.suite.set_clock(self._now.isoformat(), self.headers)

    async def rest(self) -> dict[str, Any]:
        """The status at rest."""
        return await settled(self.suite, self.headers, clock=self._now.isoformat(), patience_s=90)

    async def send(self) -> str:
        """The case that a referral begins, acknowledged at once."""
        operation = await self.suite.operation("intake", SENDS)
        fields = {**self._play.played.values.put_in(self._sent.fields), "referral_id": str(uuid4())}
        fields = {**{name: self._now.date().isoformat() for name in operation.dates}, **fields}
        began = time.monotonic()
        answer = await self.suite.carry_out(operation, fields, {**self.headers, "Idempotency-Key": str(uuid4())})
        if not answer.is_success or time.monotonic() - began > AT_ONCE_S:
            raise Wrong(f"a referral is answered {answer.status_code} after {time.monotonic() - began:.1f} s: {answer.text[:200]}")
        case: str = answer.json()["ids"]["case_id"]
        return case

    async def is_told(self, case: str) -> None:
        """Reporting tells the case's history."""
        rows = await self.suite.rows("reporting", "caseHistory", {"case_id": case}, self.headers)
        own = [row["type"] for row in rows if not row.get("cited")]
        if own != ["intake.ReferralReceived.v1"]:
            raise Wrong(f"of a case that is no more than sent, reporting tells {own}")


def at_the_desk(stack: Stack, play: Play, do: Callable[[Desk], Awaitable[Any]], services: Sequence[str] = SERVICES) -> Any:
    """Ports of a container are others after each start: so, a desk of its own for each visit."""

    async def go() -> Any:
        async with client() as http:
            desk = Desk(deployed(stack, http, services), play)
            await desk.set_clock()
            return await do(desk)

    return asyncio.run(go())


def restarts_alone(stack: Stack, play: Play) -> str:
    """A service stops when it is asked to and starts again; no other is touched; it goes on where it was."""
    before = at_the_desk(stack, play, Desk.rest)
    for service in SERVICES:
        others = _lives(stack, service)
        stack.stop(service)
        _ended_well(stack, service)
        stack.start(service)
        if _lives(stack, service) != others:
            raise Wrong(f"with {service}, another container was restarted too")
    _same_positions(before, at_the_desk(stack, play, Desk.rest))
    return "each of the 5: ended with 0, healthy again, at the same positions"


def decides_alone(stack: Stack, play: Play) -> str:
    """With the other four stopped, intake takes a command; they hear of it once they are back."""
    others = [service for service in SERVICES if service != "intake"]
    stack.stop(*others)
    try:
        case = at_the_desk(stack, play, Desk.send, ["intake"])
    finally:
        stack.begin(*others)
    stack.alive(others)
    at_the_desk(stack, play, _nothing, others)  # their clocks, of the year 2000, would hear nothing of the referral, and no erasure
    stack.healthy(others)
    at_the_desk(stack, play, lambda desk: _rest_and_told(desk, case))
    return "a referral, told after the other four came back"


def outlives_kafka(stack: Stack, play: Play) -> str:
    """With Kafka stopped commands are taken and services are ready; then the facts are spoken and heard."""
    stack.stop("kafka")
    try:
        case = at_the_desk(stack, play, Desk.send)
        lag = at_the_desk(stack, play, _relay_lag_while_ready)
    finally:
        stack.start("kafka")
    began = time.monotonic()
    at_the_desk(stack, play, lambda desk: _rest_and_told(desk, case))
    return f"a referral, {lag} facts behind, told {time.monotonic() - began:.0f} s after Kafka came back"


def keeps_its_data(stack: Stack, play: Play) -> str:
    """Down and up again: every history is told as before, to the byte, and the next command is taken."""
    positions, told = at_the_desk(stack, play, lambda desk: _all(desk, play))
    stack.stop(*SERVICES)
    _ended_well(stack, *SERVICES)
    stack.down()
    stack.up()
    positions_after, told_after = at_the_desk(stack, play, lambda desk: _all(desk, play))
    _same_positions(positions, positions_after)
    if told != told_after:
        raise Wrong("a history is told otherwise after `docker compose down` and `up`")
    case = at_the_desk(stack, play, Desk.send)
    at_the_desk(stack, play, lambda desk: _rest_and_told(desk, case))
    return f"{sum(map(len, told.values()))} lines of histories and trails, and a referral more"


def correlation_ids(stack: Stack, play: Play) -> dict[str, str]:
    """The correlation id that an answer of each service carries."""

    async def asked(desk: Desk) -> dict[str, str]:
        answers = {name: await desk.suite.ask("GET", f"{url}/me", headers=desk.headers) for name, url in desk.suite.urls.items()}
        return {name: answer.headers["x-correlation-id"] for name, answer in answers.items()}

    found: dict[str, str] = at_the_desk(stack, play, asked)
    return found


async def _nothing(desk: Desk) -> None:
    """Only what is done at each visit: the clock is set."""


async def _rest_and_told(desk: Desk, case: str) -> None:
    await desk.rest()
    await desk.is_told(case)


async def _all(desk: Desk, play: Play) -> tuple[dict[str, Any], Told]:
    return await desk.rest(), await histories.told(desk.suite, play.played)


async def _relay_lag_while_ready(desk: Desk) -> int:
    for name, url in desk.suite.urls.items():
        if (await desk.suite.http.get(f"{url}/health/ready")).status_code != 200:
            raise Wrong(f"{name} is not ready while Kafka is away")
    text = (await desk.suite.http.get(f"{desk.suite.urls['intake']}/metrics")).text
    lag = sum(int(value) for name, _, value in samples(text) if name == "percorso_relay_lag")
    if not lag:
        raise Wrong("intake's relay shows no lag while Kafka is away")
    return lag


def _lives(stack: Stack, but: str) -> dict[str, tuple[str, str]]:
    """Since when the containers run, but one service's."""
    return {service: (one["Id"], one["State"]["StartedAt"]) for service, one in stack.containers().items() if service != but}


def _ended_well(stack: Stack, *services: str) -> None:
    found = stack.containers()
    for service in services:
        state = found[service]["State"]
        if state["Status"] != "exited" or state["ExitCode"] != 0:
            raise Wrong(f"{service}, asked to stop: {state['Status']} with {state['ExitCode']}")


def _same_positions(before: dict[str, Any], after: dict[str, Any]) -> None:
    for name in SERVICES:
        for what in ("log", "relayed", "spoken", "heard", "parked"):
            if before[name][what] != after[name][what]:
                raise Wrong(f"{name} had {what} {before[name][what]}, and has {after[name][what]}")
