"""What a heard fact sets off: once, in order, waited for, given to a person, or parked; never lost."""
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from desk import CLOSE, DESK, call, close_ticket, open_ticket, opening
from spine import Ear, Source, declared, ear, file_url

from chassis import foreign
from chassis.decide import Actor, Heard, Refused
from chassis.declare import Ask, Command, Do, Reaction, Wait
from chassis.errors import StoreAway
from chassis.identity import derived

SOLD, PAID = "shop.Sold.v1", "shop.Paid.v1"
SYSTEM = {"by": ("SYSTEM",)}


def ticket(fact: Heard) -> str:
    return derived("ticket", fact.id)


def open_one(fact: Heard, ask: Ask) -> Do:
    return Do(open_ticket, opening(ticket(fact), hours=Decimal("1.00")))


def service(react: Callable[..., Any], on: str = SOLD, **more: Any) -> Any:
    return declared(hears=(SOLD, PAID), reactions=(Reaction("open-one", on, react, done_by="ear.TicketOpened.v1", role="CLERK", **more),))


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return file_url(tmp_path) if request.param == "sqlite" else request.getfixturevalue("postgres_url")


def stored(one: Ear, name: str = "TicketOpened") -> list[bytes]:
    return [entry.parts.fact for entry in one.executor.log.read(0, 1000) if name in entry.name]


async def test_a_reaction_acts_once_as_the_system_when_its_cause_occurred(url: str) -> None:
    shop = Source()
    records = [shop.says(occurred="2024-10-12"), shop.says(case="c-2")]
    with ear(url, service(open_one)) as one:
        for _ in range(3):
            one.hearing.take(records)
            await one.reactions.catch_up()
        assert len(stored(one)) == 2
        [first] = [fact for fact in stored(one) if b'"occurred":"2024-10-12"' in fact]
        for said in (b'"actorrole":"SYSTEM"', b'"correlation":"corr-1"', b'"causation":"', b'"tenant":"bari"'):
            assert said in first
        assert one.reactions.ready() == 0


async def test_it_runs_in_the_order_of_its_key(url: str) -> None:
    shop, ran = Source(), []

    def note(fact: Heard, ask: Ask) -> None:
        ran.append((fact.case, fact.data["n"]))

    with ear(url, service(note)) as one:
        one.hearing.take([shop.says(case=f"c-{n % 3}", n=n) for n in range(30)])
        await one.reactions.catch_up()
    assert [[n for case, n in ran if case == f"c-{k}"] for k in range(3)] == [list(range(k, 30, 3)) for k in range(3)]


@pytest.mark.parametrize("of", ["the case", "an id"])
async def test_one_that_waits_is_looked_at_again_at_a_new_fact(url: str, of: str) -> None:
    shop = Source()

    def once_paid(fact: Heard, ask: Ask) -> Do | Wait:
        paid = [f for f in ask.heard("c-1" if of == "the case" else "h-1") if f.type == PAID]
        return open_one(fact, ask) if paid else Wait(() if of == "the case" else ("h-1",))

    with ear(url, service(once_paid)) as one:
        one.hearing.take([shop.says()])
        await one.reactions.catch_up()
        assert (len(stored(one)), one.reactions.ready(), one.parking.count()) == (0, 0, 0)
        one.hearing.take([shop.says("Paid.v1", case="c-9")])
        assert one.reactions.ready() == 0, "it is of another case"
        one.hearing.take([shop.says("Paid.v1", case="c-1" if of == "the case" else "c-8", host_id="h-1")])
        await one.reactions.catch_up()
        assert len(stored(one)) == 1


async def test_a_fact_heard_while_it_looked_is_not_missed(url: str) -> None:
    shop, other = Source(), list[Ear]()

    def heard_meanwhile(fact: Heard, ask: Ask) -> Do | Wait:
        if any(f.type == PAID for f in ask.heard("c-1")):
            return open_one(fact, ask)
        other[0].hearing.take([shop.says("Paid.v1")])
        return Wait()

    with ear(url, service(heard_meanwhile)) as one:
        other.append(one)
        one.hearing.take([shop.says()])
        await one.reactions.catch_up()
        assert len(stored(one)) == 1


async def test_a_refusal_raises_one_task_for_a_person(url: str) -> None:
    shop = Source()

    def refused(fact: Heard, ask: Ask) -> Do:
        return Do(close_ticket, {"ticket_id": ticket(fact)})

    with ear(url, service(refused)) as one:
        record = shop.says()
        for _ in range(2):
            one.hearing.take([record])
            await one.reactions.catch_up()
        [task] = stored(one, "TaskRaised")
        for said in (b'"kind":"REACTION_REFUSED"', b'"role":"CLERK"', b'"done_by":"ear.TicketOpened.v1"', b'"case":"c-1"',
                     b'"occurred":"2024-10-14"'):
            assert said in task
        assert (one.reactions.ready(), one.parking.count()) == (0, 0)


@pytest.mark.parametrize(("code", "again"), [("ALREADY_CLOSED", 0), ("PERIOD_ALREADY_ACCRUED:3", 0), ("CASE_NOT_HEARD_YET", 1),
                                             ("CASE_PARKED", 1)])
async def test_a_repetition_is_taken_as_done_and_what_comes_later_is_waited_for(url: str, code: str, again: int) -> None:
    shop, looked = Source(), []

    def says_no(fact: Heard, ask: Ask) -> None:
        looked.append(fact.id)
        raise Refused(code, "no")

    with ear(url, service(says_no)) as one:
        one.hearing.take([shop.says()])
        await one.reactions.catch_up()
        one.hearing.take([shop.says("Paid.v1")])
        await one.reactions.catch_up()
        assert (len(looked), len(stored(one, "Task"))) == (1 + again, 0)


