"""All views can be rebuilt from the archive; what was wrong, missing or extra in them is named."""
from __future__ import annotations

import pytest
from case_told import tell
from facts_made import Speaker
from views_seen import hear, keys, of, rows

from chassis.database import Database
from reporting.projector import Projector
from reporting.rebuild import Rebuilds
from reporting.views.all import VIEWS


@pytest.fixture
def told(projector: Projector) -> Database:
    speaker = Speaker()
    tell(speaker)
    for start in range(0, len(speaker.spoken), 5):
        hear(projector, speaker.spoken[start:start + 5])
        projector.step()
    projector.catch_up()
    return projector.database


def test_a_rebuild_of_what_is_right_finds_everything_equal(told: Database) -> None:
    before = rows(told), keys(told)
    report = Rebuilds(told).run()
    assert (report.equal, report.differences, report.generation) == (True, [], 2)
    assert set(report.rows) == {view.name for view in VIEWS}
    assert (rows(told), keys(told)) == before


@pytest.mark.parametrize("view", [view.name for view in VIEWS])
def test_a_planted_wrong_missing_and_extra_row_are_named_in_each_view(told: Database, view: str) -> None:
    before, rebuilds = rows(told), Rebuilds(told)
    key = next(key for name, _, key, _ in before if name == view)
    for plant, kind, column in ((f"UPDATE view_row SET line = '{{\"planted\": 1}}' WHERE view = '{view}'", "WRONG", "planted"),
                                (f"DELETE FROM view_row WHERE view = '{view}'", "MISSING", None),
                                ("INSERT INTO view_row SELECT generation, view, tenant, 'nobody', part, within, line FROM view_row "
                                 f"WHERE view = '{view}' LIMIT 1", "EXTRA", None)):
        with told.transaction() as tx:
            tx.execute(plant)
        report = rebuilds.run()
        assert not report.equal
        assert {(one.kind, one.view) for one in report.differences} == {(kind, view)}
        named = [one for one in report.differences if one.column == column]
        assert named[0].key == ("nobody" if kind == "EXTRA" else key)
        assert rows(told) == before


def test_a_planted_digest_is_named(told: Database) -> None:
    with told.transaction() as tx:
        tx.execute("UPDATE view_key SET digest = 'f' WHERE view = 'hosts'")
    difference, = Rebuilds(told).run().differences
    assert (difference.view, difference.column, difference.there) == ("hosts", "digest", "f")


def test_facts_that_come_while_it_is_rebuilt_are_in_both(projector: Projector, told: Database) -> None:
    speaker = Speaker()
    tell(speaker)
    rebuilds = Rebuilds(told)
    generation, target = rebuilds._begin()
    rebuilds._build(generation, target)
    speaker.say("intake.CaseClosed", "case", "c", {"reason": "COMPLETED"}, case="c")
    hear(projector, speaker.spoken)
    projector.catch_up()
    assert rebuilds._switch(generation).equal
    assert of(told, "case_history")[-1]["type"] == "intake.CaseClosed.v1"
    speaker.say("intake.CaseOpened", "case", "d", {}, case="d")
    hear(projector, speaker.spoken)
    assert projector.catch_up() == 1


def test_what_an_interrupted_rebuild_left_is_dropped(told: Database) -> None:
    rebuilds = Rebuilds(told)
    rebuilds._build(*rebuilds._begin())
    assert rebuilds.run().equal
    with told.reading() as tx:
        assert [row["live"] for row in tx.execute("SELECT live FROM view_generation")] == [1]
