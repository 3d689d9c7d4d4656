"""What a process keeps of aggregates in memory decides nothing that another process, or an erasure, has made untrue."""
import asyncio
import random
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal
from uuid import uuid4

import pytest
from desk import ACTOR, CLOSE, DESK, OPEN, SEE, TICKET, Event, Holder, Ticket, TicketOpened, call, desk, erase, look_holder, opening
from desk.proxy import CommitCutter

from chassis.decide import OccurredOn, Private, Refused
from chassis.declare import Ask, Command
from chassis.errors import UnknownStored
from chassis.execute import Executor
from chassis.loader import stream_of


@dataclass(frozen=True)
class Before:
    """The ticket that another one comes after."""

    closed: bool


def open_after(state: Ticket, *, ticket_id: str, before_id: str, person_id: str, on: OccurredOn, note: Annotated[str, Private("text")],
               before: Before, otherwise: Literal["refuse", "nothing"]) -> list[Event]:
    """Open a ticket once another is closed."""
    if not before.closed and otherwise == "refuse":
        raise Refused("NOT_YET", "the other one is open")
    return [TicketOpened(ticket_id, person_id, opening()["hours"], on, note)] if before.closed else []  # type: ignore[arg-type]


def look_before(ask: Ask) -> Before:
    return Before(ask.aggregate(TICKET, ask.value("before_id")).closed)


AFTER = Command(TICKET, "POST /tickets/{ticket_id}/after/{before_id}", open_after, by=("CLERK",))
OFFICES = replace(DESK, commands=(*DESK.commands, AFTER), looks={Holder: look_holder, Before: look_before})


@pytest.fixture
def offices(url: str) -> Iterator[list[Executor]]:
    """Three instances of one service, each with what it keeps."""
    with ExitStack() as stack:
        yield [stack.enter_context(desk(url, OFFICES)) for _ in range(3)]


def after(ticket: str, before: str, otherwise: str) -> dict[str, Any]:
    given = opening(ticket, before_id=before, otherwise=otherwise)
    return {name: given[name] for name in ("ticket_id", "before_id", "person_id", "on", "note", "otherwise")}


async def test_what_is_appended_to_again_is_not_read_again(offices: list[Executor], monkeypatch: pytest.MonkeyPatch) -> None:
    ticket, read = str(uuid4()), list[Any]()
    await offices[0].carry_out(OPEN, opening(ticket), ACTOR, call())
    streams = offices[0].log.streams
    monkeypatch.setattr(offices[0].log, "streams", lambda names: read.append(names) or streams(names))
    for _ in range(3):
        await offices[0].carry_out(SEE, {"ticket_id": ticket}, ACTOR, call())
    assert read == []


@pytest.mark.parametrize("otherwise", ["refuse", "nothing"])
async def test_a_refusal_and_an_empty_decision_follow_what_another_instance_stored(offices: list[Executor], otherwise: str) -> None:
    here, there, _ = offices
    ticket = str(uuid4())
    await here.carry_out(OPEN, opening(ticket), ACTOR, call())
    await there.carry_out(CLOSE, {"ticket_id": ticket}, ACTOR, call())
    answer = await here.carry_out(AFTER, after(str(uuid4()), ticket, otherwise), ACTOR, call())
    assert [type_ for _, type_ in answer.events] == ["desk.TicketOpened.v1"]


async def test_one_who_reads_and_a_reaction_that_looks_see_what_another_instance_stored(offices: list[Executor]) -> None:
    here, there, _ = offices
    ticket = str(uuid4())
    await here.carry_out(OPEN, opening(ticket), ACTOR, call())
    await there.carry_out(CLOSE, {"ticket_id": ticket}, ACTOR, call())
    assert here.asking(ACTOR).aggregate(TICKET, ticket).closed


async def test_instances_that_append_to_one_aggregate_at_once_lose_none(offices: list[Executor]) -> None:
    ticket = str(uuid4())
    await offices[0].carry_out(OPEN, opening(ticket), ACTOR, call())
    await asyncio.gather(*(office.carry_out(SEE, {"ticket_id": ticket}, ACTOR, call()) for office in offices for _ in range(10)))
    state, version = offices[0].loader.load_now(TICKET, stream_of("bari", TICKET, ticket))
    assert (state.seen, version) == (30, 31)


