"""The service that is measured: a pad, to which notes about a person are added. One event a command; its text is sealed."""
from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import uuid4

from chassis import schema
from chassis.database import open_database
from chassis.decide import Actor, OccurredOn, Private
from chassis.declare import Command, Declared
from chassis.execute import Executor
from chassis.kinds import Kind
from chassis.loader import Loader
from chassis.log import Log
from chassis.record import Codec
from chassis.vault import Vault
from chassis.writer import Writer
from contracts.classes import Day, Id, Number
from contracts.envelope import Fact, spoken

ACTOR = Actor("0b5c4f0e-0000-4000-8000-000000000001", "CLERK", "desk-1", "bari")
TEXT = "came at nine, left at eleven; brought the papers that were missing and asked about the bus from Carbonara " * 2


@dataclass(frozen=True)
class NoteAdded:
    pad_id: str
    note_id: str
    case_id: str
    subject_id: str
    programme_id: str
    hours: Decimal
    on: date
    text: Annotated[str, Private("text")]


@dataclass(frozen=True)
class Pad:
    pad_id: str = ""
    case_id: str = ""
    subject_id: str = ""
    programme_id: str = ""
    notes: int = 0
    hours: Decimal = Decimal(0)


def evolve(state: Pad, event: NoteAdded) -> Pad:
    return replace(state, pad_id=event.pad_id, case_id=event.case_id, subject_id=event.subject_id, programme_id=event.programme_id,
                   notes=state.notes + 1, hours=state.hours + event.hours)


def add_note(state: Pad, *, pad_id: str, note_id: str, case_id: str, subject_id: str, programme_id: str, hours: Decimal, on: OccurredOn,
             text: Annotated[str, Private("text")]) -> list[NoteAdded]:
    """Add a note (annotazione)."""
    return [NoteAdded(pad_id, note_id, case_id, subject_id, programme_id, hours, on, text)]


class NoteSaid(Fact):
    """A note was added."""

    pad_id: Id
    note_id: Id
    hours: Number
    on: Day


NoteSaid.__name__ = "NoteAdded"
PAD = Kind("pad", "pad_id", NoteAdded, Pad, evolve)
ADD = Command(PAD, "POST /pads/{pad_id}/notes/{note_id}", add_note, by=("CLERK",))
DECLARED = Declared("pad", (PAD,), spoken("pad", NoteSaid), (), (ADD,))


def note(pad: str, subject: str) -> dict[str, Any]:
    """The arguments of one command."""
    return {"pad_id": pad, "note_id": str(uuid4()), "case_id": pad, "subject_id": subject, "programme_id": "002", "hours": Decimal("6.00"),
            "on": date(2024, 10, 14), "text": TEXT}


@contextmanager
def office(url: str) -> Iterator[Executor]:
    """All that stores, over a database of its own."""
    database = open_database(url, service=DECLARED.name)
    schema.migrate(database)
    log = Log(database)
    codec = Codec(DECLARED.name, DECLARED.kinds, DECLARED.spoken, DECLARED.silent, Vault(database, b"m" * 32))
    made = Executor(DECLARED, log, codec, Writer(log, now), Loader(log, codec), now)
    try:
        yield made
    finally:
        made.close()
        database.close()


def now() -> datetime:
    return datetime.now(UTC)
