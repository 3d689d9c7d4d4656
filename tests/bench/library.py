"""The same notes the library's own way: an aggregate with `@event` methods, loaded from its repository, saved by `app.save`."""
from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from eventsourcing.application import AggregateNotFoundError, Application
from eventsourcing.cryptography import AESCipher
from eventsourcing.domain import Aggregate, event
from eventsourcing.persistence import JSONTranscoder, Transcoding

from chassis.decide import Actor
from chassis.declare import Command
from chassis.execute import Answer, Call

CONNECTIONS = 32


class Pad(Aggregate):
    """Its first note makes it."""

    @event("FirstNoteAdded")
    def __init__(self, pad_id: UUID, note_id: str, case_id: str, subject_id: str, programme_id: str, hours: Decimal, on: date,
                 text: str) -> None:
        self.notes, self.hours = 1, hours

    @staticmethod
    def create_id(pad_id: UUID) -> UUID:
        return pad_id

    @event("NoteAdded")
    def add_note(self, note_id: str, case_id: str, subject_id: str, programme_id: str, hours: Decimal, on: date, text: str) -> None:
        self.notes += 1
        self.hours += hours


class DateAsText(Transcoding):
    """The library has none for dates."""

    type, name = date, "date"

    def encode(self, obj: date) -> str:
        return obj.isoformat()

    def decode(self, data: str) -> date:
        return date.fromisoformat(data)


class Pads(Application[UUID]):
    """Load, decide, save; the cipher over the whole of each event."""

    def register_transcodings(self, transcoder: JSONTranscoder) -> None:
        super().register_transcodings(transcoder)
        transcoder.register(DateAsText())

    def add_note(self, pad_id: str, **note: Any) -> int:
        key = UUID(pad_id)
        try:
            pad: Pad = self.repository.get(key)
            pad.add_note(**note)
        except AggregateNotFoundError:
            pad = Pad(key, **note)
        self.save(pad)
        return pad.version


class PadsOffice:
    """In the executor's place behind the same web: each command in a thread of its own, as FastAPI runs what is not asynchronous."""

    def __init__(self, app: Pads) -> None:
        self._app, self._threads = app, ThreadPoolExecutor(CONNECTIONS, "library")

    async def carry_out(self, command: Command, args: Mapping[str, Any], actor: Actor, call: Call) -> Answer:
        loop = asyncio.get_running_loop()
        version = await loop.run_in_executor(self._threads, lambda: self._app.add_note(**args))
        return Answer(command.kind.name, args["pad_id"], version, ((args["note_id"], "pad.NoteAdded.v1"),), {})


def environment(url: str) -> dict[str, str]:
    """Where an application of the library keeps what it keeps; its pool has a connection a caller, as its manual has it for threads."""
    at = urlsplit(url)
    return {"PERSISTENCE_MODULE": "eventsourcing.postgres", "POSTGRES_DBNAME": at.path[1:], "POSTGRES_HOST": at.hostname or "",
            "POSTGRES_PORT": str(at.port), "POSTGRES_USER": at.username or "", "POSTGRES_PASSWORD": at.password or "",
            "POSTGRES_POOL_SIZE": str(CONNECTIONS)}


@contextmanager
def pads(url: str) -> Iterator[Pads]:
    """The application over a database."""
    app = Pads(env=environment(url) | {"CIPHER_TOPIC": "eventsourcing.cryptography:AESCipher",
                                       "CIPHER_KEY": AESCipher.create_key(num_bytes=32)})
    try:
        yield app
    finally:
        app.close()
