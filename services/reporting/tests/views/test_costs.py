"""What a page of an overview costs: rows found through an index, as many as the page, however many cases the tenant has."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from case_told import tell
from cases_told import MANAGERS, TENANT, Told, case_id, heard_by, speaker_of
from facts_made import Speaker
from plans_seen import Planned
from views_seen import Reader, fresh, hear, projector_on

from chassis.database import Tx
from reporting import access, caseloads, listed, shown
from reporting.adapters.reads.asked import Asked, rests_on
from reporting.agenda_read import Agenda
from reporting.caseloads import Wanted

READS: dict[str, Callable[[Tx], Any]] = {
    "cases of all": lambda tx: caseloads.page(tx, TENANT, Wanted(), None, 5),
    "cases of a manager": lambda tx: caseloads.page(tx, TENANT, Wanted(manager=MANAGERS[0]), None, 5),
    "a case": lambda tx: caseloads.with_dues(tx, TENANT, caseloads.page(tx, TENANT, Wanted(case_id(1)), None, 5).rows, "2025-01-01"),
    "counts": lambda tx: caseloads.managers(tx, TENANT, None),
    "agenda": lambda tx: list(Agenda(tx, TENANT, "2025-01-01").due(("agenda", "tasks"), "ALL", None, "2024-01-01", "2026-01-01")),
    "agenda of a case": lambda tx: list(Agenda(tx, TENANT, "2025-01-01").of_case(case_id(1), "OPEN", None, None)),
    "history": lambda tx: shown.history(tx, TENANT, case_id(1)),
    "what it rests on": lambda tx: rests_on(tx, TENANT, Asked().moment(tx, TENANT), "002"),
    "budget": lambda tx: listed.within_any(tx, TENANT, "budget", ["k1", "k2"])}


@pytest.mark.parametrize("name", READS)
def test_no_overview_scans_a_table(name: str) -> None:
    database = fresh()
    projector, made = projector_on(database), told(20)
    hear(projector, made.spoken)
    projector.catch_up()
    with database.reading() as tx:
        plans = Planned(tx)
        READS[name](plans)
    assert plans.steps
    assert not plans.scans
    database.close()


def told(many: int) -> Told:
    made = Told(speaker_of())
    made.activate()
    for n in range(many):
        made.open(n, MANAGERS[n % 3])
        made.plan(n)
        made.intern(n, ended_on="2025-01-31" if n % 2 else "")
    return made


def test_the_log_of_readings_is_found_through_the_index_of_what_is_asked() -> None:
    database = fresh()
    for wanted in (access.Wanted(), access.Wanted(case="c"), access.Wanted(reader="r"), access.Wanted(since="2025", until="2026")):
        with database.reading() as tx:
            plans = Planned(tx)
            access.found(plans, TENANT, wanted, ("", ""), 10)
        assert not plans.scans, wanted
    database.close()


def test_a_scan_would_be_seen() -> None:
    database = fresh()
    projector, speaker = projector_on(database), Speaker()
    tell(speaker)
    hear(projector, speaker.spoken)
    with database.reading() as tx:
        plans = Planned(tx)
        plans.execute("SELECT value FROM archive WHERE received = 'x'")
    assert plans.scans == ["SCAN archive"]
    database.close()


async def test_what_a_history_reads_stays_as_it_is_when_others_cite_the_same(reader: Reader) -> None:
    made = Told(speaker_of(TENANT, 1000))
    made.activate()
    counted = []
    for start in (0, 3):
        for n in range(start, 3 + 20 * start):
            made.open(n, MANAGERS[0])
            made.plan(n)
            made.intern(n)
        heard_by(reader, made)
        with reader.service.database.reading() as tx:
            plans = Planned(tx)
            lines = shown.history(plans, TENANT, case_id(1))
        counted.append((plans.queries, plans.rows, len(lines)))
    assert counted[0] == counted[1]


async def test_the_statements_of_a_page_are_as_many_for_three_hundred_cases_as_for_thirty(reader: Reader) -> None:
    counted = []
    for tenant, after, many in ((TENANT, 1000, 30), ("trani", 20000, 300)):
        made = Told(speaker_of(tenant, after))
        made.activate()
        for n in range(many):
            made.open(n, MANAGERS[n % 3])
            made.plan(n)
        heard_by(reader, made)
        with reader.service.database.reading() as tx:
            plans = Planned(tx)
            page = caseloads.page(plans, tenant, Wanted(stages=("PLANNED",)), None, 10)
            caseloads.with_dues(plans, tenant, page.rows, "2025-01-01")
        counted.append((plans.queries, page.read))
    assert counted[0] == counted[1]
