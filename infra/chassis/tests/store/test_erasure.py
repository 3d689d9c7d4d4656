"""Who is erased has no key and no claim, and gets none: whatever is decided, cached or under way in any process."""
import asyncio
import random
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Annotated, Any
from uuid import uuid4

import orjson
import pytest
from desk import ACTOR, DESK, OPEN, SEE, call, desk, erase, opening

from chassis.decide import Private, Refused, Take
from chassis.declare import Command, Declared
from chassis.execute import Executor
from chassis.judge import Standing, Verdict, judge
from chassis.kinds import Kind
from chassis.log import Append
from chassis.record import ERASED
from contracts.envelope import Fact


@dataclass(frozen=True)
class Known:
    subject_id: str
    plate: str


@dataclass(frozen=True)
class Forgotten:
    subject_id: str


@dataclass(frozen=True)
class Owed:
    subject_id: str
    cents: int
    note: Annotated[str, Private("text")] = ""


class KnownFact(Fact):
    """A person is known by a plate."""


class ForgottenFact(Fact):
    """A person was erased."""


@dataclass(frozen=True)
class Person:
    """Nothing of a person is decided by."""


def know(state: Person, *, subject_id: str, plate: str) -> list[Any]:
    return [Known(subject_id, plate)]


def forget(state: Person, *, subject_id: str) -> list[Any]:
    return [Forgotten(subject_id)]


def owe(state: Person, *, subject_id: str, cents: int, note: Annotated[str, Private("text")] = "") -> list[Any]:
    return [Owed(subject_id, cents, note)]


PERSON = Kind("person", "subject_id", Known | Forgotten | Owed, Person, lambda state, event: state,
              lambda event, mac: (Take("plate", mac("plate", event.plate), event.subject_id),) if isinstance(event, Known) else ())
KNOW, FORGET, OWE = (Command(PERSON, "", decision, by=("CLERK",)) for decision in (know, forget, owe))
OFFICE: Declared = replace(
    DESK, kinds=(*DESK.kinds, PERSON), commands=(*DESK.commands, KNOW, FORGET, OWE), erases="desk.Forgotten.v1",
    silent=(*DESK.silent, Owed), spoken={**DESK.spoken, "desk.Known.v1": KnownFact, "desk.Forgotten.v1": ForgottenFact})


@pytest.fixture
def offices(url: str) -> Iterator[list[Executor]]:
    """Two processes of one service."""
    with ExitStack() as stack:
        yield [stack.enter_context(desk(url, OFFICE)) for _ in range(2)]


def rows(office: Executor, sql: str, *params: str) -> list[Any]:
    with office.log.database.reading() as tx:
        return tx.execute(sql, params)


def notes(office: Executor, person: str) -> list[Any]:
    """What the notes of a person's tickets read as, in order."""
    entries = [entry for entry in office.log.read(0, 1000) if entry.name == "desk.TicketOpened.v1"]
    return [office.codec.read(e.name, e.parts).note for e in entries if orjson.loads(e.parts.fact).get("subject") == person]


async def test_the_fact_that_erases_takes_keys_and_claims_with_it_and_nobody_else_s(offices: list[Executor]) -> None:
    here, _ = offices
    gone, other = str(uuid4()), str(uuid4())
    for person in (gone, other):
        await here.carry_out(KNOW, {"subject_id": person, "plate": f"plate of {person}"}, ACTOR, call())
        await here.carry_out(OPEN, opening(person_id=person), ACTOR, call())
    answer = await here.carry_out(FORGET, {"subject_id": gone}, ACTOR, call())
    assert (notes(here, gone), notes(here, other)) == ([ERASED], ["left at eleven"])
    assert [row["subject"] for row in rows(here, "SELECT subject FROM vault_key WHERE subject <> ''")] == [other]
    assert [row["owner"] for row in rows(here, "SELECT owner FROM claim WHERE kind = 'plate'")] == [other]
    stone, = rows(here, "SELECT subject, erased, fact FROM vault_subject WHERE erased > 0")
    assert (stone["subject"], stone["erased"], stone["fact"]) == (gone, 1, answer.events[0][0])
    with pytest.raises(Refused, match="SUBJECT_ERASED"):
        await here.carry_out(OPEN, opening(person_id=gone), ACTOR, call())
    await here.carry_out(KNOW, {"subject_id": other, "plate": f"plate of {gone}"}, ACTOR, call())


async def test_what_holds_nothing_personal_is_recorded_of_one_who_is_erased(offices: list[Executor]) -> None:
    here, person = offices[0], str(uuid4())
    await here.carry_out(KNOW, {"subject_id": person, "plate": f"plate of {person}"}, ACTOR, call())
    await here.carry_out(FORGET, {"subject_id": person}, ACTOR, call())
    await here.carry_out(OWE, {"subject_id": person, "cents": 45000}, ACTOR, call())
    with pytest.raises(Refused, match="SUBJECT_ERASED"):
        await here.carry_out(OWE, {"subject_id": person, "cents": 45000, "note": "moved away"}, ACTOR, call())
    owed, = (here.codec.read(entry.name, entry.parts) for entry in here.log.read(0, 1000) if entry.name == "desk.Owed.v1")
    assert owed == Owed(person, 45000, "")


