"""All views can be rebuilt from the archive; what was wrong, missing or extra in them is named."""
from __future__ import annotations

import random

import pytest
from case_told import tell
from facts_made import Speaker
from views_seen import hear, keys, of, rows, table_of

from chassis.database import Database
from reporting import generations
from reporting.projector import Projector
from reporting.rebuild import AlreadyRunning, Rebuilds, make_new_views
from reporting.sampling import sampled
from reporting.views.all import VIEWS

PLANTED = (("UPDATE {table} SET line = '{{\"planted\": 1}}' WHERE view = '{view}'", "WRONG", "planted"),
           ("DELETE FROM {table} WHERE view = '{view}'", "MISSING", None),
           ("INSERT INTO {table} SELECT view, tenant, 'nobody', part, within, line FROM {table} WHERE view = '{view}' LIMIT 1",
            "EXTRA", None))
"""By what a comparison must call it: a change of the rows of a view."""


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


@pytest.mark.parametrize(("plant", "kind", "column"), PLANTED, ids=[kind for _, kind, _ in PLANTED])
def test_a_row_planted_in_each_view_is_named_whole_or_by_sample_with_the_facts_behind_it(
        told: Database, plant: str, kind: str, column: str | None) -> None:
    before, views = rows(told), {view.name for view in VIEWS}
    tables = {view: table_of(told, view) for view in views}
    with told.transaction() as tx:
        for view, table in tables.items():
            tx.execute(plant.format(table=table, view=view))
    planted = rows(told)
    for compare in (Rebuilds(told).parity, lambda: sampled(told, 150, chance=random.Random(1)), Rebuilds(told).run):
        assert rows(told) == planted
        report = compare()
        assert {(one.kind, one.view) for one in report.differences} == {(kind, view) for view in views}
        named = {one.view: one.key for one in reversed(report.differences) if one.column == column}
        assert named == {view: "nobody" if kind == "EXTRA" else min(key for name, _, key, _ in before if name == view) for view in views}
        assert bool(report.differences[0].facts) == (kind != "EXTRA")
        assert report.said()["differences"][0]["facts"] == list(report.differences[0].facts or ())
    assert rows(told) == before


def test_a_planted_digest_is_named(told: Database) -> None:
    table = table_of(told, "hosts", generations.keys_of)
    with told.transaction() as tx:
        tx.execute(f"UPDATE {table} SET digest = 'f' WHERE view = 'hosts'")
    difference, = Rebuilds(told).run().differences
    assert (difference.view, difference.column, difference.there) == ("hosts", "digest", "f")


def test_facts_that_come_while_it_is_rebuilt_are_in_both(projector: Projector, told: Database) -> None:
    speaker = Speaker()
    tell(speaker)

    def come(doing: str, done: int, of: int) -> None:
        if done:
            speaker.say("intake.CaseClosed", "case", "c", {"reason": doing}, case="c")
            hear(projector, speaker.spoken)
            projector.catch_up()

    assert Rebuilds(told, watch=come).run().equal
    closed = [row for row in of(told, "case_history") if row["type"] == "intake.CaseClosed.v1"]
    assert [row["data"]["reason"] for row in closed] == ["facts loaded", "keys joined", "indexes made", "views compared"]
    assert Rebuilds(told).run().equal
    speaker.say("intake.CaseOpened", "case", "d", {}, case="d")
    hear(projector, speaker.spoken)
    assert projector.catch_up() == 1


class Killed(BaseException):
    """As `kill -9` leaves it: nothing is cleared up."""


@pytest.mark.parametrize("step", ["facts loaded", "keys joined", "indexes made", "views compared"])
def test_a_rebuild_that_was_cut_off_is_gone_on_with_where_it_was(projector: Projector, told: Database, step: str) -> None:
    def cut_off(doing: str, done: int, of: int) -> None:
        if doing == step and done == of:
            raise Killed

    before = rows(told), keys(told)
    with pytest.raises(Killed):
        Rebuilds(told, watch=cut_off).run()
    assert (rows(told), keys(told)) == before
    report = Rebuilds(told).run()
    assert (report.equal, report.generation) == (True, 2)
    assert (rows(told), keys(told)) == before


