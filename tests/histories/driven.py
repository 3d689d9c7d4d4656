"""Histories drawn by Hypothesis and driven through the suite, until there are as many as were asked for."""
from __future__ import annotations

import asyncio
import gc
import os
import random
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from histories.beginning import STANDS, Beginning
from histories.checks import all_hold
from histories.disturbances import OF_THE_SUITE
from histories.moves import OF_A_CASE
from histories.world import World

HISTORIES = int(os.environ.get("PERCORSO_HISTORIES", "300"))
SEED = os.environ.get("PERCORSO_SEED")
MEMORY = Path("/dev/shm")
SHORTEST, LONGEST, ROUND = 48, 96, 20
"""Moves of an example, and examples of a round: each round has a seed of its own, so that what fails is found again soon."""
NAMES = ["waits", *(name for table in (OF_A_CASE, OF_THE_SUITE) for name, (_, times) in table.items() for _ in range(times))]
"""The first is what shrinking puts in the place of a move that does not matter."""


@dataclass(frozen=True)
class Move:
    """`of`: whose case; `number`: what is chosen where there is a choice; `rest`: whether all comes to rest after it."""

    name: str
    of: int
    number: int
    rest: bool


MOVES = st.lists(st.builds(Move, st.sampled_from(NAMES), st.integers(0, len(STANDS) - 1), st.integers(0, 199), st.booleans()),
                 min_size=SHORTEST, max_size=LONGEST)


@dataclass
class Tally:
    """What was driven: examples, and the histories in them, a case each to which something happened that was taken."""

    examples: int = 0
    histories: int = 0
    moves: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    erased: int = 0

    def add(self, moves: Sequence[Move], world: World) -> None:
        self.examples += 1
        self.histories += sum(1 for taken in world.done.values() if taken)
        self.moves.update(move.name for move in moves)
        self.outcomes += world.outcomes
        self.erased += len(world.erased)


def driven(beginning: Beginning, histories: int, first: int | None = None, shrink: bool = True) -> Tally:
    """`first`: the seed of the first round. What fails says the seed of its round."""
    tally = Tally()
    phases = [Phase.generate, Phase.shrink] if shrink else [Phase.generate]
    while tally.histories < histories:
        chosen = random.SystemRandom().randrange(2**32) if first is None else first

        @seed(chosen)
        @settings(max_examples=ROUND, deadline=None, database=None, print_blob=True, phases=phases,
                  suppress_health_check=list(HealthCheck))
        @given(moves=MOVES, bundle=st.booleans())
        def one(moves: list[Move], bundle: bool) -> None:
            tally.add(moves, asyncio.run(lived(beginning, moves, bundle)))

        try:
            one()
        except BaseException as failed:
            failed.add_note(f"PERCORSO_SEED={chosen} PERCORSO_HISTORIES={histories} drives these histories again")
            raise
        first = None
    return tally


async def lived(beginning: Beginning, moves: Sequence[Move], bundle: bool) -> World:
    """One example: the moves in their order over a copy of the beginning, then all that must hold."""
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        world = beginning.copied(Path(folder))
        await world.start()
        try:
            for move in moves:
                await _made(world, move)
            await all_hold(world, Path(folder) if bundle else None)
        finally:
            await world.stop()
            gc.unfreeze()  # what a host keeps from the collector as long as it lives
    return world


async def _made(world: World, move: Move) -> None:
    if move.name in OF_A_CASE:
        await OF_A_CASE[move.name][0](world, world.people[move.of], move.number)
    elif move.name in OF_THE_SUITE:
        await OF_THE_SUITE[move.name][0](world, move.number)
    if move.rest:
        await world.rest()