async def test_a_key_that_another_process_has_opened_does_not_outlive_the_erasure(offices: list[Executor]) -> None:
    here, there = offices
    person, ticket = str(uuid4()), str(uuid4())
    await there.carry_out(OPEN, opening(ticket, person_id=person), ACTOR, call())
    await there.carry_out(SEE, {"ticket_id": ticket}, ACTOR, call())
    assert notes(there, person) == ["left at eleven"]
    await here.carry_out(FORGET, {"subject_id": person}, ACTOR, call())
    there.asking(ACTOR)
    assert notes(there, person) == [ERASED]
    assert there.loader._kept == {}
    with pytest.raises(Refused, match="SUBJECT_ERASED"):
        there.codec.vault.seal("bari", person, "another purpose", b"x", b"")


async def test_what_was_decided_and_sealed_before_an_erasure_is_refused_after_it(
        offices: list[Executor], monkeypatch: pytest.MonkeyPatch) -> None:
    here, there = offices
    person, sealed, go = str(uuid4()), asyncio.Event(), asyncio.Event()
    await here.carry_out(OPEN, opening(person_id=person), ACTOR, call())
    append = there.writer.append

    async def later(one: Append) -> Any:
        sealed.set()
        await go.wait()
        return await append(one)

    monkeypatch.setattr(there.writer, "append", later)
    stale = asyncio.create_task(there.carry_out(OPEN, opening(person_id=person), ACTOR, call()))
    await sealed.wait()
    await here.carry_out(FORGET, {"subject_id": person}, ACTOR, call())
    go.set()
    with pytest.raises(Refused, match="SUBJECT_ERASED"):
        await stale
    there.codec.vault.look()
    assert notes(there, person) == [ERASED]
    assert rows(here, "SELECT purpose FROM vault_key WHERE subject = %s", person) == []


async def test_commands_and_an_erasure_at_once_leave_no_key_and_nothing_to_read(offices: list[Executor]) -> None:
    rng = random.Random(seed := random.randrange(10**6))
    for _ in range(5):
        person = str(uuid4())
        asked = [office.carry_out(OPEN, opening(person_id=person), ACTOR, call()) for office in offices for _ in range(6)]
        asked.insert(rng.randrange(len(asked)), rng.choice(offices).carry_out(FORGET, {"subject_id": person}, ACTOR, call()))
        said = await asyncio.gather(*asked, return_exceptions=True)
        assert {getattr(one, "code", "") for one in said} <= {"", "SUBJECT_ERASED"}, f"seed {seed}: {said}"
        for office in offices:
            office.codec.vault.look()
            assert set(notes(office, person)) <= {ERASED}, f"seed {seed}"
        assert rows(offices[0], "SELECT purpose FROM vault_key WHERE subject = %s", person) == [], f"seed {seed}"


async def test_what_a_restore_brings_back_goes_again_and_the_erasure_is_counted_once(offices: list[Executor]) -> None:
    here, person = offices[0], str(uuid4())
    await here.carry_out(OPEN, opening(person_id=person), ACTOR, call())
    backup = rows(here, "SELECT tenant, subject, purpose, wrapped FROM vault_key WHERE subject = %s", person)
    erase(here, person)
    with here.log.database.transaction() as tx:
        tx.executemany("INSERT INTO vault_key (tenant, subject, purpose, wrapped) VALUES (%s, %s, %s, %s)",
                       [list(row.values()) for row in backup])
    erase(here, person)
    assert rows(here, "SELECT purpose FROM vault_key WHERE subject = %s", person) == []
    assert [row["erased"] for row in rows(here, "SELECT erased FROM vault_subject WHERE subject = %s", person)] == [1]


def test_of_two_in_one_group_the_one_that_seals_after_the_one_that_erases_is_refused() -> None:
    one, standing = ("bari", "p"), Standing()
    assert [judge(append, standing) for append in (
        Append("a", b"", b"", sealed_for=frozenset({one})), Append("b", b"", b"", erases={one: "fact"}),
        Append("c", b"", b"", sealed_for=frozenset({one})), Append("d", b"", b"", sealed_for=frozenset({("lecce", "p")})))] == [
        Verdict.PASSED, Verdict.PASSED, Verdict.ERASED, Verdict.PASSED]


async def test_a_key_that_is_being_opened_while_its_subject_is_erased_is_not_kept(
        offices: list[Executor], monkeypatch: pytest.MonkeyPatch) -> None:
    writes, reads = offices
    person, vault = str(uuid4()), reads.codec.vault
    await writes.carry_out(OPEN, opening(person_id=person), ACTOR, call())
    stored = vault._stored

    def meanwhile(*at: Any, **how: Any) -> Any:
        found = stored(*at, **how)
        erase(reads, person)
        return found

    monkeypatch.setattr(vault, "_stored", meanwhile)
    assert [notes(reads, person) for _ in range(2)] == [["left at eleven"], [ERASED]]
