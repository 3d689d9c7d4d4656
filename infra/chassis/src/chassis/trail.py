"""What a log says of itself: the seals of its trails, and that it was readmitted. Facts of the trail of none of each tenant."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from chassis.decide import Actor, NewId
from chassis.declare import Command, Decision
from chassis.execute import Call, Executor
from chassis.identity import derived
from chassis.kinds import Kind
from chassis.saved import Place


@dataclass(frozen=True)
class Head:
    """The head of one trail: the number of its last fact and its hash, hexadecimal. `programme` None: the trail of none."""

    number: int
    head: str
    programme: str | None = None


@dataclass(frozen=True)
class TrailSealed:
    """All heads of this source and tenant as of a position that was spoken."""

    log_id: str
    seal_id: str
    incarnation: int
    position: int
    heads: tuple[Head, ...]
    previous: str | None = None


@dataclass(frozen=True)
class LogReadmitted:
    """A new life of the log began after `position`: what an earlier life had spoken beyond it is foreign. `heads` are the old ones."""

    log_id: str
    incarnation: int
    position: int
    heads: tuple[Head, ...]


Event = TrailSealed | LogReadmitted


@dataclass(frozen=True)
class LogState:
    log_id: str = ""
    incarnation: int = 0
    last: TrailSealed | None = None


def evolve(state: LogState, event: Event) -> LogState:
    match event:
        case TrailSealed():
            return LogState(event.log_id, event.incarnation, event)
        case LogReadmitted():
            return LogState(event.log_id, event.incarnation, state.last)
    return state


def seal(state: LogState, *, log_id: str, seal_id: NewId, incarnation: int, position: int, heads: tuple[Head, ...]) -> list[TrailSealed]:
    """Seal the trails of a tenant as of a position; nothing where only the last seal was spoken since the last seal."""
    if state.last and state.last.incarnation == incarnation and _only_the_seal(state.last.heads, heads):
        return []
    return [TrailSealed(log_id, seal_id, incarnation, position, heads, state.last.seal_id if state.last else None)]


def _only_the_seal(before: tuple[Head, ...], now: tuple[Head, ...]) -> bool:
    numbers = {head.programme: head.number for head in before}
    moved = {head.programme: head.number - numbers.get(head.programme, 0) for head in now}
    return all(by == 0 or (programme is None and by == 1) for programme, by in moved.items())


def readmitted(state: LogState, *, log_id: str, incarnation: int, position: int, heads: tuple[Head, ...]) -> list[LogReadmitted]:
    """Say that a new life of the log began, once."""
    return [] if state.incarnation >= incarnation else [LogReadmitted(log_id, incarnation, position, heads)]


LOG = Kind("log", "log_id", Event, LogState, evolve)
COMMANDS = (Command(LOG, "", seal, by=("SYSTEM",)), Command(LOG, "", readmitted, by=("SYSTEM",)))


def heads_of(place: Place, tenant: str) -> tuple[Head, ...]:
    """The heads of a tenant's trails, the trail of none first."""
    return tuple(Head(number, head.hex(), programme or None) for (of, programme), (number, head) in sorted(place.trails.items())
                 if of == tenant)


class Sealer:
    """Seals the trails of each tenant: on request, and once a day on which something was spoken."""

    def __init__(self, executor: Executor, place: Callable[[], Place]) -> None:
        self._executor, self._place = executor, place
        self._day: date | None = None

    async def catch_up(self) -> None:
        """Seal once a day, as soon as there is something to seal."""
        if self._day != (today := self._executor.today()) and self._place().trails:
            await self.seal_all()
            self._day = today

    async def seal_all(self) -> None:
        place = self._place()
        for tenant in sorted({tenant for tenant, _ in place.trails}):
            await say(self._executor, seal, tenant, f"seal:{place.incarnation}:{place.position}:{tenant}",
                      incarnation=place.incarnation, position=place.position, heads=heads_of(place, tenant))


async def say(executor: Executor, decision: Decision, tenant: str, call_id: str, **args: object) -> None:
    """Carry out one of these commands for a tenant."""
    service = executor.declared.name
    await executor.carry_out(executor.by_decision(decision), {"log_id": service, **args}, Actor("system", "SYSTEM", service, tenant),
                             Call(call_id, b"", derived(service, call_id)))
