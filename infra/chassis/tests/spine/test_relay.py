"""From the log to the topic: in order, chained, nothing lost, nothing papered over."""
import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from desk import ACTOR, OPEN, call, opening, utc_now
from spine import Ear, declared, ear, file_url, until

from chassis import foreign, saved
from chassis import readmit as tool
from chassis.bus import PARTITIONS, Bus, BusAway, Record
from chassis.bus_local import LocalBus
from chassis.readmit import NotNow, readmit
from chassis.relay import Relay
from chassis.respeak import respeak
from chassis.topics import topic_of
from chassis.wire import parted, trail_next, trail_start

DESK = declared("desk", hears=())
EAR = declared("ear", hears=("desk.TicketOpened.v1", "desk.LogReadmitted.v1"))
TOPIC = topic_of("desk")


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return file_url(tmp_path, "desk") if request.param == "sqlite" else request.getfixturevalue("postgres_url")


@pytest.fixture
async def bus(tmp_path: Path) -> AsyncIterator[LocalBus]:
    made = LocalBus(str(tmp_path / "bus.sqlite"))
    made.create(TOPIC)
    yield made
    await made.stop()


@pytest.fixture
def desk(url: str) -> Iterator[Ear]:
    with ear(url, DESK) as made:
        yield made


async def opened(desk: Ear, number: int, tenant: str = "bari") -> None:
    for _ in range(number):
        await desk.executor.carry_out(OPEN, opening(), replace(ACTOR, tenant=tenant), call())


async def all_of(bus: Bus) -> list[Record]:
    bounds = await bus.bounds(TOPIC)
    return [record for part, (first, end) in sorted(bounds.items()) for record in await bus.read(TOPIC, part, first, end - first)]


def relay(desk: Ear, bus: Bus, page: int = 1000) -> Relay:
    return Relay("desk", desk.executor.log, bus, desk.executor.halt, page)


async def test_every_fact_is_spoken_once_with_its_trail_and_the_position_before_it(desk: Ear, bus: LocalBus) -> None:
    for tenant in ("bari", "lecce", "bari"):
        await opened(desk, 7, tenant)
    one = relay(desk, bus, page=4)
    while await one.once():
        pass
    records = await all_of(bus)
    stored = {entry.position: entry.parts.fact for entry in desk.executor.log.read(0, 100)}
    assert {parted(record.value)[1].position: parted(record.value)[0] for record in records} == stored
    for part in range(PARTITIONS):
        mine = [parted(record.value)[1] for record in records if record.partition == part]
        assert [added.after for added in mine] == [0, *(added.position for added in mine)][:-1] if mine else True
    heads: dict[str, tuple[int, bytes]] = {}
    for value in sorted((record.value for record in records), key=lambda value: parted(value)[1].position):
        fact, added = parted(value)
        tenant = "lecce" if b'"tenant":"lecce"' in fact else "bari"
        number, head = heads.get(tenant, (0, trail_start("desk", 1, tenant, "")))
        heads[tenant] = (number + 1, trail_next(head, number + 1, added.position, fact))
        assert (added.trailnumber, added.trailhash) == (heads[tenant][0], heads[tenant][1].hex())
    assert one.relayed == desk.executor.log.head() == max(one.spoken().values())
    one._keeper.free()


class Lost(LocalBus):
    """Takes what is spoken, and loses the acknowledgement."""

    async def speak(self, topic: str, messages: object) -> None:
        await super().speak(topic, messages)  # type: ignore[arg-type]
        raise BusAway("the answer was lost")


