"""A deadline fires once, whatever restarts; one that fails stands in nobody's way."""
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from desk import ACTOR, CLOSE, DESK, OPEN, TicketClosed, TicketOpened, call, close_ticket, executor, opening

from chassis.database import open_database
from chassis.deadlines import Deadlines
from chassis.decide import Refused
from chassis.declare import Command, Deadline, Do
from chassis.schema import migrate

DUE = Deadline("close", TicketOpened, lambda event: event.on + timedelta(days=30), lambda event: Do(close_ticket, {
    "ticket_id": event.ticket_id}))


class Clock:
    now = datetime.fromisoformat("2024-10-14T12:00:00+00:00")


@contextmanager
def desk(folder: Path, deadline: Deadline = DUE, *commands: Command) -> Iterator[tuple[Any, Deadlines]]:
    database = open_database(f"sqlite:///{folder}/desk.sqlite", service="desk")
    migrate(database)
    made = executor(database, replace(DESK, commands=(*DESK.commands, *commands)))
    made.now = lambda: Clock.now
    try:
        yield made, Deadlines(made, (deadline,))
    finally:
        made.close()
        database.close()


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Clock, "now", datetime.fromisoformat("2024-10-14T12:00:00+00:00"))


def closed(made: Any) -> list[str]:
    names = [entry.name for entry in made.log.read(0, 100)]
    return [name for name in names if name.endswith("TicketClosed.v1")]


async def test_it_fires_at_midnight_in_rome_once_and_its_fact_occurs_on_that_day(tmp_path: Path) -> None:
    with desk(tmp_path) as (made, deadlines):
        await made.carry_out(OPEN, opening() | {"on": date(2024, 10, 1)}, ACTOR, call())
        assert (await deadlines.catch_up(), closed(made)) == (0, [])
    Clock.now = datetime.fromisoformat("2024-10-30T22:59:59+00:00")
    with desk(tmp_path) as (made, deadlines):
        assert await deadlines.catch_up() == 0
        Clock.now = datetime.fromisoformat("2024-10-30T23:00:00+00:00")
        assert (await deadlines.catch_up(), await deadlines.catch_up()) == (1, 0)
        [last] = [e for e in made.log.read(0, 100) if e.name.endswith("TicketClosed.v1")]
        assert b'"occurred":"2024-10-31"' in last.parts.fact
    with desk(tmp_path) as (made, deadlines):
        assert (await deadlines.catch_up(), len(closed(made))) == (0, 1)


async def test_what_no_longer_applies_is_fired_and_forgotten(tmp_path: Path) -> None:
    with desk(tmp_path) as (made, deadlines):
        given = opening() | {"on": date(2024, 9, 1)}
        await made.carry_out(OPEN, given, ACTOR, call())
        await made.carry_out(CLOSE, {"ticket_id": given["ticket_id"]}, ACTOR, call())
        assert (await deadlines.catch_up(), deadlines.waiting(), len(closed(made))) == (1, 0, 1)


@pytest.mark.parametrize("trouble", [
    RuntimeError("Rossi Mario"), Refused("CASE_NOT_HEARD_YET", "on its way"), Refused("CASE_PARKED", "wait")], ids=repr)
async def test_one_that_cannot_be_fired_now_waits_and_the_others_fire(
        tmp_path: Path, trouble: Exception, caplog: pytest.LogCaptureFixture) -> None:
    hard: list[str] = []

    def close_or_fail(state: Any, *, ticket_id: str) -> list[TicketClosed]:
        """Close, unless it is hard."""
        if ticket_id in hard:
            raise trouble
        return [TicketClosed(ticket_id, "by-deadline")]

    deadline = replace(DUE, do=lambda event: Do(close_or_fail, {"ticket_id": event.ticket_id}))
    with desk(tmp_path, deadline, Command(OPEN.kind, "", close_or_fail, by=("SYSTEM",))) as (made, deadlines):
        for day in (1, 2, 3):
            given = opening() | {"on": date(2024, 9, day)}
            await made.carry_out(OPEN, given, ACTOR, call())
            hard += [given["ticket_id"]] if day == 1 else []
        with caplog.at_level(logging.ERROR):
            assert (await deadlines.catch_up(), await deadlines.catch_up(), deadlines.waiting()) == (2, 0, 1)
        said = [record.getMessage() for record in caplog.records]
        assert len(said) == (1 if isinstance(trouble, RuntimeError) else 0), "said once"
        assert not any("Rossi" in text for text in said)
        hard.clear()
        assert (await deadlines.catch_up(), await deadlines.catch_up(), deadlines.waiting()) == (1, 0, 0)
