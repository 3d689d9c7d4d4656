"""Where a source and its listener keep what they keep, while processes of both are started, killed, paused and resumed."""
from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from desk import ACTOR, OPEN, call, opening

from chassis.bus import Bus
from spine import Ear, until

KILLS = int(os.environ.get("PERCORSO_KILLS", "5"))
TESTS = Path(__file__).parents[1]


class Part:
    """A process of its own: `relay` or `consume`."""

    def __init__(self, part: str, source: str, url: str, where: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "spine.run", part, source, url, where], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": str(TESTS)})
        self.pid = self._process.pid

    async def goes_on(self) -> None:
        assert self._process.stdout is not None
        assert await asyncio.to_thread(self._process.stdout.readline), "it ended before it began"

    def pause(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """`kill -9`, once."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.communicate()


class Place:
    """A source called `source` with its store, the store of its listener, the bus between them."""

    def __init__(self, source: str, desk: str, listener: str, where: str, bus: Bus) -> None:
        self.source, self.desk, self.listener, self.where, self.bus = source, desk, listener, where, bus

    def start(self, part: str) -> Part:
        return Part(part, self.source, self.desk if part == "relay" else self.listener, self.where)

    async def killed(self, part: str, done: Callable[[], int], rng: random.Random) -> None:
        """Start a part, let it get to work, and kill it -9 at a moment that nobody chose."""
        before, process = await asyncio.to_thread(done), self.start(part)
        try:
            await process.goes_on()
            await until(lambda: done() > before)
            await asyncio.sleep(rng.random() * 0.3)
        finally:
            await asyncio.to_thread(process.kill)


async def commands(desk: Ear, stop: asyncio.Event) -> None:
    """Open tickets until stopped."""
    while not stop.is_set():
        await desk.executor.carry_out(OPEN, opening(), ACTOR, call())
        await asyncio.sleep(0.005)
