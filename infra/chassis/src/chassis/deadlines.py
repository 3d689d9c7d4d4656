"""Deadlines: a view of the service's own log. Firing one sends a command whose id is the deadline's, so that it happens once."""
from __future__ import annotations

import asyncio
import logging
from datetime import date, datetime
from typing import Any

import orjson

from chassis.clock import rome_date, rome_midnight, stamp
from chassis.database import Tx
from chassis.decide import Actor, Refused
from chassis.declare import Deadline
from chassis.errors import Busy, Halted, StoreAway
from chassis.execute import Call, Executor
from chassis.log import Entry
from chassis.logs import described
from chassis.record import stored_name

TABLES = (
    "CREATE TABLE IF NOT EXISTS deadline (id TEXT PRIMARY KEY, kind TEXT NOT NULL, due TEXT NOT NULL, position {big} NOT NULL, "
    "fired INTEGER NOT NULL DEFAULT 0)",
    "CREATE INDEX IF NOT EXISTS deadline_due ON deadline (fired, due)",
    "CREATE TABLE IF NOT EXISTS deadline_mark (one INTEGER PRIMARY KEY, position {big} NOT NULL)",
)
PAGE = 1000
NOT_NOW = ("_NOT_HEARD_YET", "CASE_PARKED")
"""Refusals that say nothing of whether a deadline still applies."""
logger = logging.getLogger(__name__)


def instant_due(due: date | datetime) -> datetime:
    """A date is due at 00:00 in Rome."""
    return due if isinstance(due, datetime) else rome_midnight(due)


class Deadlines:
    def __init__(self, executor: Executor, deadlines: tuple[Deadline, ...]) -> None:
        self._executor, self._log = executor, executor.log
        self._by_kind = {d.kind: d for d in deadlines}
        service = executor.declared.name
        self._by_name: dict[str, list[Deadline]] = {}
        for deadline in deadlines:
            self._by_name.setdefault(stored_name(service, deadline.on), []).append(deadline)
        self._turn = asyncio.Lock()
        self._failing: set[str] = set()

    async def catch_up(self) -> int:
        """Follow the log and fire what is due; how many were fired."""
        async with self._turn:
            while await asyncio.to_thread(self._follow):
                pass
            fired = 0
            for row in await asyncio.to_thread(self._due):
                fired += await self._fire_or_say(row)
            return fired

    def waiting(self) -> int:
        """Deadlines that are due and not fired, and log entries not looked at yet."""
        if not self._by_name:
            return 0
        with self._log.database.reading() as tx:
            behind = max(0, self._log.head() - _mark(tx))
            due = tx.execute("SELECT count(*) AS n FROM deadline WHERE fired = 0 AND due <= %s", (stamp(self._executor.now()),))
        return int(due[0]["n"]) + behind

    def _follow(self) -> int:
        with self._log.database.reading() as tx:
            after = _mark(tx)
        page = self._log.read(after, PAGE)
        rows = [row for entry in page for row in self._set_by(entry)]
        if page:
            with self._log.database.transaction() as tx:
                tx.executemany("INSERT INTO deadline (id, kind, due, position) VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING", rows)
                tx.execute("INSERT INTO deadline_mark (one, position) VALUES (1, %s) ON CONFLICT (one) DO UPDATE SET position = "
                           "excluded.position", (page[-1].position,))
        return len(page)

    def _set_by(self, entry: Entry) -> list[tuple[str, str, str, int]]:
        """The deadlines that an entry sets: (id, kind, due, position)."""
        if not (set_here := self._by_name.get(entry.name)):
            return []
        event, fact = self._executor.codec.read(entry.name, entry.parts), orjson.loads(entry.parts.fact)
        due = [(deadline, deadline.due(event)) for deadline in set_here]
        return [(f"deadline:{d.kind}:{fact['id']}", d.kind, stamp(instant_due(at)), entry.position) for d, at in due if at]

    def _due(self) -> list[Any]:
        with self._log.database.reading() as tx:
            return tx.execute("SELECT id, kind, due, position FROM deadline WHERE fired = 0 AND due <= %s ORDER BY due, id",
                              (stamp(self._executor.now()),))

    async def _fire_or_say(self, row: Any) -> int:
        """One that fails is looked at again, and does not stand in the way of the others."""
        try:
            fired = await self._fire(row)
            self._failing.discard(row["id"])
            return fired
        except Exception as wrong:
            if row["id"] not in self._failing:
                logger.error("%s cannot be fired: %s", row["id"], described(wrong))
            self._failing.add(row["id"])
            return 0

    async def _fire(self, row: Any) -> int:
        entry = await asyncio.to_thread(self._log.at, row["position"])
        assert entry is not None, "a deadline names a position of its own log"
        fact = orjson.loads(entry.parts.fact)
        do = self._by_kind[row["kind"]].do(self._executor.codec.read(entry.name, entry.parts))
        occurred = rome_date(datetime.fromisoformat(row["due"]))
        actor = Actor("system", "SYSTEM", self._executor.declared.name, fact["tenant"])
        call = Call(row["id"], b"", fact["correlation"], fact["id"], occurred)
        try:
            await self._executor.carry_out(self._executor.by_decision(do.decision), do.args, actor, call)
        except Refused as no:
            if no.code.endswith(NOT_NOW):
                return 0  # else: it no longer applies
        except (StoreAway, Busy, Halted):
            return 0
        await asyncio.to_thread(self._fired, row["id"])
        return 1

    def _fired(self, deadline_id: str) -> None:
        with self._log.database.transaction() as tx:
            tx.execute("UPDATE deadline SET fired = 1 WHERE id = %s", (deadline_id,))


def _mark(tx: Tx) -> int:
    rows = tx.execute("SELECT position FROM deadline_mark WHERE one = 1")
    return rows[0]["position"] if rows else 0