async def test_killed_between_acknowledgement_and_saving_it_repeats_and_has_no_double_effect(
        desk: Ear, bus: LocalBus, tmp_path: Path) -> None:
    await opened(desk, 20)
    for _ in range(2):
        killed = relay(desk, Lost(str(tmp_path / "bus.sqlite")))
        with pytest.raises(BusAway):
            await killed.once()
        killed._keeper.free()
    await opened(desk, 5)
    again = relay(desk, bus)
    assert await again.once() == 25
    again._keeper.free()
    restarted = relay(desk, bus)
    assert await restarted.once() == 0
    assert restarted.halted is None, "late repeats are passed over"
    records = await all_of(bus)
    with ear(file_url(tmp_path), EAR, utc_now) as listener:
        listener.hearing.take(records)
        assert (len(records), len(listener.all()), listener.hearing.stopped) == (65, 25, {})
    restarted._keeper.free()


async def test_of_two_relays_one_stands_by_and_takes_over(desk: Ear, bus: LocalBus) -> None:
    first, second = relay(desk, bus), relay(desk, bus)
    await opened(desk, 3)
    assert (await first.once(), await second.once()) == (3, 0)
    await opened(desk, 2)
    assert await second.once() == 0
    await first.stop()
    assert await second.once() == 2
    assert len(await all_of(bus)) == 5
    await second.stop()


async def test_a_relay_that_was_paused_and_lost_its_lock_saves_nothing(postgres_url: str, bus: LocalBus, tmp_path: Path) -> None:
    with ear(postgres_url, DESK) as desk:
        paused, other = relay(desk, bus), relay(desk, bus)
        await opened(desk, 3)
        assert await paused.ready()
        page = paused._compose()
        assert page is not None
        with psycopg.connect(postgres_url, autocommit=True) as admin:
            admin.execute("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'")
        await opened(desk, 2)
        assert await other.once() == 5
        await bus.speak(TOPIC, page.messages)
        with pytest.raises(Exception, match="connection"):
            await asyncio.to_thread(paused._save, page)
        await other.stop()
        paused._looked = 0.0
        assert await paused.ready(), "it takes the lock again, and late repeats are no disagreement"
        assert paused.relayed == 5
        await paused.stop()
        with ear(file_url(tmp_path), EAR, utc_now) as listener:
            listener.hearing.take(await all_of(bus))
            assert len(listener.all()) == 5


async def test_it_wakes_at_once_when_something_is_stored(desk: Ear, bus: LocalBus) -> None:
    one = relay(desk, bus)
    desk.executor.writer.stored.append(one.wake)
    await one.start()
    await until(lambda: one.agreed)
    await opened(desk, 1)
    await until(lambda: one.relayed == desk.executor.log.head())
    await one.stop()


async def test_stopped_in_the_moment_in_which_it_is_woken_it_ends(desk: Ear, bus: LocalBus) -> None:
    one = relay(desk, bus)
    await one.start()
    await until(lambda: one.agreed and bool(one._wake._waiters))
    one.wake()
    await asyncio.sleep(0)
    await one.stop()
    assert one._task is None


async def test_a_topic_made_again_is_noticed_refused_and_spoken_again(desk: Ear, bus: LocalBus, tmp_path: Path) -> None:
    await opened(desk, 12)
    one = relay(desk, bus, page=5)
    while await one.once():
        pass
    before = [(record.partition, record.value) for record in await all_of(bus)]
    bus.drop(TOPIC)
    one._looked = 0.0
    assert not await one.ready()
    assert "is gone" in str(one.halted)
    bus.create(TOPIC)
    assert not await one.ready()
    assert "deleted and made again" in str(desk.executor.halted)
    assert saved.look(desk.database).halted == desk.executor.halted
    assert await respeak(desk.executor.log, "desk", bus) == 12
    assert [(record.partition, record.value) for record in await all_of(bus)] == before
    assert await one.ready()
    assert (desk.executor.halted, saved.look(desk.database).halted) == (None, None)
    await one.stop()


