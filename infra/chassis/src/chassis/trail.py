"""What a log says of itself: the seals of its trails, their time stamps, that it was readmitted. Facts of the trail of none."""
from __future__ import annotations

from dataclasses import dataclass

from chassis.decide import Actor
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
    """All heads of this source and tenant as of a position that was spoken, signed. One without a number is of before seals were."""

    log_id: str
    seal_id: str
    incarnation: int
    position: int
    heads: tuple[Head, ...]
    previous: str | None = None
    number: int | None = None
    previous_hash: str | None = None
    key: str | None = None
    signature: str | None = None
    endorsement: str | None = None


@dataclass(frozen=True)
class SealTimestamped:
    """A time-stamping authority saw a seal: `digest` is that of its stored bytes, `token` DER in base64."""

    log_id: str
    seal_id: str
    digest: str
    token: str
    authority: str


@dataclass(frozen=True)
class LogReadmitted:
    """A new life of the log began after `position`: what an earlier life had spoken beyond it is foreign. `heads` are the old ones."""

    log_id: str
    incarnation: int
    position: int
    heads: tuple[Head, ...]


Event = TrailSealed | SealTimestamped | LogReadmitted


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


def seal(state: LogState, *, log_id: str, seal_id: str, incarnation: int, position: int, heads: tuple[Head, ...], number: int, key: str,
         signature: str, previous: str | None = None, previous_hash: str | None = None,
         endorsement: str | None = None) -> list[TrailSealed]:
    """Seal the trails of a tenant as of a position (sigillo). Nothing where another seal of that number came first."""
    if state.last and (state.last.number or 0) >= number:
        return []
    return [TrailSealed(log_id, seal_id, incarnation, position, heads, previous, number, previous_hash, key, signature, endorsement)]


def timestamped(state: LogState, *, log_id: str, seal_id: str, digest: str, token: str, authority: str) -> list[SealTimestamped]:
    """Keep an authority's time stamp of a seal (marca temporale)."""
    return [SealTimestamped(log_id, seal_id, digest, token, authority)]


def readmitted(state: LogState, *, log_id: str, incarnation: int, position: int, heads: tuple[Head, ...]) -> list[LogReadmitted]:
    """Say that a new life of the log began, once."""
    return [] if state.incarnation >= incarnation else [LogReadmitted(log_id, incarnation, position, heads)]


LOG = Kind("log", "log_id", Event, LogState, evolve)
COMMANDS = tuple(Command(LOG, "", decision, by=("SYSTEM",)) for decision in (seal, timestamped, readmitted))


def heads_of(place: Place, tenant: str) -> tuple[Head, ...]:
    """The heads of a tenant's trails, the trail of none first."""
    return tuple(Head(number, head.hex(), programme or None) for (of, programme), (number, head) in sorted(place.trails.items())
                 if of == tenant)


async def say(executor: Executor, decision: Decision, tenant: str, call_id: str, actor: Actor | None = None, **args: object) -> None:
    """Carry out one of these commands for a tenant."""
    service = executor.declared.name
    await executor.carry_out(executor.by_decision(decision), {"log_id": service, **args},
                             actor or Actor("system", "SYSTEM", service, tenant), Call(call_id, b"", derived(service, call_id)))
