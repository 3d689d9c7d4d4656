"""Who was erased stays erased when a database is set back to a backup from before: nothing sealed is opened until that is heard again."""
from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from desk import ACTOR, DESK, OPEN, SEE, ClosedFact, OpenedFact, call, opening
from desk.backup import copied, set_back
from spine import Source, file_url, until
from spine.place import Place

from chassis import heard_first
from chassis.bus import Bus, Record, open_bus
from chassis.declare import Declared
from chassis.errors import Shut
from chassis.record import ERASED
from chassis.schema import migrate
from chassis.service import Service, build
from chassis.settings import Settings
from contracts.envelope import spoken


def who_hears(source: str) -> Declared:
    return replace(DESK, name="ear", spoken=spoken("ear", OpenedFact, ClosedFact), hears=(f"{source}.Sold.v1",),
                   erases=f"{source}.Gone.v1")


@asynccontextmanager
async def running(place: Place, folder: Path, *parts: str, bus: Bus | None = None) -> AsyncIterator[Service]:
    """A process of the listener."""
    service = build(who_hears(place.source), Settings(
        service="ear", database_url=place.listener, bus=place.where, issuer_key_file=folder / "issuer.pem", master_key=b"m" * 32,
        actor_key=b"a" * 32), bus=bus)
    migrate(service.database)
    await service.start(*parts)
    try:
        yield service
    finally:
        await service.stop()


def listener(folder: Path, bus: Bus) -> Place:
    return Place("shop", "", file_url(folder), f"local://{folder}/bus.sqlite", bus)


def erases(source: Source, person: str) -> Record:
    fact = source.fact("Gone.v1") | {"subject": person, "aggregate": person}
    del fact["case"]
    return source.record(fact)


@pytest.fixture(autouse=True)
def no_start_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heard_first, "PROMPT", 0.1)


async def says(bus: Bus, *records: Record) -> None:
    for record in records:
        await bus.speak(record.topic, {record.partition: [(record.key, record.value)]})


def note(service: Service) -> Any:
    entry = service.log.read(0, 1)[0]
    return service.executor.codec.read(entry.name, entry.parts).note


async def test_a_database_from_before_an_erasure_opens_nothing_until_the_erasure_is_heard_again(place: Place, tmp_path: Path) -> None:
    source, person, ticket = Source(place.source), str(uuid4()), str(uuid4())
    async with running(place, tmp_path, "consume") as ear:
        await says(place.bus, source.says(case="c-1"), source.says(case="c-2"))
        await until(lambda: ear.vault.shut is None)
        await ear.executor.carry_out(OPEN, opening(ticket, person_id=person), ACTOR, call())
        assert note(ear) == "left at eleven"
    with copied(place.listener) as backup:
        async with running(place, tmp_path, "consume") as ear:
            await until(lambda: ear.vault.shut is None)
            await says(place.bus, erases(source, person))
            await until(lambda: note(ear) == ERASED)
        set_back(place.listener, backup)
    async with running(place, tmp_path) as api:
        await until(lambda: api.ready() == [heard_first.WAITS])
        with pytest.raises(Shut, match="heard first"):
            note(api)
        for command, asked in ((OPEN, opening()), (SEE, {"ticket_id": ticket})):
            with pytest.raises(Shut):
                await api.executor.carry_out(command, asked, ACTOR, call())
        async with running(place, tmp_path, "consume") as ear:
            await until(lambda: api.vault.shut is None and ear.vault.shut is None)
            assert (note(api), note(ear), api.ready(), ear.ready()) == (ERASED, ERASED, [], [])
            await api.executor.carry_out(SEE, {"ticket_id": ticket}, ACTOR, call())


@pytest.mark.parametrize("away", ["no topic", "no bus"])
async def test_where_the_bus_cannot_be_asked_what_needs_no_key_goes_on_and_what_is_sealed_stays_shut(
        away: str, tmp_path: Path) -> None:
    bus = open_bus(f"local://{tmp_path}/bus.sqlite")
    if away == "no bus":
        await bus.stop()
    async with running(listener(tmp_path, bus), tmp_path, bus=bus) as api:
        await until(lambda: api.vault.shut == heard_first.UNASKED)
        assert api.ready() == []
        await api.executor.carry_out(SEE, {"ticket_id": str(uuid4())}, ACTOR, call())
        with pytest.raises(Shut):
            await api.executor.carry_out(OPEN, opening(), ACTOR, call())


async def test_an_erasure_is_not_held_up_by_a_parked_fact_of_its_key(tmp_path: Path) -> None:
    source, person = Source(), str(uuid4())
    bus = open_bus(f"local://{tmp_path}/bus.sqlite")
    async with running(listener(tmp_path, bus), tmp_path, bus=bus) as ear:
        ear.vault.shut = None
        ear.hearing.prepare()
        await ear.executor.carry_out(OPEN, opening(person_id=person), ACTOR, call())
        ear.hearing.take([source.record(source.fact("Gone.v9", case=person))])
        ear.hearing.take([source.record(source.fact("Gone.v1", case=person) | {"subject": person})])
        assert (ear.parking.count(), note(ear)) == (2, ERASED)