async def test_code_that_raises_three_times_is_parked_and_its_key_lines_up_until_released(url: str) -> None:
    shop, broken, tried = Source(), [True], []

    def react(fact: Heard, ask: Ask) -> Do | None:
        tried.append(fact.case)
        if broken and fact.data["n"] == 0:
            raise ZeroDivisionError("of a person's secret")
        return open_one(fact, ask)

    with ear(url, service(react)) as one:
        one.hearing.take([shop.says(n=0, host_id="h-5"), shop.says(n=1), shop.says(case="c-2", n=2)])
        await one.reactions.catch_up()
        assert (tried.count("c-1"), len(stored(one)), one.reactions.ready()) == (3, 1, 0)
        assert len(one.types("c-1")) == 2, "the facts stay heard"
        [parked] = one.parking.listed()
        assert (parked.source, parked.key, len(parked.what), one.parking.count()) == ("shop", "c-1", 2, 2)
        assert "ZeroDivisionError" in parked.reason
        assert "secret" not in parked.reason
        assert one.parking.about("bari", ["h-5"])
        assert one.parking.about("bari", ["c-2"]) is None
        one.hearing.take([shop.says(n=3)])
        await one.reactions.catch_up()
        assert len(stored(one)) == 1
        broken.clear()
        one.parking.release("shop", "c-1")
        await one.reactions.catch_up()
        assert (len(stored(one)), one.parking.count()) == (4, 0)


async def test_a_parked_command_is_refused_while_its_case_is_parked_and_its_reaction_waits(url: str) -> None:
    shop = Source()
    parks = Command(DESK.kinds[0], "POST /x/{ticket_id}", open_ticket, by=("CLERK",), parked=True)

    def opens_h1(fact: Heard, ask: Ask) -> Do:
        return Do(open_ticket, opening(fact.data["host_id"]))

    what = declared(hears=(SOLD, PAID), reactions=(Reaction("open-one", SOLD, opens_h1),), commands=(parks, CLOSE))
    with ear(url, what) as one:
        one.hearing.take([shop.says("Sold.v7", case="c-7", host_id="h-1"), shop.says(host_id="h-1")])
        with pytest.raises(Refused, match="CASE_PARKED"):
            await one.executor.carry_out(parks, opening("h-1"), Actor("op", "CLERK", "o", "bari"), call())
        await one.reactions.catch_up()
        assert (len(stored(one)), len(stored(one, "Task"))) == (0, 0)


@pytest.mark.parametrize("trouble", ["a stopped source", "a foreign fact"])
async def test_what_waited_for_an_operator_goes_on_once_it_is_decided(url: str, trouble: str) -> None:
    parks = Command(DESK.kinds[0], "POST /x/{ticket_id}", open_ticket, by=("CLERK",), parked=True)
    what = declared(hears=(SOLD, "mill.Ground.v1"), reactions=(Reaction("open-one", SOLD, open_one),), commands=(parks, CLOSE))
    with ear(url, what) as one:
        with one.database.transaction() as tx:
            tx.execute("INSERT INTO source_stopped (source, reason) VALUES ('mill', 'records are missing')" if "source" in trouble
                       else "INSERT INTO foreign_open (key, about) VALUES ('c-1', 'bari/7f1f7c46-0000-4000-8000-00000000000a')")
        one.hearing.take([Source().says()])
        await one.reactions.catch_up()
        assert not stored(one)
        if "source" in trouble:
            one.hearing.resume("mill")
        else:
            with one.database.transaction() as tx:
                assert foreign.settle(tx, "c-1")
        await one.reactions.catch_up()
        assert len(stored(one)) == 1


async def test_a_database_that_is_away_is_waited_for_and_nothing_is_parked(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    shop, away = Source(), [1] * 5
    with ear(url, service(open_one)) as one:
        carry_out = one.executor.carry_out

        async def sometimes(*args: Any) -> Any:
            if away:
                away.pop()
                raise StoreAway("away")
            return await carry_out(*args)

        monkeypatch.setattr(one.executor, "carry_out", sometimes)
        one.hearing.take([shop.says()])
        for _ in range(5):
            with pytest.raises(ExceptionGroup):
                await one.reactions.catch_up()
        await one.reactions.catch_up()
        assert (len(stored(one)), one.parking.count()) == (1, 0)


async def test_facts_older_than_their_listing_set_off_nothing(url: str) -> None:
    shop = Source()
    records = [shop.says("Paid.v1"), shop.says()]
    with ear(url, declared(hears=(SOLD,))) as one:
        one.hearing.take(records)
    with ear(url, service(open_one, on=PAID)) as one:
        one.hearing.take([*records, shop.says("Paid.v1")])
        await one.reactions.catch_up()
        assert len(one.types("c-1")) == 3
        assert len(stored(one)) == 1, "only the one that came after"


async def test_a_reaction_killed_after_its_command_has_no_double_effect(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = Source()
    with ear(url, service(open_one)) as one:
        one.hearing.take([shop.says()])
        monkeypatch.setattr(one.reactions, "_done", lambda due: (_ for _ in ()).throw(StoreAway("killed")))
        with pytest.raises(ExceptionGroup):
            await one.reactions.catch_up()
    with ear(url, service(open_one)) as one:
        assert one.reactions.ready() == 1
        await one.reactions.catch_up()
        assert (len(stored(one)), one.reactions.ready()) == (1, 0)



