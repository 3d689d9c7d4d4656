"""What the store promises, on both databases."""
import asyncio
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from uuid import uuid4

import orjson
import pytest
from desk import ACTOR, CLOSE, DESK, OPEN, SEE, TicketOpened, call, desk, erase, opening, utc_now

from chassis.commit import instant
from chassis.database import open_database
from chassis.decide import Refused
from chassis.errors import KeyReused, UnknownStored
from chassis.execute import Executor
from chassis.record import ERASED
from chassis.schema import migrate
from chassis.vault import Vault


async def test_the_same_command_a_hundred_times_in_parallel_happens_once(office: Executor) -> None:
    asked, once = opening(), call()
    answers = await asyncio.gather(*(office.carry_out(OPEN, asked, ACTOR, once) for _ in range(100)))
    assert len(set(a.to_json() for a in answers)) == 1
    assert len(office.log.read(0, 10)) == 1


async def test_a_command_that_is_refused_now_answers_as_before_if_it_was_taken_before(office: Executor) -> None:
    ticket, once = str(uuid4()), call()
    await office.carry_out(OPEN, opening(ticket), ACTOR, call())
    first = await office.carry_out(CLOSE, {"ticket_id": ticket}, ACTOR, once)
    assert await office.carry_out(CLOSE, {"ticket_id": ticket}, ACTOR, once) == first
    with pytest.raises(Refused, match="ALREADY_CLOSED"):
        await office.carry_out(CLOSE, {"ticket_id": ticket}, ACTOR, call())


async def test_an_id_with_another_request_is_refused_and_nothing_stored(office: Executor) -> None:
    await office.carry_out(OPEN, opening(), ACTOR, call("key"))
    with pytest.raises(KeyReused):
        await office.carry_out(OPEN, opening(), ACTOR, call("key", b"something else"))
    assert len(office.log.read(0, 10)) == 1


async def test_of_many_who_take_one_colour_in_parallel_one_gets_it(office: Executor) -> None:
    tries = [office.carry_out(OPEN, opening(colour="red"), ACTOR, call()) for _ in range(20)]
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    refused = [o for o in outcomes if isinstance(o, Refused) and o.code == "COLOUR_TAKEN"]
    assert (len(refused), len(office.log.read(0, 30))) == (19, 1)


async def test_parallel_commands_on_one_aggregate_lose_none(office: Executor) -> None:
    ticket = str(uuid4())
    await office.carry_out(OPEN, opening(ticket), ACTOR, call())
    await asyncio.gather(*(office.carry_out(SEE, {"ticket_id": ticket}, ACTOR, call()) for _ in range(30)))
    state, version = office.loader.load_now(OPEN.kind, f"bari/ticket/{ticket}")
    assert (state.seen, version) == (30, 31)


async def test_what_is_recorded_rises_with_the_position_whatever_the_clock_does(office: Executor) -> None:
    for step in (0, -3600, 5):
        office.writer._now = lambda step=step: utc_now() + timedelta(seconds=step)
        await asyncio.gather(*(office.carry_out(OPEN, opening(), ACTOR, call()) for _ in range(5)))
    recorded = [instant(orjson.loads(e.parts.fact)["time"]) for e in office.log.read(0, 50)]
    assert len(recorded) == 15
    assert all(a < b for a, b in pairwise(recorded))


async def test_no_effect_is_recorded_before_its_cause(office: Executor) -> None:
    ahead = "2031-01-01T00:00:00.000000Z"
    with office.log.database.transaction() as tx:
        tx.execute("INSERT INTO heard (source, incarnation, position, type, recorded, body) VALUES ('other', 1, 1, 'other.X.v1', %s, %s)",
                   (ahead, b"{}"))
    await office.carry_out(OPEN, opening(), ACTOR, call())
    assert orjson.loads(office.log.read(0, 1)[0].parts.fact)["time"] == "2031-01-01T00:00:00.000001Z"


