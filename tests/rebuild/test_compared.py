"""On PostgreSQL two generations are compared by their hashes first: whatever is changed in either is found all the same."""
from collections.abc import Iterator
from contextlib import suppress

import pytest

from chassis.database import Database
from rebuild import hear, reporting, town
from reporting.compare import unlike
from reporting.generations import keys_of, rows_of, served
from reporting.rebuild import Rebuilds
from reporting.views.all import ALL

CHANGES = ("UPDATE {rows} SET line = line || ' ' WHERE view = '{view}'", "UPDATE {rows} SET within = within || 'x' WHERE view = '{view}'",
           "DELETE FROM {rows} WHERE view = '{view}' AND key = (SELECT min(key) FROM {rows} WHERE view = '{view}')",
           "UPDATE {rows} SET tenant = 'other' WHERE view = '{view}'", "INSERT INTO {rows} SELECT view, tenant, 'nobody', part, within, "
           "line FROM {rows} WHERE view = '{view}' LIMIT 1", "UPDATE {keys} SET facts = facts + 1 WHERE view = '{view}'",
           "UPDATE {keys} SET digest = 'f' WHERE view = '{view}'", "UPDATE {keys} SET state = state || ' ' WHERE view = '{view}'",
           "DELETE FROM {keys} WHERE view = '{view}'")


class Undone(Exception):
    """What was planted is taken back."""


@pytest.fixture
def built(postgres_url: str) -> Iterator[Database]:
    projector = reporting(postgres_url)
    hear(projector, town(3))
    projector.catch_up()
    assert Rebuilds(projector.database).run().equal
    yield projector.database
    projector.database.close()


def seen(database: Database, change: str) -> list[str]:
    """The views in which the first two generations differ after a change of the first, which is undone."""
    found = list[str]()
    with suppress(Undone), database.transaction() as tx:
        tx.execute(change)
        found = unlike(tx, 1, 2, ALL)
        raise Undone
    return found


def test_a_change_in_any_column_of_any_view_is_seen_and_nothing_else(built: Database) -> None:
    with built.reading() as tx:
        assert unlike(tx, 1, 2, ALL) == []
    for view in ALL:
        for change in CHANGES:
            assert seen(built, change.format(view=view, rows=rows_of(1), keys=keys_of(1))) == [view], change


def test_what_was_planted_is_named_by_a_comparison_and_gone_after_a_rebuild(built: Database) -> None:
    with built.transaction() as tx:
        assert served(tx)["hosts"] == 2
        tx.execute(f"UPDATE {rows_of(2)} SET line = '{{\"planted\": 1}}' WHERE view = 'hosts'")
        tx.execute(f"DELETE FROM {rows_of(2)} WHERE view = 'tasks'")
    for compare in (Rebuilds(built).parity, Rebuilds(built).run):
        report = compare()
        assert {(one.kind, one.view) for one in report.differences} == {("WRONG", "hosts"), ("MISSING", "tasks")}
        assert report.counts["tasks"]["missing"] > 0
        assert report.counts.keys() == {"hosts", "tasks"}
    assert Rebuilds(built).run().equal
