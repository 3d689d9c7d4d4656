"""Histories drawn by Hypothesis and driven through the suite, until there are as many as were asked for."""
from __future__ import annotations

import asyncio
import os
import random
import tempfile
import traceback
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from histories.beginning import STANDS, Beginning
from histories.checks import all_hold
from histories.disturbances import OF_THE_SUITE
from histories.moves import OF_A_CASE
from histories.world import World

PHASES = [Phase.generate, Phase.shrink]
MEMORY = Path("/dev/shm")
SHORTEST, LONGEST, ROUND = 48, 96, 5
"""Moves of an example, and examples of a round: each round has a seed of its own, so that what fails is found again soon."""
WAITS = "waits"
NAMES = [WAITS, *(name for table in (OF_A_CASE, OF_THE_SUITE) for name, (_, times) in table.items() for _ in range(times))]
"""The first is what shrinking puts in the place of a move that does not matter."""


@dataclass(frozen=True)
class Move:
    """`of`: whose case, counted on from the move's place, so that one is as likely as another; `number`: what is chosen where there is
    a choice; `rest`: whether all comes to rest after it."""

    name: str
    of: int = 0
    number: int = 0
    rest: bool = True


MOVES = st.lists(st.builds(Move, st.sampled_from(NAMES), st.integers(0, len(STANDS) - 1), st.integers(0, 199), st.booleans()),
                 min_size=SHORTEST, max_size=LONGEST)


@dataclass
class Tally:
    """What was driven: examples, and the histories in them, a case each to which something happened that was taken."""

    examples: int = 0
    histories: int = 0
    erased: int = 0
    moves: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)

    def add(self, other: Tally) -> None:
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)

    def said(self) -> str:
        taken = sum(times for what, times in self.outcomes.items() if what.endswith(" done"))
        return (f"{self.histories} histories of whole cases in {self.examples} examples: {self.moves.total()} moves, {taken} commands "
                f"taken and {self.outcomes.total() - taken} refused, {self.moves['restarts']} restarts, {self.moves['is rebuilt']} "
                f"rebuilds, {self.erased} people erased")


def driven(beginning: Beginning, histories: int, workers: int) -> Tally:
    """Rounds in so many processes, until there are so many histories. AssertionError: all that is known of the first that fails."""
    tally = Tally()
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        under_way: set[Future[Tally | str]] = set()
        while tally.histories < histories or under_way:
            while tally.histories < histories and len(under_way) < workers:
                under_way.add(pool.submit(_told, beginning, random.SystemRandom().randrange(2**32)))
            done, under_way = wait(under_way, return_when=FIRST_COMPLETED)
            for one in done:
                found = one.result()
                assert isinstance(found, Tally), found
                tally.add(found)
    return tally


def _told(beginning: Beginning, chosen: int) -> Tally | str:
    try:
        return driven_once(beginning, chosen)
    except Exception as failed:
        return "".join(traceback.format_exception(failed))


def driven_once(beginning: Beginning, chosen: int) -> Tally:
    """One round, by its seed. What fails says it."""
    tally = Tally()

    @seed(chosen)
    @settings(max_examples=ROUND, deadline=None, database=None, print_blob=True, phases=PHASES,
              suppress_health_check=list(HealthCheck))
    @given(moves=MOVES, bundle=st.booleans())
    def one(moves: list[Move], bundle: bool) -> None:
        if any(move.name != WAITS for move in moves):  # with which Hypothesis begins, and nothing happens in it
            tally.add(asyncio.run(lived(beginning, moves, bundle)))

    try:
        one()
    except BaseException as failed:
        failed.add_note(f"To drive this round again: PERCORSO_SEED={chosen} .venv/bin/pytest tests/histories")
        raise
    return tally


async def lived(beginning: Beginning, moves: Sequence[Move], bundle: bool = False) -> Tally:
    """One example: the moves in their order over a copy of the beginning, then all that must hold."""
    with tempfile.TemporaryDirectory(dir=MEMORY if os.access(MEMORY, os.W_OK) else None) as folder:
        world = beginning.copied(Path(folder))
        await world.start()
        try:
            for place, move in enumerate(moves):
                await _made(world, move, (move.of + place) % len(STANDS))
            await all_hold(world, Path(folder) if bundle else None)
        finally:
            await world.stop()
    return Tally(1, sum(1 for taken in world.done.values() if taken), len(world.erased), Counter(move.name for move in moves),
                 world.outcomes)


async def _made(world: World, move: Move, of: int) -> None:
    if move.name in OF_A_CASE:
        await OF_A_CASE[move.name][0](world, world.people[of], move.number)
    elif move.name in OF_THE_SUITE:
        await OF_THE_SUITE[move.name][0](world, move.number)
    if move.rest and move.name != WAITS:
        await world.rest()
