"""Reactions (process managers): commands of this service that heard facts set off, each once (`design.md` 5, heard first)."""
from __future__ import annotations

import asyncio
import logging
import traceback
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import orjson

from chassis import reaction_rows
from chassis.bulk import Table
from chassis.coming import about_key, abouts, heard_of
from chassis.database import Database
from chassis.decide import Actor, Heard, Refused
from chassis.declare import Do, Reaction, Wait
from chassis.errors import Busy, Halted, KeyReused, StoreAway
from chassis.execute import Call, Executor
from chassis.identity import derived
from chassis.task import raise_task

TABLES = reaction_rows.TABLES
_READY = (" FROM reaction r JOIN heard h ON h.source = r.source AND h.incarnation = r.incarnation AND h.position = r.position "
          "WHERE r.state = 'ready' AND NOT EXISTS (SELECT 1 FROM reaction p WHERE p.source = r.source AND p.key = r.key "
          "AND p.state = 'parked')")
_WAITS = Table("reaction_wait", {"about": "text", "reaction": "text"}, "ON CONFLICT DO NOTHING")
PAGE, TOGETHER, TRIES = 200, 8, 3
IDLE, FIRST_WAIT, LONGEST_WAIT = 0.5, 0.1, 10.0
REFUSED = "REACTION_REFUSED"
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Due:
    """A reaction to run: its row, and the fact that set it off."""

    id: str
    reaction: Reaction
    source: str
    key: str
    fact: Heard
    tenant: str
    correlation: str
    waits_for: frozenset[str]


