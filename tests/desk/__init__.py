"""A tiny service that stands for any: a desk that hands out tickets. For the tests of the chassis."""
from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated
from uuid import uuid4

from chassis.clock import stamp
from chassis.database import Database, open_database
from chassis.decide import Actor, NewId, OccurredOn, Private, Refused, Release, Take
from chassis.declare import Ask, Command, Declared
from chassis.erasure import destroying
from chassis.execute import Call, Executor
from chassis.kinds import Kind, Mac
from chassis.loader import Loader
from chassis.log import Log
from chassis.record import Codec
from chassis.schema import migrate
from chassis.vault import Vault
from chassis.writer import Writer
from contracts.classes import Day, Id, Number
from contracts.envelope import Fact, spoken

ACTOR = Actor("0b5c4f0e-0000-4000-8000-000000000001", "CLERK", "desk-1", "bari")


@dataclass(frozen=True)
class TicketOpened:
    ticket_id: str
    subject_id: str
    hours: Decimal
    on: date
    note: Annotated[str, Private("text")]
    colour: str | None = None


@dataclass(frozen=True)
class TicketClosed:
    ticket_id: str
    minted_id: str


@dataclass(frozen=True)
class TicketSeen:
    """Not spoken of."""

    ticket_id: str
    times: int


@dataclass(frozen=True)
class Ticket:
    ticket_id: str = ""
    subject_id: str = ""
    hours: Decimal = Decimal(0)
    closed: bool = False
    seen: int = 0


Event = TicketOpened | TicketClosed | TicketSeen


def evolve(state: Ticket, event: Event) -> Ticket:
    match event:
        case TicketOpened():
            return Ticket(event.ticket_id, event.subject_id, event.hours)
        case TicketClosed():
            return replace(state, closed=True)
        case TicketSeen(times=times):
            return replace(state, seen=times)


def claims(event: Event, mac: Mac) -> Iterator[Take | Release]:
    match event:
        case TicketOpened(colour=str(colour)):
            yield Take("colour", mac("colour", colour), event.ticket_id)


@dataclass(frozen=True)
class Holder:
    """Who holds the colour asked for."""

    ticket_id: str | None


def open_ticket(state: Ticket, *, ticket_id: str, person_id: str, hours: Decimal, on: OccurredOn, note: Annotated[str, Private("text")],
                holder: Holder, colour: str | None = None) -> list[Event]:
    """Open a ticket (biglietto); one colour, one ticket."""
    if state.ticket_id:
        return []
    if holder.ticket_id:
        raise Refused("COLOUR_TAKEN", f"ticket {holder.ticket_id} has it; choose another")
    return [TicketOpened(ticket_id, person_id, hours, on, note, colour)]


def close_ticket(state: Ticket, *, ticket_id: str, minted_id: NewId) -> list[Event]:
    """Close a ticket."""
    if not state.ticket_id:
        raise Refused("TICKET_UNKNOWN", "open it first")
    if state.closed:
        raise Refused("ALREADY_CLOSED", "it is closed")
    return [TicketClosed(ticket_id, minted_id)]


def see_ticket(state: Ticket, *, ticket_id: str) -> list[Event]:
    """Count that it was looked at."""
    return [TicketSeen(ticket_id, state.seen + 1)]


class OpenedFact(Fact):
    """A ticket was opened."""

    ticket_id: Id
    hours: Number
    on: Day


class ClosedFact(Fact):
    """A ticket was closed."""

    ticket_id: Id
    minted_id: Id


OpenedFact.__name__, ClosedFact.__name__ = "TicketOpened", "TicketClosed"

TICKET = Kind("ticket", "ticket_id", Event, Ticket, evolve, claims)


def look_holder(ask: Ask) -> Holder:
    colour = ask.value("colour")
    return Holder(ask.owner("colour", ask.mac("colour", colour)) if colour else None)


OPEN = Command(TICKET, "POST /tickets/{ticket_id}", open_ticket, by=("CLERK",))
CLOSE = Command(TICKET, "POST /tickets/{ticket_id}/closing", close_ticket, by=("CLERK",))
SEE = Command(TICKET, "POST /tickets/{ticket_id}/looks", see_ticket, by=("CLERK",))

DESK = Declared("desk", (TICKET,), spoken("desk", OpenedFact, ClosedFact), (TicketSeen,), (OPEN, CLOSE, SEE), {Holder: look_holder})


def executor(database: Database, declared: Declared = DESK) -> Executor:
    """Everything that stores, over a migrated database."""
    log = Log(database)
    codec = Codec(declared.name, declared.kinds, declared.spoken, declared.silent, Vault(database, b"m" * 32))
    return Executor(declared, log, codec, Writer(log, utc_now), Loader(log, codec), utc_now)


def utc_now() -> datetime:
    return datetime.now(UTC)


@contextmanager
def desk(url: str, declared: Declared = DESK) -> Iterator[Executor]:
    """A desk over this database, migrated."""
    database = open_database(url, service=declared.name)
    migrate(database)
    made = executor(database, declared)
    try:
        yield made
    finally:
        made.close()
        database.close()


def erase(office: Executor, person: str) -> None:
    """What the hearing of a fact that erases does."""
    with office.log.database.locked() as tx:
        tx.together(destroying("bari", person, stamp(utc_now()), "fact-1"))
    office.codec.vault.look()


def call(command_id: str | None = None, digest: bytes = b"asked") -> Call:
    return Call(command_id or str(uuid4()), digest, "correlation")


def opening(ticket_id: str | None = None, **more: object) -> dict[str, object]:
    return {"ticket_id": ticket_id or str(uuid4()), "person_id": "7f1f7c46-0000-4000-8000-00000000000a", "hours": Decimal("6.00"),
            "on": date(2024, 10, 14), "note": "left at eleven", **more}


def sqlite_url(folder: Path) -> str:
    return f"sqlite:///{folder}/desk.sqlite"
