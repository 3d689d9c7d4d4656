"""What may happen to the suite while cases go on: facts that are late or come twice, restarts, rebuilds, comparisons, seals, time."""
from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import date, timedelta

from histories import checks
from histories.world import World, topics
from percorso.suite import SERVICES

Disturbance = Callable[[World, int], Awaitable[None]]


async def speaks_late(world: World, number: int) -> None:
    """What one service stores is spoken later: its relay waits."""
    world.bus.unspoken.add(topics()[number % len(SERVICES)])


async def hears_late(world: World, number: int) -> None:
    """What one service speaks is heard later by another; most often by reporting."""
    group = "reporting" if number % 3 else SERVICES[number // 3 % len(SERVICES)]
    world.bus.unheard.add((f"percorso.{group}", topics()[number % len(SERVICES)]))


async def catches_up(world: World, number: int) -> None:
    await world.bus.let_go()


async def speaks_twice(world: World, number: int) -> None:
    """Three records that a topic holds come again."""
    topic = topics()[number % len(SERVICES)]
    ends = {part: end for part, (_, end) in (await world.bus.bounds(topic)).items() if end}
    part = sorted(ends)[number % len(ends)]
    for record in await world.bus.read(topic, part, number * 7 % ends[part], 3):
        await world.bus.speak_again(record)


async def restarts(world: World, number: int) -> None:
    """As it stands: what was not spoken, heard or done yet is gone on with."""
    await world.stop()
    await world.start()


async def rebuilds(world: World, number: int) -> None:
    report = await world.suite.read("reporting", "rebuildViews", {}, world.auditor, patience_s=None)
    assert report["equal"], f"a rebuild differs: {report['differences']}"


async def is_compared(world: World, number: int) -> None:
    await checks.parity(world)


async def is_sealed(world: World, number: int) -> None:
    await checks.seal(world)


async def time_passes(world: World, number: int) -> None:
    await world.on(world.today + timedelta(days=1 + number % 20))


async def a_year_passes(world: World, number: int) -> None:
    await world.on(date(world.today.year + 1, 1, 2))


async def is_verified(world: World, number: int) -> None:
    await checks.trails(world)


OF_THE_SUITE: Mapping[str, tuple[Disturbance, int]] = {
    "speaks late": (speaks_late, 4), "hears late": (hears_late, 8), "catches up": (catches_up, 6), "speaks twice": (speaks_twice, 5),
    "restarts": (restarts, 1), "is rebuilt": (rebuilds, 1), "is compared": (is_compared, 1), "is sealed": (is_sealed, 2),
    "is verified": (is_verified, 1), "time passes": (time_passes, 6), "a year passes": (a_year_passes, 1)}
"""Each with how often it is drawn beside the others and the moves of cases."""