class Reactions:
    """Runs what is ready: keys side by side, each in order. `wake` it when something was heard."""

    def __init__(self, executor: Executor, database: Database, reactions: Sequence[Reaction]) -> None:
        self._executor, self._database = executor, database
        self._by_kind = {reaction.kind: reaction for reaction in reactions}
        self._wake, self._turn = asyncio.Event(), asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        if self._by_kind:
            self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        self._task = None

    def wake(self, _heard: int = 0) -> None:
        self._wake.set()

    def ready(self) -> int:
        """Reactions that could run now."""
        with self._database.reading() as tx:
            return int(tx.execute("SELECT count(*) AS n" + _READY)[0]["n"])

    async def catch_up(self) -> int:
        """Run what is ready, until nothing is; how many were run. Raises what is transient: `StoreAway`, `Busy`, `Halted`."""
        async with self._turn:
            ran = 0
            while some := await asyncio.to_thread(self._due):
                batch, due = some
                by_key: dict[tuple[str, str], list[Due]] = defaultdict(list)
                for one in due:
                    by_key[one.source, one.key].append(one)
                room = asyncio.Semaphore(TOGETHER)
                async with asyncio.TaskGroup() as group:
                    for of_key in by_key.values():
                        group.create_task(self._in_order(of_key, batch, room))
                ran += len(due)
            return ran

    async def _run(self) -> None:
        wait = FIRST_WAIT
        while True:
            self._wake.clear()
            try:
                await self.catch_up()
                wait = FIRST_WAIT
            except Exception as trouble:  # transient ones, in a group: all is tried again
                logger.warning("reactions wait: %s", _names(trouble))
                await asyncio.sleep(wait)
                wait = min(2 * wait, LONGEST_WAIT)
                continue
            with suppress(TimeoutError):
                async with asyncio.timeout(IDLE):
                    await self._wake.wait()

    def _due(self) -> tuple[int, list[Due]] | None:
        """What is ready, and the number of the last batch heard before it was looked at; None if nothing is."""
        with self._database.reading() as tx:
            batch = tx.execute("SELECT number FROM hearing_batch WHERE one = 1")
            rows = tx.execute("SELECT r.id, r.kind, r.source, r.key, h.body" + _READY +
                              " ORDER BY r.batch, r.source, r.incarnation, r.position, r.kind LIMIT %s", (PAGE,))
        due = [self._read(row) for row in rows if row["kind"] in self._by_kind]
        return (batch[0]["number"], due) if due else None

    def _read(self, row: Any) -> Due:
        fact = orjson.loads(bytes(row["body"]))
        return Due(row["id"], self._by_kind[row["kind"]], row["source"], row["key"], heard_of(fact), fact["tenant"], fact["correlation"],
                   frozenset(filter(None, (fact.get("case"), fact.get("programme"), *abouts(fact)))))

    async def _in_order(self, due: Sequence[Due], batch: int, room: asyncio.Semaphore) -> None:
        async with room:
            for one in due:
                if not await self._one(one, batch):
                    return

    async def _one(self, due: Due, batch: int) -> bool:
        """Run one; False where it was parked, so that the others of its key line up."""
        for left in range(TRIES - 1, -1, -1):
            try:
                wait = await self._react(due)
                if wait is None:
                    await asyncio.to_thread(self._done, due)
                else:
                    await asyncio.to_thread(self._waits, due, wait, batch)
                return True
            except (StoreAway, Busy, Halted):
                raise
            except Exception as raised:
                where = traceback.extract_tb(raised.__traceback__)[-1]
                reason = f"reaction {due.reaction.kind} raised {type(raised).__name__} at {where.name}:{where.lineno}"
                logger.error("%s (%s)", reason, f"{left} tries left" if left else "parked", exc_info=not left)
        await asyncio.to_thread(self._park, due, reason)
        return False

    async def _react(self, due: Due) -> Wait | None:
        """None when it is done: acted, had nothing to do, or was refused and a person has the task."""
        actor = Actor("system", "SYSTEM", self._executor.declared.name, due.tenant)
        call = Call(due.id, b"", due.correlation, due.fact.id, due.fact.occurred)
        try:
            found = await asyncio.to_thread(lambda: due.reaction.react(due.fact, self._executor.asking(actor)))
            if isinstance(found, Do):
                await self._executor.carry_out(self._executor.by_decision(found.decision), found.args, actor, call)
            return found if isinstance(found, Wait) else None
        except KeyReused:
            return None
        except Refused as no:
            if _comes_later(no):
                return Wait(tuple(due.waits_for))
            if not _was_done(no):
                await self._give_to_a_person(due, actor, no)
            return None

    async def _give_to_a_person(self, due: Due, actor: Actor, no: Refused) -> None:
        logger.warning("reaction %s was refused: %s", due.reaction.kind, no.code)
        args: Mapping[str, Any] = {
            "task_id": derived(due.id), "kind": REFUSED, "role": due.reaction.role, "due": self._executor.today(), "cause": due.fact.id,
            "done_by": due.reaction.done_by or due.reaction.on, "case_id": due.fact.case, "programme_id": due.fact.programme,
            "subject_id": due.fact.subject}
        call = Call(f"{due.id}:refused", b"", due.correlation, due.fact.id, due.fact.occurred)
        await self._executor.carry_out(self._executor.by_decision(raise_task), {**args, "on": due.fact.occurred}, actor, call)

    def _done(self, due: Due) -> None:
        with self._database.transaction() as tx:
            tx.execute("DELETE FROM reaction_wait WHERE reaction = %s", (due.id,))
            tx.execute("DELETE FROM reaction WHERE id = %s", (due.id,))

    def _waits(self, due: Due, wait: Wait, batch: int) -> None:
        """Wait, unless something about it was heard since it was looked at: then it stays ready."""
        keys = _keys(due, wait.ids)
        with self._database.locked() as tx:
            _WAITS.insert(tx, [(key, due.id) for key in keys])
            if not tx.among("SELECT 1 AS some FROM heard_about WHERE batch > %s AND about {among}", keys, (batch,)):
                tx.execute("UPDATE reaction SET state = 'waiting' WHERE id = %s", (due.id,))

    def _park(self, due: Due, reason: str) -> None:
        with self._database.transaction() as tx:
            tx.execute("UPDATE reaction SET state = 'parked', reason = %s WHERE id = %s", (reason, due.id))


def _keys(due: Due, ids: Iterable[str]) -> list[str]:
    return sorted({about_key(due.tenant, one) for one in (*ids, due.fact.case or due.fact.aggregate)})


def _code(no: Refused) -> str:
    return no.code.partition(":")[0]


def _comes_later(no: Refused) -> bool:
    """Something is not heard yet, or is parked: looked at again when more is heard, or released."""
    return _code(no).endswith("_NOT_HEARD_YET") or _code(no) == "CASE_PARKED"


def _was_done(no: Refused) -> bool:
    """The code of a repetition: a person gets it, a reaction takes it as done."""
    return "ALREADY" in _code(no).split("_")


def _names(trouble: BaseException) -> str:
    if isinstance(trouble, BaseExceptionGroup):
        return ", ".join(sorted({_names(one) for one in trouble.exceptions}))
    return type(trouble).__name__