async def test_a_private_field_is_sealed_and_reads_as_erased_once_its_key_is_destroyed(office: Executor) -> None:
    asked = opening(note="a private matter")
    await office.carry_out(OPEN, asked, ACTOR, call())
    entry = office.log.read(0, 1)[0]
    assert b"private matter" not in b"".join(entry.parts)
    assert office.codec.read(entry.name, entry.parts).note == "a private matter"
    erase(office, str(asked["person_id"]))
    event = office.codec.read(entry.name, entry.parts)
    assert (event.note, event.hours) == (ERASED, asked["hours"])
    with pytest.raises(Refused, match="SUBJECT_ERASED"):
        office.codec.vault.seal("bari", str(asked["person_id"]), "text", b"again", b"")


async def test_a_master_key_that_did_not_wrap_the_keys_is_noticed_before_anything_is_sealed_with_it(office: Executor) -> None:
    database = office.log.database
    Vault(database, b"w" * 32).check()
    await office.carry_out(OPEN, opening(note="a private matter"), ACTOR, call())
    office.codec.vault.check()
    with pytest.raises(ValueError, match="master key"):
        Vault(database, b"w" * 32).check()


async def test_a_silent_event_is_spoken_as_its_envelope_alone(office: Executor) -> None:
    ticket = str(uuid4())
    await office.carry_out(OPEN, opening(ticket), ACTOR, call())
    await office.carry_out(SEE, {"ticket_id": ticket}, ACTOR, call())
    entry = office.log.read(1, 1)[0]
    fact = orjson.loads(entry.parts.fact)
    assert (entry.name, fact["type"], "data" in fact) == ("desk.TicketSeen.v1", "desk.Private.v1", False)
    assert office.codec.read(entry.name, entry.parts).times == 1


async def test_an_aggregate_that_holds_an_event_unknown_to_this_version_is_not_decided_about(office: Executor, url: str) -> None:
    ticket = str(uuid4())
    await office.carry_out(OPEN, opening(ticket), ACTOR, call())
    await office.carry_out(SEE, {"ticket_id": ticket}, ACTOR, call())
    older = replace(DESK, kinds=(replace(OPEN.kind, events=TicketOpened),), silent=(),
                    spoken={"desk.TicketOpened.v1": DESK.spoken["desk.TicketOpened.v1"]}, commands=())
    with desk(url, older) as before, pytest.raises(UnknownStored):
        before.loader.load_now(OPEN.kind, f"bari/ticket/{ticket}")


async def test_tenants_do_not_see_each_other(office: Executor) -> None:
    ticket, other = str(uuid4()), replace(ACTOR, tenant="lecce")
    await office.carry_out(OPEN, opening(ticket, colour="red"), ACTOR, call())
    with pytest.raises(Refused, match="TICKET_UNKNOWN"):
        await office.carry_out(CLOSE, {"ticket_id": ticket}, other, call())
    await office.carry_out(OPEN, opening(ticket, colour="red"), other, call())


async def test_a_date_after_today_is_refused(office: Executor) -> None:
    with pytest.raises(Refused, match="DATE_IN_THE_FUTURE"):
        await office.carry_out(OPEN, opening(on=utc_now().date() + timedelta(days=2)), ACTOR, call())


def test_what_is_asked_once_is_found_again_in_a_snapshot_and_asked_again_in_a_transaction(url: str) -> None:
    database, many = open_database(url, service="desk"), "SELECT count(*) AS many FROM life"
    migrate(database)
    with database.snapshot() as still:
        before = still.once(many)
        with database.transaction() as tx:
            assert tx.once(many) == before
            tx.execute("INSERT INTO life (incarnation, first) VALUES (2, 1)")
            assert tx.once(many) != before
        assert still.once(many) == still.execute(many) == before
    database.close()


async def test_two_instances_that_migrate_an_empty_database_at_once_both_come_up(url: str) -> None:
    both = [open_database(url, service="desk") for _ in range(2)]
    await asyncio.gather(*(asyncio.to_thread(migrate, database) for database in both))
    for database in both:
        database.close()