def test_the_generation_before_is_kept_until_the_next_rebuild(told: Database) -> None:
    for generation in (2, 3, 4):
        assert Rebuilds(told).run().generation == generation
        with told.reading() as tx:
            assert [row["generation"] for row in tx.execute("SELECT generation FROM view_built ORDER BY generation")] == [
                generation - 1, generation]
            tx.execute(f"SELECT 1 FROM view_row_{generation - 1}")


def test_a_second_start_is_refused(told: Database) -> None:
    rebuilds = Rebuilds(told)
    with rebuilds.alone(), pytest.raises(AlreadyRunning):
        rebuilds.run()


def test_some_views_are_rebuilt_and_the_others_left(projector: Projector, told: Database) -> None:
    before = rows(told), keys(told)
    report = Rebuilds(told).run(["hosts", "tasks"])
    assert (report.equal, set(report.rows)) == (True, {"hosts", "tasks"})
    with told.reading() as tx:
        assert {generation: len(views) for generation, views in generations.by_generation(generations.served(tx)).items()} == {
            1: len(VIEWS) - 2, 2: 2}
    assert (rows(told), keys(told)) == before
    speaker = Speaker()
    tell(speaker)
    speaker.say("placement.HostRegistered", "host", "h2", {"host_id": "h2"})
    hear(projector, speaker.spoken)
    projector.catch_up()
    assert {row["host_id"] for row in of(told, "hosts")} == {"h1", "h2"}
    assert Rebuilds(told).run().equal


def test_what_serves_is_left_by_a_comparison(told: Database) -> None:
    before = rows(told), keys(told)
    report = Rebuilds(told).parity()
    assert (report.equal, set(report.rows)) == (True, {view.name for view in VIEWS})
    assert (rows(told), keys(told)) == before
    with told.reading() as tx:
        assert [row["generation"] for row in tx.execute("SELECT generation FROM view_built")] == [1]


def test_a_sample_of_what_is_right_finds_nothing(told: Database) -> None:
    report = sampled(told, 40)
    assert (report.equal, report.differences) == (True, [])
    assert all(report.rows[view.name] for view in VIEWS)


FILED_ELSEWHERE = {
    "UPDATE archive SET occurred = '1999-01-01' WHERE seq = 3": ("WRONG", "archive", "occurred"),
    "UPDATE archive SET value = 'nothing' WHERE seq = 3": ("WRONG", "archive", "value"),
    "DELETE FROM archive_about WHERE seq = 3": ("MISSING", "archive_about", None),
    "INSERT INTO archive_about VALUES ('bari', 'nobody', 999999)": ("EXTRA", "archive_about", None),
    "INSERT INTO archive_about SELECT tenant, about, 999999 FROM archive_about WHERE seq = 3": ("EXTRA", "archive_about", None)}


@pytest.mark.parametrize("plant", FILED_ELSEWHERE)
def test_a_sample_names_a_record_that_is_filed_elsewhere(told: Database, plant: str) -> None:
    with told.transaction() as tx:
        tx.execute(plant)
    report = sampled(told, 150, chance=random.Random(1))
    assert FILED_ELSEWHERE[plant] in {(one.kind, one.view, one.column) for one in report.differences}
    assert (report.equal, list(report.said()["archive"])) == (False, [FILED_ELSEWHERE[plant][1]])


def test_a_sample_that_meets_what_is_no_fact_says_that_alone(told: Database) -> None:
    with told.transaction() as tx:
        tx.execute("UPDATE archive SET value = 'nothing' WHERE seq = 3")
        tx.execute("DELETE FROM archive WHERE seq = 2")
    found = [sampled(told, some, chance=random.Random(n)) for n in range(20) for some in (1, 5)]
    met = [report for report in found if "value" in {one.column for one in report.differences}]
    assert len(met) > 20
    assert {(report.facts, *report.rows) for report in met} == {(0,)}


def test_a_view_that_is_new_in_this_version_is_made_from_the_archive(told: Database) -> None:
    before = rows(told)
    with told.transaction() as tx:
        tx.execute("DELETE FROM view_served WHERE view = 'tasks'")
    assert rows(told) != before
    make_new_views(told)
    assert rows(told) == before
