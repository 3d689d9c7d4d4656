"""A programme's facts by period, type, actor and case: as a search of them all would find them, and no more read than needed."""
from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

import pytest
from cases_told import MANAGERS, TENANT, Told, case_id, speaker_of
from plans_seen import Planned
from views_seen import Reader, hear

from chassis.database import Database
from reporting import trail_search
from reporting.projector import Projector
from reporting.trail_search import Wanted
from reporting.views.fact import read_fact
from reporting.views.programme_trail import trail_line

ACTORS = [*MANAGERS, "op-1"]
KINDS = ("intake.CaseOpened", "placement.AttendanceRecorded", "stipend.StipendPaid", "assessment.PlanAgreed")


def told(many: int = 400) -> Told:
    """Facts of two programmes, out of the order of their dates, by several operators."""
    chance, made = random.Random(7), Told(speaker_of())
    made.activate()
    for n in range(many):
        made.programme = "003" if n % 5 == 4 else "002"
        kind = KINDS[min(n % 10, 3)] if n % 10 else "placement.AttendanceRecorded"
        occurred = (date(2025, 1, 1) + timedelta(chance.randrange(90))).isoformat()
        made.speaker.say(kind, "thing", f"x{n}", {}, occurred=occurred, programme=made.programme, case=case_id(n % 20),
                         actor=ACTORS[n % 7 % 4])
    return made


WANTED = [
    Wanted(), Wanted(types=("stipend.StipendPaid.v1",)), Wanted(types=("stipend.StipendPaid.v1", "assessment.PlanAgreed.v1")),
    Wanted(actor=MANAGERS[1]), Wanted(case=case_id(3)), Wanted(occurred_from="2025-02-01", occurred_to="2025-02-10"),
    Wanted(recorded_from="2025-01-10T00:18:00.000000Z", recorded_to="2025-01-10T00:20:00.000000Z"),
    Wanted(recorded_from="2025-01-10T00:20:00.000000Z"), Wanted(recorded_to="2025-01-10T00:18:00.000000Z", types=("intake.CaseOpened.v1",)),
    Wanted(types=("intake.CaseOpened.v1",), occurred_from="2025-02-01", occurred_to="2025-03-01"),
    Wanted(actor=MANAGERS[0], types=("placement.AttendanceRecorded.v1",), occurred_to="2025-02-20"),
    Wanted(case=case_id(1), actor=MANAGERS[1]), Wanted(types=("nobody.Knows.v1",))]


@pytest.mark.parametrize("limit", [1, 7, 1000])
def test_pages_put_together_are_what_a_search_of_all_facts_finds(projector: Projector, limit: int) -> None:
    made = told(120 if limit == 1 else 400)
    hear(projector, made.spoken)
    projector.catch_up()
    facts = sorted((read_fact(said.value) for said in made.spoken), key=lambda fact: fact.order)
    lines = [trail_line(fact) for fact in facts if fact.programme == "002"]
    for wanted in WANTED:
        expected = [line for line in lines if wanted.fits(line)]
        if wanted.order == "recorded":
            expected.sort(key=lambda line: line["recorded"])
        assert paged(projector.database, wanted, limit) == expected, wanted


def paged(database: Database, wanted: Wanted, limit: int) -> list[Any]:
    found, after = [], b""
    while True:
        with database.reading() as tx:
            page = trail_search.page(tx, TENANT, "002", wanted, after, limit)
        found += page.rows
        if page.after is None:
            return found
        after = page.after


def test_facts_that_the_views_do_not_show_yet_are_not_found(projector: Projector) -> None:
    made = told(50)
    hear(projector, made.spoken[:20])
    projector.catch_up()
    hear(projector, made.spoken)
    shown = len(paged(projector.database, Wanted(), 1000))
    attended = Wanted(types=tuple(f"{kind}.v1" for kind in KINDS))
    assert len(paged(projector.database, attended, 1000)) == shown - 1
    assert len(paged(projector.database, Wanted(recorded_from="2025"), 1000)) == shown


def test_no_page_scans_a_table_and_a_page_reads_little_more_than_it_shows(projector: Projector) -> None:
    hear(projector, told().spoken)
    projector.catch_up()
    for wanted in WANTED[:8]:
        with projector.database.reading() as tx:
            page = trail_search.page(tx, TENANT, "002", wanted, b"", 5)
        assert page.read == len(page.rows) <= 5, wanted
    if projector.database.dialect == "sqlite":
        for wanted in WANTED:
            with projector.database.reading() as tx:
                plans = Planned(tx)
                trail_search.page(plans, TENANT, "002", wanted, b"", 5)
            assert not plans.scans, wanted


def test_a_page_ends_where_it_has_read_enough_and_the_next_goes_on(projector: Projector, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trail_search, "MOST", 10)
    hear(projector, told().spoken)
    projector.catch_up()
    seldom = Wanted(types=("placement.AttendanceRecorded.v1",), recorded_from="2025-01-10T00:22:00.000000Z")
    with projector.database.reading() as tx:
        page = trail_search.page(tx, TENANT, "002", seldom, b"", 8)
    assert (page.read, len(page.rows) < 8) == (10, True)
    whole = paged(projector.database, seldom, 8)
    assert whole == paged(projector.database, seldom, 1000)
    assert whole


async def test_a_trail_is_asked_over_http_by_period_type_actor_and_case(reader: Reader) -> None:
    made = told()
    hear(reader.service.part, made.spoken)
    reader.service.part.catch_up()
    path, common = "/programmes/002/facts", {"tenant": TENANT, "role": "AUDITOR"}
    whole = (await reader.reads(path, limit=1000, **common))["items"]
    asked = await reader.reads(path, type=["stipend.StipendPaid.v1", "assessment.PlanAgreed.v1"], actor=MANAGERS[1], **common)
    assert asked["items"] == [line for line in whole if line["type"] in ("stipend.StipendPaid.v1", "assessment.PlanAgreed.v1")
                              and line["actor"] == MANAGERS[1]]
    of_case = await reader.reads(path, case=case_id(3), occurred_from="2025-02-01", occurred_to="2025-03-01", **common)
    assert of_case["items"] == [line for line in whole if line.get("case") == case_id(3)
                                and "2025-02-01" <= line["occurred"] <= "2025-03-01"]
    period = await reader.reads(path, recorded_from="2025-01-10T00:18:00Z", recorded_to="2025-01-10T00:20:00Z", limit=3, **common)
    assert (period["order"], asked["order"], len(period["items"]), period["facts_read"]) == ("recorded", "occurred", 3, 3)
    for wrong in ({"type": "paid"}, {"actor": "me"}, {"case": "x"}, {"recorded_from": "2025-01-10T00:00:00"},
                  {"recorded_from": "2025-01-10T00:20:00Z", "recorded_to": "2025-01-10T00:18:00Z"},
                  {"occurred_from": "2025-01-11", "occurred_to": "2025-01-10"}):
        assert (await reader.asks(path, **wrong, **common)).status_code == 422
