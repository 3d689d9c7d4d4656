"""Generated histories: as many facts as were asked for, of other people, in chains that hold."""
from __future__ import annotations

from collections import defaultdict
from itertools import islice
from typing import Any

import orjson
import pytest

from chassis.canonical import canonical
from chassis.database import open_database
from chassis.schema import migrate
from chassis.wire import parted, trail_next, trail_start
from percorso.errors import Sorry
from percorso.generating import Spoken, fill, values
from reporting import completeness
from reporting.rebuild import Rebuilds
from reporting.service import TABLES
from reporting.views.fact import read_fact

CASE, HOST = "9b2f6c1e-0000-4000-8000-00000000c001", "9b2f6c1e-0000-4000-8000-00000000b001"


def fact(source: str, name: str, of: str, aggregate: str, **more: Any) -> bytes:
    return canonical({
        "specversion": "1.0", "id": f"9b2f6c1e-0000-4000-8000-{sum(map(ord, name)):012x}", "source": source, "type": f"{source}.{name}.v1",
        "time": "2025-01-10T10:00:00.000000Z", "occurred": "2025-01-10", "tenant": "bari", "aggregatetype": of, "aggregate": aggregate,
        "sequence": "1", "actor": "op-1", "actorrole": "SYSTEM", "actororg": "comune", "correlation": CASE, "rest": "0" * 64, **more})


STORED = [fact("reporting", "ProgrammeActivated", "programme", "002", programme="002", data={"title": "Bari"}),
          fact("placement", "HostRegistered", "host", HOST, data={"host_id": HOST, "body_name": "Cartolibreria"}),
          fact("intake", "CaseOpened", "case", CASE, case=CASE, programme="002", data={"case_id": CASE}),
          fact("placement", "InternshipPlanned", "internship", CASE, case=CASE, programme="002", data={"host_id": HOST})]


def test_the_facts_are_those_of_other_people_and_their_trails_are_whole() -> None:
    heads: dict[tuple[str, str], tuple[int, bytes]] = {}
    seen = defaultdict(set)
    last: dict[str, str] = {}
    for value in islice(values(STORED, Spoken()), 200):
        stored, added = parted(value)
        said = read_fact(value)
        assert canonical(orjson.loads(stored)) == stored
        number, head = heads.get(trail := (said.source, said.programme or ""), (0, trail_start(said.source, 1, "bari", trail[1])))
        head = trail_next(head, number + 1, added.position, stored)
        assert (added.trailnumber, added.trailhash) == (number + 1, head.hex())
        heads[trail] = (number + 1, head)
        assert said.recorded > last.get(said.source, "")
        last[said.source] = said.recorded
        seen[said.name].add(said.aggregate)
    assert {name: len(aggregates) for name, aggregates in seen.items()} == {
        "ProgrammeActivated": 1, "HostRegistered": 5, "CaseOpened": 100, "InternshipPlanned": 94}


def test_they_fill_an_empty_archive_whose_views_a_rebuild_makes() -> None:
    database = open_database("sqlite://", service="reporting")
    migrate(database, TABLES)
    fill(database, STORED, 100, lambda *_: None)
    assert not Rebuilds(database).run().equal, "nothing had been shown"
    report = Rebuilds(database).parity()
    assert (report.equal, report.facts) == (True, 100)
    with database.reading() as tx:
        assert {one["complete_to"] == one["recorded_to"] for one in completeness.of(tx, "bari").values()} == {True}
    with pytest.raises(Sorry, match="an empty archive only"):
        fill(database, STORED, 100, lambda *_: None)
    database.close()
