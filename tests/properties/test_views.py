"""Whatever was spoken: in any interleaving, however often, in whatever batches, the views' rows are the same, and those of a rebuild."""
from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st
from spine import Source

from chassis.bus import Record
from chassis.database import Database, open_database
from chassis.record import stored_name
from chassis.schema import migrate
from properties import SOME, made
from properties.asked import DECLARED, SPOKEN
from reporting import generations, moment
from reporting.archive import Archive
from reporting.moment import Moment
from reporting.projector import Projector
from reporting.rebuild import Rebuilds
from reporting.service import TABLES
from reporting.views.all import VIEWS
from reporting.views.fact import read_fact

DAYS = st.sampled_from(["2024-10-12", "2024-10-13", "2024-10-14"])
CASES = st.sampled_from(made.IDS)
KIND = {stored_name(d.name, event): kind.name for d in DECLARED.values() for kind in d.kinds for event in kind.types}
TYPES = (*sorted(SPOKEN), "placement.Unheard.v1", "stipend.StipendPaid.v9")
SEEN = defaultdict[str, int](int)


VIEWED = ("programme", "participation", "commitment", "entitlement", "payment", "host", "internship", "task")


@st.composite
def facts(draw: st.DrawFn, kind: str | None = None) -> dict[str, Any]:
    """A fact of any contract (of this kind), with what its envelope says besides; some of types that this version does not know."""
    name = draw(st.sampled_from([name for name in TYPES if kind in (None, KIND.get(name))]))
    data = draw(made.said(SPOKEN[name])) if name in SPOKEN else {"order_id": draw(CASES)}
    return {"type": name, "data": data, "aggregate": draw(CASES), "occurred": draw(DAYS), "case": draw(st.none() | CASES),
            "programme": draw(st.sampled_from((*made.PROGRAMMES, None))), "subject": draw(st.none() | CASES)}


def spoken(said: Sequence[dict[str, Any]]) -> list[Record]:
    """The facts as their services speak them, in order."""
    sources, sequences = dict[str, Source](), defaultdict[tuple[str, str], int](int)
    records = []
    for fact in said:
        name, _, kind = fact["type"].partition(".")
        source = sources.setdefault(name, Source(name))
        kept = KIND.get(fact["type"], "thing")
        sequences[kept, fact["aggregate"]] += 1
        more = {field: value for field, value in fact.items() if field != "type" and value is not None}
        whole = source.fact(kind) | more | {"sequence": str(sequences[kept, fact["aggregate"]]), "aggregatetype": kept}
        if fact["case"] is None:
            del whole["case"]
        records.append(source.record(whole))
    return records


@contextmanager
def projector(batch: int = 1000) -> Iterator[Projector]:
    database = open_database("sqlite://", service="reporting")
    migrate(database, TABLES)
    try:
        yield Projector(database, Archive(lambda: datetime(2026, 1, 1, tzinfo=UTC)), batch=batch)
    finally:
        database.close()


def hear(projector: Projector, some: Sequence[Record]) -> None:
    with projector.database.locked() as tx:
        projector.archive(tx, some)


def rows(database: Database) -> list[tuple[Any, ...]]:
    with database.reading() as tx:
        of = generations.served(tx).items()
        shown = [row for view, generation in of for row in tx.execute(
            f"SELECT view, tenant, key, part, within, line FROM {generations.rows_of(generation)} WHERE view = %s", (view,))]
        kept = [row for view, generation in of for row in tx.execute(
            f"SELECT view, tenant, key, state, last, facts, digest FROM {generations.keys_of(generation)} WHERE view = %s", (view,))]
    return sorted(tuple(map(str, row.values())) for row in (*shown, *kept))


def folded_at(database: Database, at: Moment) -> list[tuple[str, str, str, str]]:
    """The rows of every view, folded from the facts of the archive that are known at a moment."""
    with database.reading() as tx:
        known = moment.known((read_fact(bytes(row["value"])) for row in tx.execute("SELECT value FROM archive")), at)
    keys = {(view, key) for view in VIEWS for fact in known if (key := view.key(fact))}
    return sorted((view.name, key, str(part), str(row)) for view, key in keys for part, row in moment.folded(view, key, known))


def live(database: Database) -> list[tuple[str, str, str, str]]:
    with database.reading() as tx:
        shown = [row for view, generation in generations.served(tx).items() for row in tx.execute(
            f"SELECT view, key, part, line FROM {generations.rows_of(generation)} WHERE view = %s", (view,))]
    return sorted((row["view"], row["key"], str(bytes(row["part"])), str(orjson.loads(row["line"]))) for row in shown)


@SOME
@given(some=st.lists(facts(), max_size=14), each=st.tuples(*map(facts, VIEWED)), seed=st.integers(0, 2**32), heard=st.integers(1, 9),
       folded=st.integers(1, 9))
def any_order(some: list[Any], each: tuple[Any, ...], seed: int, heard: int, folded: int) -> None:
    chance = random.Random(seed)
    told = spoken(chance.sample([*some, *each], len(some) + len(each)))
    some = [*told, *chance.choices(told, k=len(told) // 2)]
    chance.shuffle(some)
    with projector() as straight, projector(folded) as mixed, projector() as then:
        hear(straight, told)
        straight.catch_up()
        for start in range(0, len(some), heard):
            hear(mixed, some[start:start + heard])
            mixed.step()
        mixed.catch_up()
        expected = rows(straight.database)
        assert rows(mixed.database) == expected
        assert folded_at(mixed.database, Moment()) == live(mixed.database), "the moment of everything is what is live"
        at = Moment(None, read_fact(chance.choice(told).value).recorded, chance.choice([None, "2024-10-13"]))
        hear(then, [one for one in told if at.knows(read_fact(one.value))])
        then.catch_up()
        assert folded_at(mixed.database, at) == live(then.database), "a moment is what one knew who had heard no more"
        report = Rebuilds(mixed.database).run()
        assert (report.equal, report.differences) == (True, [])
    for view, *_ in expected:
        SEEN[view] += 1


def test_the_rows_of_every_view_follow_from_the_set_of_facts() -> None:
    any_order()
    assert set(SEEN) == {view.name for view in VIEWS}, "each view had rows to compare"
