"""Seals are made here: on request, and once a day on which something was spoken; and the seals of a log are read."""
from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson

from chassis import kept
from chassis.database import Database
from chassis.decide import Actor
from chassis.execute import Executor
from chassis.identity import derived
from chassis.loader import stream_of
from chassis.log import Entry, Log
from chassis.saved import Place
from chassis.seals import SEALED, STAMPED, SealKey, fingerprint, hash_of, key_message, seal_message
from chassis.trail import LOG, Head, heads_of, say, seal
from chassis.wire import parted

PAGE = 500
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Seal:
    """A seal as it is stored: its payload, when it was recorded, its bytes; `at` is its version in its stream, 0 for a foreign one."""

    data: Mapping[str, Any]
    recorded: str
    stored: bytes
    at: int = 0

    @property
    def number(self) -> int:
        return int(self.data["number"])

    @property
    def hash(self) -> str:
        return hash_of(self.stored)


class OwnSeals:
    """The seals that a log has made, those of an earlier life that its store lacks included. Blocking: call it in a thread."""

    def __init__(self, log: Log, service: str) -> None:
        self._log, self._service, self.name = log, service, f"{service}.{SEALED}"
        self._stamp = f"{service}.{STAMPED}"

    def newest(self, tenant: str) -> Seal | None:
        """The newest seal of this store."""
        entry = self._log.newest(self._stream(tenant), self.name)
        return _numbered(entry) if entry else None

    def before(self, tenant: str) -> Seal | None:
        """The seal that the next one follows."""
        own = self.newest(tenant)
        return max([*([own] if own else []), *self._foreign(tenant)], key=lambda one: one.number, default=None)

    def page(self, tenant: str, after: int, limit: int) -> list[Seal]:
        """Seals of this store whose version is greater, in order."""
        found = map(_numbered, self._log.named(self._stream(tenant), self.name, after, limit))
        return [one for one in found if one is not None]

    def tokens(self, tenant: str) -> dict[str, Mapping[str, Any]]:
        """The time stamps of a tenant's seals, by seal."""
        found, after = dict[str, Mapping[str, Any]](), 0
        while page := self._log.named(self._stream(tenant), self._stamp, after, PAGE):
            said = [orjson.loads(entry.parts.fact)["data"] for entry in page]
            found |= {one["seal_id"]: one for one in said}
            after = page[-1].sequence
        return found

    def spoken_since(self, tenant: str, one: Seal, position: int) -> int:
        """How many facts of the log itself, this seal the first of them, lie at or before a position."""
        stream = self._stream(tenant)
        return sum(entry.position <= position for entry in self._log.streams([stream])[stream] if entry.sequence >= one.at)

    def _stream(self, tenant: str) -> str:
        return stream_of(tenant, LOG, self._service)

    def _foreign(self, tenant: str) -> list[Seal]:
        with self._log.database.reading() as tx:
            rows = tx.execute("SELECT value FROM foreign_fact WHERE key = %s", (self._service.encode(),))
        found = [_numbered_fact(parted(bytes(row["value"]))[0], tenant) for row in rows]
        return [one for one in found if one is not None]


@dataclass(frozen=True)
class SealedHead:
    """A head to be printed where it leaves the house: the newest seal of a source, and what it says of one trail (estremi del sigillo).

    `programme` empty: the trail of none. `fingerprint` is the signing key's. With it an auditor checks that nothing below was changed.
    """

    source: str
    tenant: str
    seal: int
    sealed_at: str
    incarnation: int
    position: int
    programme: str
    number: int
    head: str
    fingerprint: str


def newest_heads(own: OwnSeals, service: str, database: Database, tenant: str, programmes: Collection[str]) -> list[SealedHead]:
    """Of the newest seal of this service, and of those it keeps of the others: the heads of these programmes, and of none."""
    mine = own.newest(tenant)
    seals = {source: seal_of(stored) for source, stored in kept.newest(database, tenant)} | ({service: mine} if mine else {})
    return [SealedHead(source, tenant, one.number, one.recorded, one.data["incarnation"], one.data["position"],
                       head.get("programme") or "", head["number"], head["head"], fingerprint(one.data["key"]))
            for source, one in sorted(seals.items()) for head in one.data["heads"] if (head.get("programme") or "") in {"", *programmes}]