async def test_a_store_set_back_with_new_commands_since_is_noticed_and_readmitted(
        tmp_path: Path, bus: LocalBus, monkeypatch: pytest.MonkeyPatch) -> None:
    desk_file, backup = tmp_path / "desk.sqlite", tmp_path / "backup.sqlite"
    with ear(file_url(tmp_path, "desk"), DESK) as desk:
        await opened(desk, 10)
        one = relay(desk, bus)
        await one.once()
        await one.stop()
    shutil.copy(desk_file, backup)
    with ear(file_url(tmp_path, "desk"), DESK) as desk:
        await opened(desk, 5)
        one = relay(desk, bus)
        await one.once()
        await one.stop()
    for left in tmp_path.glob("desk.sqlite*"):
        left.unlink()
    shutil.copy(backup, desk_file)
    with ear(file_url(tmp_path, "desk"), DESK) as desk, ear(file_url(tmp_path), EAR, utc_now) as listener:
        await opened(desk, 8)
        one = relay(desk, bus)
        assert await one.once() == 0
        assert "is not the one that the log holds" in str(desk.executor.halted)
        listener.hearing.take(await all_of(bus))
        assert len(listener.all()) == 15

        done = await readmit(desk.executor, bus)
        assert (done.incarnation, done.position, done.foreign) == (2, 10, 5)
        with desk.database.transaction() as tx:
            open_now = foreign.listed(tx)
            assert [types for _, types in open_now] == [["desk.TicketOpened.v1"]] * 5
            lost, other = open_now[0][0], open_now[1][0]
            assert "settle" in (desk.parking.about("bari", [lost]) or "")
            assert foreign.settle(tx, lost)
            assert not foreign.settle(tx, lost)
        assert desk.parking.about("bari", [lost]) is None
        assert desk.parking.about("bari", [other]) is not None
        assert desk.parking.about("lecce", [other]) is None
        assert await one.once() == 9, "the eight new ones, and LogReadmitted"
        await one.stop()
        assert desk.executor.halted is None
        listener.hearing.take(await all_of(bus))
        assert listener.hearing.stopped == {}
        heard = [row[1:3] for row in listener.all()]
        assert heard == [(1, n) for n in range(1, 16)] + [(2, n) for n in range(11, 20)]
        [said] = listener.executor.heard_about("bari", "desk")
        head = parted(next(r.value for r in await all_of(bus) if parted(r.value)[1].position == 10))[1].trailhash
        assert said.data["position"] == 10
        assert said.data["heads"] == [{"number": 10, "head": head}]

        other = relay(desk, bus)
        assert await other.ready()
        monkeypatch.setattr(tool, "TRIES", 1)
        with pytest.raises(NotNow, match="at work"):
            await readmit(desk.executor, bus)
        await other.stop()
        before = [(record.partition, record.value) for record in await all_of(bus)]
        bus.drop(TOPIC)
        bus.create(TOPIC)
        assert await respeak(desk.executor.log, "desk", bus) == 24
        assert [(record.partition, record.value) for record in await all_of(bus)] == before, "foreign facts in their old place"
        assert await one.ready()
        await one.stop()


async def test_there_is_nothing_to_readmit_where_log_and_topic_agree(desk: Ear, bus: LocalBus) -> None:
    await opened(desk, 2)
    one = relay(desk, bus)
    await one.once()
    await one.stop()
    with pytest.raises(NotNow, match="nothing to readmit"):
        await readmit(desk.executor, bus)


async def test_a_record_that_is_not_the_logs_stops_it(desk: Ear, bus: LocalBus) -> None:
    await opened(desk, 2)
    one = relay(desk, bus)
    await one.once()
    await one.stop()
    await bus.speak(TOPIC, {3: [(str(uuid4()).encode(), b"from somebody else")]})
    assert not await one.ready()
    assert "not one of ours" in str(one.halted)
    await one.stop()


async def test_no_topic_yet_is_waited_for(desk: Ear, tmp_path: Path) -> None:
    bus = LocalBus(str(tmp_path / "empty.sqlite"))
    await opened(desk, 1)
    one = relay(desk, bus)
    await one.start()
    bus.create(TOPIC)
    await until(lambda: one.relayed == 1)
    await one.stop()
    await bus.stop()
