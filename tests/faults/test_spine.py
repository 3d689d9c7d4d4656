"""Relays and consumers killed -9, paused and joined while commands come in: nothing lost, nothing twice, nothing invented."""
import asyncio
import random
from collections.abc import Callable
from typing import Any

import psycopg
from desk import utc_now
from spine import Ear, declared, ear, until
from spine.place import KILLS, Part, Place, commands

from chassis.agree import disagreement
from chassis.consume import Consume
from chassis.saved import look
from chassis.topics import topic_of

TAKE_LOCKS_AWAY = """SELECT pg_terminate_backend(l.pid) FROM pg_locks l JOIN pg_database d ON d.oid = l.database
    WHERE l.locktype = 'advisory' AND l.granted AND d.datname = current_database() AND l.pid <> pg_backend_pid()"""


def stored(desk: Ear) -> list[bytes]:
    return [entry.parts.fact for entry in desk.executor.log.read(0, 10**6)]


async def ends_equal(place: Place, desk: Ear, listener: Ear, seed: int) -> None:
    """What was stored is what was heard: 0 lost, 0 invented, 0 twice; and topic and log agree."""
    told = stored(desk)
    await until(lambda: len(listener.all()) >= len(told), 60)
    assert [row[3] for row in listener.all()] == told, f"seed {seed}"
    assert await disagreement(place.bus, topic_of(place.source), desk.executor.log, look(desk.database)) is None, f"seed {seed}"
    with listener.database.reading() as tx:
        assert tx.execute("SELECT source FROM source_stopped") == []


async def test_relay_and_consumer_killed_under_load_end_equal(place: Place) -> None:
    rng, stop = random.Random(seed := random.randrange(10**6)), asyncio.Event()
    with ear(place.desk, declared(place.source, hears=()), utc_now) as desk, ear(place.listener, declared("ear"), utc_now) as listener:
        load = asyncio.create_task(commands(desk, stop))
        for _ in range(KILLS):
            await asyncio.gather(place.killed("relay", lambda: look(desk.database).position, rng),
                                 place.killed("consume", lambda: len(listener.all()), rng))
        stop.set()
        await load
        parts = [place.start(part) for part in ("relay", "consume")]
        try:
            await ends_equal(place, desk, listener, seed)
        finally:
            for process in parts:
                process.kill()


async def test_of_two_relays_the_one_that_is_paused_and_resumed_does_no_harm(real: Place) -> None:
    rng, stop = random.Random(seed := random.randrange(10**6)), asyncio.Event()
    relays = [real.start("relay"), real.start("relay")]
    try:
        with ear(real.desk, declared(real.source, hears=()), utc_now) as desk, \
                ear(real.listener, declared("ear", hears=(f"{real.source}.TicketOpened.v1",)), utc_now) as listener:
            consume = Consume("ear", listener.hearing, listener.reactions, real.bus)
            await consume.start()
            load = asyncio.create_task(commands(desk, stop))
            for _ in range(KILLS):
                await one_paused(real, relays, desk, rng, load)
            stop.set()
            await load
            await ends_equal(real, desk, listener, seed)
            await consume.stop()
    finally:
        for relay in relays:
            relay.kill()


async def one_paused(place: Place, relays: list[Part], desk: Ear, rng: random.Random, load: asyncio.Task[None]) -> None:
    """Pause one at a moment that nobody chose; its database gives it up; the other goes on; then the first comes back."""
    def position() -> int:
        if load.done():
            load.result()  # what has ended it
        return look(desk.database).position

    before = await asyncio.to_thread(position)
    await until(lambda: position() > before)
    paused = rng.choice(relays)
    await asyncio.sleep(rng.random() * 0.1)
    paused.pause()
    with psycopg.connect(place.desk, autocommit=True) as admin:
        await given_up(admin, position)
    paused.resume()


async def given_up(admin: psycopg.Connection[Any], position: Callable[[], int]) -> None:
    """Until another goes on. One that was paused as it asked for the lock is given it once the other's was taken away: so that it is taken
    away again."""
    for last in (False, False, True):
        admin.execute(TAKE_LOCKS_AWAY)
        before = await asyncio.to_thread(position)
        try:
            return await until(lambda before=before: position() > before, 15)
        except TimeoutError:
            if last:
                raise


async def test_consumers_that_join_and_leave_under_load_hear_each_fact_once(real: Place) -> None:
    rng, stop = random.Random(seed := random.randrange(10**6)), asyncio.Event()
    hears, relay = declared("ear", hears=(f"{real.source}.TicketOpened.v1",)), real.start("relay")
    try:
        with ear(real.desk, declared(real.source, hears=()), utc_now) as desk, ear(real.listener, hears, utc_now) as listener:
            load = asyncio.create_task(commands(desk, stop))
            stays = Consume("ear", listener.hearing, listener.reactions, real.bus)
            await stays.start()
            for _ in range(KILLS):
                await joins_and_leaves(real, rng)
            stop.set()
            await load
            await ends_equal(real, desk, listener, seed)
            await stays.stop()
    finally:
        relay.kill()


async def joins_and_leaves(place: Place, rng: random.Random) -> None:
    with ear(place.listener, declared("ear", hears=(f"{place.source}.TicketOpened.v1",)), utc_now) as second:
        heard: list[int] = []
        second.hearing.heard.append(heard.append)
        consume = Consume("ear", second.hearing, second.reactions, place.bus)
        await consume.start()
        await until(lambda: sum(heard) > 0)
        await asyncio.sleep(rng.random() * 0.3)
        await consume.stop()