def seal_of(stored: bytes) -> Seal:
    fact = orjson.loads(stored)
    return Seal(fact["data"], fact["time"], stored)


def _numbered(entry: Entry) -> Seal | None:
    """None for a seal of before they were signed."""
    fact = orjson.loads(entry.parts.fact)
    return Seal(fact["data"], fact["time"], entry.parts.fact, entry.sequence) if "number" in fact["data"] else None


def _numbered_fact(stored: bytes, tenant: str) -> Seal | None:
    fact = orjson.loads(stored)
    is_one = fact["type"].endswith(f".{SEALED}") and fact["tenant"] == tenant and "number" in fact["data"]
    return Seal(fact["data"], fact["time"], stored) if is_one else None


class Sealer:
    """Seals the trails of each tenant. Without a key there are no seals: an unsigned one proves nothing.

    `before` is the key that was replaced: it vouches for the new one in the first seal that the new one signs.
    """

    def __init__(self, executor: Executor, place: Callable[[], Place], key: SealKey | None, before: SealKey | None = None) -> None:
        self._executor, self._place, self._key, self._before = executor, place, key, before
        self._service = executor.declared.name
        self.own = OwnSeals(executor.log, self._service)
        self._day: date | None = None

    async def catch_up(self) -> None:
        """Seal once a day, as soon as there is something to seal."""
        if self._key and self._day != (today := self._executor.today()) and self._place().trails:
            await self.seal_all()
            self._day = today

    async def seal_all(self) -> None:
        place = self._place()
        for tenant in sorted({tenant for tenant, _ in place.trails}):
            await self.seal(place, tenant)

    async def seal(self, place: Place, tenant: str, actor: Actor | None = None) -> Seal | None:
        """The newest seal, made now if anything was spoken since the last. None where there is none: nothing spoken, or no key."""
        heads = heads_of(place, tenant)
        if self._key is not None and heads and await asyncio.to_thread(self._moved, place, tenant, list(heads)):
            await self._made(self._key, place, tenant, actor)
        return await asyncio.to_thread(self.own.newest, tenant)

    async def _made(self, key: SealKey, place: Place, tenant: str, actor: Actor | None) -> None:
        call_id, heads = f"seal:{place.incarnation}:{place.position}:{tenant}", heads_of(place, tenant)
        said = {"seal_id": derived(self._service, call_id), "incarnation": place.incarnation, "position": place.position}
        signed = await asyncio.to_thread(self._signed, key, tenant, heads, said)
        await say(self._executor, seal, tenant, call_id, actor, heads=heads, **signed)

    def _moved(self, place: Place, tenant: str, now: Sequence[Head]) -> bool:
        """Whether anything was spoken since the last seal, but what the log says of its seals."""
        last = self.own.newest(tenant)
        if last is None or last.data["incarnation"] != place.incarnation:
            return True
        numbers = {head.get("programme"): head["number"] for head in last.data["heads"]}
        since = {head.programme: head.number - numbers.get(head.programme, 0) for head in now}
        return any(by for programme, by in since.items() if programme) or since.get(None, 0) > self.own.spoken_since(
            tenant, last, place.position)

    def _signed(self, key: SealKey, tenant: str, heads: Sequence[Head], said: Mapping[str, Any]) -> dict[str, Any]:
        last = self.own.before(tenant)
        found = {**said, "number": last.number + 1 if last else 1, "key": key.public}
        if last:
            found |= {"previous": last.data["seal_id"], "previous_hash": last.hash}
            if last.data["key"] != key.public:
                found |= self._endorsed(key, last.data["key"])
        plain = [{"programme": head.programme, "number": head.number, "head": head.head} for head in heads]
        return {**found, "signature": key.sign(seal_message(self._service, tenant, {**found, "heads": plain}))}

    def _endorsed(self, key: SealKey, was: str) -> dict[str, str]:
        if self._before is None or self._before.public != was:
            logger.warning("the sealing key is another, and the one before does not vouch for it: auditors must be told of it. Start once "
                           "with the old key as SEAL_KEY_BEFORE to have it vouch")
            return {}
        return {"endorsement": self._before.sign(key_message(self._service, key.public))}
