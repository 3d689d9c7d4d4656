"""The one projector: it follows the archive's sequence in batches, and writes rows and its sequence in one transaction.

A generation is one set of all views. One is live; a rebuild makes the next beside it.
"""
from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import Sequence
from typing import Any

from chassis.database import Database, Tx
from chassis.errors import StoreAway
from reporting import archive, completeness
from reporting.archive import Archive, Valued
from reporting.folding import Batch
from reporting.views.fact import Fact

TABLES = ("CREATE TABLE IF NOT EXISTS view_generation (generation {big} PRIMARY KEY, sequence {big} NOT NULL, live {big} NOT NULL)",)
LOCK = int.from_bytes(b"percorso"[:7], "big")
"""The projector's lock on PostgreSQL; on SQLite the transaction is the lock."""
LIVE = "(SELECT generation FROM view_generation WHERE live = 1)"
BATCH = 1000
PAUSE = 0.5
"""Seconds between looks when nobody wakes it; the first pause after trouble, doubled up to 30."""
logger = logging.getLogger(__name__)


def lock(tx: Tx, database: Database) -> None:
    """Until the end of the transaction nobody else moves a generation."""
    if database.dialect == "postgres":
        tx.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))


def live(tx: Tx) -> tuple[int, int]:
    """The live generation and the archive sequence it is at. The first is made when it is first asked for, under the lock."""
    rows = tx.execute("SELECT generation, sequence FROM view_generation WHERE live = 1")
    return (rows[0]["generation"], rows[0]["sequence"]) if rows else (0, 0)


def ensure_live(tx: Tx) -> tuple[int, int]:
    generation, sequence = live(tx)
    if not generation:
        tx.execute("INSERT INTO view_generation (generation, sequence, live) VALUES (1, 0, 1)")
        return 1, 0
    return generation, sequence


def advance(tx: Tx, generation: int, sequence: int, limit: int, upto: int | None = None) -> Sequence[Fact]:
    """Fold the next facts into a generation; those folded."""
    found = archive.after(tx, sequence, limit, upto)
    if not found:
        return ()
    facts, last = [fact for _, fact in found], found[-1][0]
    Batch(tx, generation, last).fold(facts)
    tx.execute("UPDATE view_generation SET sequence = %s WHERE generation = %s", (last, generation))
    return facts


class Projector:
    """A part of the service: archives what is heard of `sources`, and projects it in the background."""

    sources = ("intake", "assessment", "placement", "stipend", "reporting")

    def __init__(self, database: Database, archive: Archive, *, batch: int = BATCH) -> None:
        self.database, self._archive, self._batch = database, archive, batch
        self._turn = threading.Lock()
        self._wake = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None

    def archive(self, tx: Tx, records: Sequence[Valued]) -> None:
        """For the hearing, inside its transaction."""
        self._archive.append(tx, records)

    def on_batch(self, *_: Any) -> None:
        """After a batch was heard: look at once. From any thread."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._wake.set)

    async def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.create_task(self._follow(), name="projector")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    def status(self) -> dict[str, Any]:
        """How many archived facts the views do not show yet."""
        with self.database.reading() as tx:
            return {"behind": archive.head(tx) - live(tx)[1]}

    def step(self) -> int:
        """Fold one batch; how many facts it had."""
        with self._turn:
            if not self.status()["behind"]:
                return 0
            with self.database.transaction() as tx:
                lock(tx, self.database)
                facts = advance(tx, *ensure_live(tx), self._batch)
                completeness.advance(tx, facts)
            return len(facts)

    def catch_up(self) -> int:
        """Fold all there is; how many facts it was."""
        total = 0
        while found := self.step():
            total += found
        return total

    async def _follow(self) -> None:
        pause = PAUSE
        while True:
            try:
                await asyncio.to_thread(self.catch_up)
                pause = PAUSE
            except StoreAway as away:
                logger.warning("the views wait: %s", away)
                pause = min(pause * 2, 30.0)
            except Exception:
                logger.exception("the views stand still")
                pause = min(pause * 2, 30.0)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), pause)
            self._wake.clear()