async def test_refusals_come_while_others_keep_appending_to_the_same_aggregate(offices: list[Executor]) -> None:
    ticket, here = str(uuid4()), offices[0]
    await here.carry_out(OPEN, opening(ticket), ACTOR, call())
    await here.carry_out(CLOSE, {"ticket_id": ticket}, ACTOR, call())
    seen = asyncio.gather(*(many(here, ticket, 40) for _ in range(3)))
    closed = [here.carry_out(CLOSE, {"ticket_id": ticket}, ACTOR, call()) for _ in range(20)]
    outcomes = await asyncio.gather(*closed, return_exceptions=True)
    await seen
    assert [getattr(outcome, "code", outcome) for outcome in outcomes] == ["ALREADY_CLOSED"] * 20


async def many(office: Executor, ticket: str, times: int) -> None:
    for _ in range(times):
        await office.carry_out(SEE, {"ticket_id": ticket}, ACTOR, call())


async def test_any_commands_on_any_instances_have_the_outcomes_of_a_single_one_that_keeps_nothing(offices: list[Executor]) -> None:
    rng = random.Random(seed := random.randrange(10**6))
    tickets, model = [str(uuid4()) for _ in range(3)], dict[str, list[int]]()
    for step in range(150):
        office, ticket, what = rng.choice(offices), rng.choice(tickets), rng.choice([OPEN, SEE, SEE, CLOSE])
        asked = opening(ticket) if what is OPEN else {"ticket_id": ticket}
        assert await outcome(office, what, asked) == expected(model, ticket, what), f"seed {seed}, step {step}"
    for ticket, (_, closed, seen) in model.items():
        state, _version = offices[0].loader.load_now(TICKET, stream_of("bari", TICKET, ticket))
        assert (state.closed, state.seen) == (bool(closed), seen)


async def outcome(office: Executor, what: Command, asked: dict[str, Any]) -> str | int:
    try:
        return len((await office.carry_out(what, asked, ACTOR, call())).events)
    except Refused as no:
        return no.code


def expected(model: dict[str, list[int]], ticket: str, what: Command) -> str | int:
    """How many events a command stores, or its refusal; `model` is (opened, closed, seen) by ticket."""
    opened, closed, seen = model.get(ticket, [0, 0, 0])
    match what.decision.__name__:
        case "open_ticket":
            model[ticket] = [1, 0, 0] if not opened else [opened, closed, seen]
            return 0 if opened else 1
        case "see_ticket":
            model[ticket] = [opened, closed, seen + 1]
            return 1
    if opened and not closed:
        model[ticket] = [1, 1, seen]
        return 1
    return "ALREADY_CLOSED" if opened else "TICKET_UNKNOWN"


async def test_nothing_of_a_person_is_kept_once_their_keys_are_destroyed(offices: list[Executor]) -> None:
    here, asked = offices[0], opening()
    ticket = str(asked["ticket_id"])
    await here.carry_out(OPEN, asked, ACTOR, call())
    assert here.loader.recall(stream_of("bari", TICKET, ticket)) is not None
    erase(here, str(asked["person_id"]))
    assert here.loader.recall(stream_of("bari", TICKET, ticket)) is None


async def test_what_a_newer_instance_stored_is_not_decided_about_by_an_older_one_that_keeps_the_aggregate(url: str) -> None:
    older = replace(DESK, kinds=(replace(TICKET, events=TicketOpened),), silent=(), commands=(OPEN, CLOSE),
                    spoken={"desk.TicketOpened.v1": DESK.spoken["desk.TicketOpened.v1"]})
    with desk(url, older) as before, desk(url) as newer:
        ticket = str(uuid4())
        await before.carry_out(OPEN, opening(ticket), ACTOR, call())
        await newer.carry_out(SEE, {"ticket_id": ticket}, ACTOR, call())
        with pytest.raises(UnknownStored):
            await before.carry_out(OPEN, opening(ticket), ACTOR, call())


async def test_nothing_is_kept_of_a_database_that_went_away(postgres_url: str) -> None:
    cutter = CommitCutter(postgres_url)
    with desk(cutter.url) as office:
        ticket = str(uuid4())
        await office.carry_out(OPEN, opening(ticket), ACTOR, call())
        cutter.armed = 1
        await office.carry_out(OPEN, opening(), ACTOR, call())
        assert office.loader.recall(stream_of("bari", TICKET, ticket)) is None
    cutter.close()
