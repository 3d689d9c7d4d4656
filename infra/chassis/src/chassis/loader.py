"""Group read: all streams asked for in one turn of the loop are read by one query; aggregates are folded from them.

What was appended to is kept as it was decided, and need not be read again for an append: the writer refuses one to what has moved since,
in whatever process. What appends nothing (a refusal, a repetition, a reading, a reaction that looks) has no such judge, and reads anew.
"""
from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import reduce
from typing import Any

from chassis.kinds import Kind
from chassis.log import Entry, Log
from chassis.record import Codec

Loaded = tuple[Any, int]
"""An aggregate's state and its version; the start and 0 where nothing happened."""
KEPT = 2048
"""Aggregates kept."""


def stream_of(tenant: str, kind: Kind, key: str) -> str:
    return f"{tenant}/{kind.name}/{key}"


class Loader:
    def __init__(self, log: Log, codec: Codec) -> None:
        self._log, self._codec = log, codec
        self._waiting: dict[str, asyncio.Future[list[Entry]]] = {}
        self._thread = ThreadPoolExecutor(1, "loader")
        self._busy: asyncio.Task[None] | None = None
        self._kept: dict[str, Loaded] = {}
        codec.vault.destroyed.append(self.forget_all)

    async def load(self, kind: Kind, stream: str) -> Loaded:
        """The aggregate of a stream. `UnknownStored` where it holds an event this version does not know."""
        if (asked := self._waiting.get(stream)) is None:
            asked = self._waiting[stream] = asyncio.get_running_loop().create_future()
            if self._busy is None:
                self._busy = asyncio.create_task(self._drain())
        return self.fold(kind, await asyncio.shield(asked))

    def load_now(self, kind: Kind, stream: str) -> Loaded:
        """The same, in the caller's thread."""
        return self.fold(kind, self._log.streams([stream])[stream])

    def recall(self, stream: str) -> Loaded | None:
        """What is kept of a stream, if it is: as it was after an append of this process, maybe not as it is."""
        return self._kept.get(stream)

    def fold(self, kind: Kind, entries: Sequence[Entry]) -> Loaded:
        events = (self._codec.read(entry.name, entry.parts) for entry in entries)
        return reduce(kind.evolve, events, kind.start()), entries[-1].sequence if entries else 0

    def keep(self, after: Mapping[str, Loaded]) -> None:
        """Keep what an append was decided on, as it is after it. Called in the event loop, as `forget` is."""
        for stream, loaded in after.items():
            self._kept.pop(stream, None)
            self._kept[stream] = loaded
        if len(self._kept) > KEPT:
            for stream in list(self._kept)[:KEPT // 8]:
                self._kept.pop(stream, None)

    def forget(self, seen: Mapping[str, Loaded]) -> None:
        """Keep these no longer, unless what is kept is newer than what was seen."""
        for stream, (_, version) in seen.items():
            kept = self._kept.get(stream)
            if kept is not None and kept[1] <= version:
                self._kept.pop(stream, None)

    def forget_all(self) -> None:
        self._kept = {}

    def close(self) -> None:
        self._thread.shutdown()

    async def _drain(self) -> None:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(0)
        try:
            while self._waiting:
                group, self._waiting = self._waiting, {}
                try:
                    found = await loop.run_in_executor(self._thread, self._log.streams, list(group))
                except Exception as broken:
                    for asked in group.values():
                        asked.set_exception(broken)
                        asked.exception()  # its callers may be gone
                    continue
                for stream, asked in group.items():
                    asked.set_result(found[stream])
        finally:
            self._busy = None
