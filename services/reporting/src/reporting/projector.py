"""The one projector: it follows the archive's sequence in batches, and writes rows and its sequence in one transaction."""
from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import Sequence
from typing import Any

from chassis.database import Database, Tx
from chassis.errors import StoreAway
from reporting import archive, completeness, generations
from reporting.archive import Archive, Valued
from reporting.folding import advance
from reporting.rebuild import AlreadyRunning, make_new_views

BATCH = 1000
PAUSE = 0.5
"""Seconds between looks when nobody wakes it; the first pause after trouble, doubled up to 30."""
logger = logging.getLogger(__name__)


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
            return {"behind": archive.head(tx) - generations.sequence(tx)}

    def step(self) -> int:
        """Fold one batch; how many facts it had."""
        with self._turn:
            if not self.status()["behind"]:
                return 0
            with self.database.transaction() as tx:
                generations.lock(tx, self.database)
                of, sequence = generations.ensure(tx, self.database.dialect)
                facts, sequence = advance(tx, of, sequence, self._batch)
                completeness.advance(tx, facts)
                generations.move(tx, sequence)
            return len(facts)

    def catch_up(self) -> int:
        """Fold all there is; how many facts it was."""
        total = 0
        while found := self.step():
            total += found
        return total

    async def _follow(self) -> None:
        pause = PAUSE
        with contextlib.suppress(AlreadyRunning, StoreAway):
            await asyncio.to_thread(make_new_views, self.database)
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
                async with asyncio.timeout(pause):
                    await self._wake.wait()
            self._wake.clear()
