"""Inbox, offsets, parking: one transaction a batch, whatever comes, however often, in whatever order."""
import random
from pathlib import Path

import pytest
from spine import Source, declared, ear, file_url, noon

from chassis.canonical import canonical
from chassis.coming import Came
from chassis.wire import Added, joined

HEARS = ("shop.Sold.v1", "mill.Ground.v1")


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return file_url(tmp_path) if request.param == "sqlite" else request.getfixturevalue("postgres_url")


def test_a_fact_is_found_by_case_subject_aggregate_and_the_ids_it_names(url: str) -> None:
    shop = Source()
    with ear(url) as one:
        one.hearing.take([shop.says(host_id="h-1", hours="6"), shop.says("Swept.v1"), shop.says(tenant="lecce")])
        assert [len(one.types(about)) for about in ("c-1", "a-c-1", "h-1", "6")] == [1, 1, 1, 0]
        assert one.types("c-1", "lecce") == ["shop.Sold.v1"]


def test_facts_come_in_canonical_order_whatever_the_order_of_arrival(url: str) -> None:
    shop, mill = Source(), Source("mill")
    late, early = shop.says(occurred="2024-10-12", host_id="h"), mill.says("Ground.v1", occurred="2024-10-11", host_id="h")
    with ear(url, declared(hears=HEARS)) as one:
        one.hearing.take([late])
        one.hearing.take([early])
        assert one.types("h") == ["mill.Ground.v1", "shop.Sold.v1"]


def test_facts_of_one_aggregate_follow_one_another_as_they_did_there_whatever_their_dates_say(url: str) -> None:
    shop, mill = Source(), Source("mill")
    counted, between = shop.says(occurred="2025-02-18", n="1"), mill.says("Ground.v1", occurred="2025-02-17", n="2")
    corrected, again = shop.says(occurred="2025-02-16", n="3"), shop.says(occurred="2025-02-15", n="4")
    with ear(url, declared(hears=HEARS)) as one:
        for record in (counted, between, corrected, again):
            one.hearing.take([record])
        assert [fact.data["n"] for fact in one.executor.heard_about("bari", "c-1")] == ["1", "3", "2", "4"]


def test_what_a_stopped_source_may_have_to_say_keeps_the_decisions_of_every_case_waiting_until_it_is_heard_again(url: str) -> None:
    shop = Source()
    first, second = shop.says(), shop.says()
    with ear(url) as one:
        one.hearing.take([second])
        assert list(one.hearing.not_heard()) == ["shop"]
        assert "shop" in (one.parking.about("bari", ["c-9"]) or "")
        one.hearing.resume("shop")
        one.hearing.next_offsets()
        one.hearing.take([first, second])
        assert (one.hearing.not_heard(), one.parking.about("bari", ["c-9"]), len(one.types("c-1"))) == ({}, None, 2)


def test_repeated_one_to_five_times_and_interleaved_each_fact_is_heard_once(url: str) -> None:
    rng = random.Random(7)
    sources = [Source(), Source("mill")]
    told = [[source.says("Sold.v1" if source.name == "shop" else "Ground.v1", case=f"c-{n % 9}") for n in range(60)] for source in sources]
    with ear(url, declared(hears=HEARS)) as one:
        pending = [list(records) for records in told]
        while any(pending):
            some = rng.choice([records for records in pending if records])
            upto = rng.randint(1, len(some))
            for _ in range(rng.randint(1, 5)):
                one.hearing.take(some[:upto])
            del some[:rng.randint(0, upto)]
        assert [(row[0], row[2]) for row in one.all()] == [(name, n) for name in ("mill", "shop") for n in range(1, 61)]
        assert one.hearing.stopped == {}
        assert {part: at[1] for part, at in one.hearing.passed()["shop"].items()} == dict(sources[0].last)


def test_a_fact_nobody_lists_parks_nothing_and_leaves_only_an_offset(url: str) -> None:
    shop = Source()
    with ear(url) as one:
        record = shop.says("Swept.v9")
        one.hearing.take([record])
        assert one.parking.count() == 0
        assert one.all() == []
        assert one.hearing.next_offsets() == {(record.topic_id, record.partition): 1}


@pytest.mark.parametrize("poison", ["not json", "no attributes", "unknown version", "another's name"])
def test_poison_parks_its_source_and_key_while_the_others_go_on(url: str, poison: str) -> None:
    shop = Source()
    fact = shop.fact("Sold.v2" if poison == "unknown version" else "Sold.v1", host_id="h-9")
    bad = {"not json": b"{nothing}", "no attributes": b'{"id":"1"}', "another's name": None, "unknown version": None}[poison]
    if poison == "another's name":
        fact["source"] = "mill"
    with ear(url) as one:
        one.hearing.take([shop.raw(bad, b"c-1") if bad else shop.record(fact), shop.says(), shop.says(case="c-2")])
        assert one.types("c-1") == []
        assert one.types("c-2") == ["shop.Sold.v1"]
        assert one.parking.about("bari", ["c-1"])
        assert one.parking.about("bari", ["c-2"]) is None
        assert [(p.source, p.key, len(p.what)) for p in one.parking.listed()] == [("shop", "c-1", 2)]
        if not bad and poison == "unknown version":
            assert one.parking.about("bari", ["h-9"])
            assert one.parking.about("lecce", ["h-9"]) is None


@pytest.mark.parametrize("where", ["key", "tenant", "an id", "a position"])
def test_what_no_database_can_hold_parks_its_key_and_no_other(url: str, where: str) -> None:
    shop = Source()
    bad = {"key": lambda: shop.raw(b'{"x":1}', b"a\0b"), "tenant": lambda: shop.says(tenant="ba\0ri"),
           "an id": lambda: shop.says(host_id="a\0b"),
           "a position": lambda: shop.bare(joined(canonical(shop.fact()), Added(1, 2**63, 0, 1, "a" * 64)), b"c-1")}[where]
    with ear(url) as one:
        one.hearing.take([bad(), shop.says(case="c-2")])
        assert one.types("c-2") == ["shop.Sold.v1"]
        assert [(parked.source, len(parked.what)) for parked in one.parking.listed()] == [("shop", 1)]
        assert not one.hearing.stopped


def test_release_heals_once_the_code_knows_the_version(url: str) -> None:
    shop = Source()
    records = [shop.says(), shop.says("Sold.v2"), shop.says(), shop.says(case="c-2")]
    with ear(url) as one:
        one.hearing.take(records)
        assert one.parking.release("shop", "c-1") == 0, "it still cannot be heard"
    with ear(url, declared(hears=("shop.Sold.v1", "shop.Sold.v2"))) as one:
        assert one.parking.release("shop", "c-1") == 2
        one.hearing.take(records)
        assert one.types("c-1") == ["shop.Sold.v1", "shop.Sold.v2", "shop.Sold.v1"]
        assert one.parking.count() == 0


def test_a_record_that_no_relay_wrote_is_put_aside_and_what_lines_up_goes_on(url: str) -> None:
    shop = Source()
    with ear(url) as one:
        strange = shop.bare(b"not json", b"c-1")
        one.hearing.take([strange, shop.says(), strange])
        assert (one.parking.count(), one.parking.release("shop", "c-1")) == (2, 0)
        assert one.parking.show("shop", "c-1")[0][2] == b"not json"
        assert one.parking.release("shop", "c-1", aside=True) == 1
        one.hearing.take([shop.says()])
        assert len(one.types("c-1")) == 2


def test_the_same_position_with_other_bytes_stops_that_source_and_no_other(url: str) -> None:
    shop, mill, other = Source(), Source("mill"), Source()
    with ear(url, declared(hears=HEARS)) as one:
        one.hearing.take([shop.says(), other.says(), shop.says(case="c-2"), mill.says("Ground.v1")])
        assert "other bytes" in one.hearing.stopped["shop"]
        one.hearing.take([mill.says("Ground.v1")])
        assert [row[0] for row in one.all()] == ["mill", "mill", "shop"]
    with ear(url, declared(hears=HEARS)) as one:
        one.hearing.next_offsets()
        assert "other bytes" in one.hearing.stopped["shop"], "it is remembered"
        one.hearing.resume("shop")
        assert one.hearing.may_go_on()
        one.hearing.next_offsets()
        one.hearing.take([shop.says(case="c-3")])
        assert len(one.types("c-3")) == 1


def test_a_gap_in_a_partition_stops_the_source(url: str) -> None:
    shop = Source()
    lost = [shop.says(), shop.says()]
    with ear(url) as one:
        one.hearing.take([lost[0], shop.says()])
        assert "records are missing" in one.hearing.stopped["shop"]
        assert len(one.all()) == 1


def test_the_first_record_of_a_new_life_follows_the_last_of_the_old_one(url: str) -> None:
    shop = Source()
    first, foreign = shop.says(), shop.says()
    shop.incarnation, shop.position = 2, 1
    with ear(url) as one:
        new = shop.says()
        one.hearing.take([first, foreign, new])
        assert [row[1:3] for row in one.all()] == [(1, 1), (1, 2), (2, 2)]
        assert one.hearing.stopped == {}


def test_a_fact_far_ahead_of_the_clock_waits_until_the_clock_is_there(url: str) -> None:
    shop, moment = Source(), [noon()]
    ahead = shop.says(recorded="2024-10-14T12:06:00.000000Z")
    behind_it = shop.says()
    with ear(url, now=lambda: moment[0]) as one:
        one.hearing.take([ahead])
        one.hearing.take([behind_it])
        assert (one.all(), one.hearing.stopped, one.hearing.may_go_on()) == ([], {}, False)
        moment[0] = noon().replace(minute=2)
        assert one.hearing.may_go_on()
        one.hearing.next_offsets()
        one.hearing.take([ahead, behind_it])
        assert len(one.all()) == 2


def test_a_type_listed_later_is_read_from_the_beginning(url: str) -> None:
    shop = Source()
    records = [shop.says(), shop.says("Swept.v1"), shop.says()]
    with ear(url) as one:
        one.hearing.take(records)
    with ear(url, declared(hears=("shop.Sold.v1", "shop.Swept.v1"))) as one:
        assert set(one.hearing.next_offsets().values()) == {0}
        one.hearing.take(records)
        assert one.types("c-1") == ["shop.Sold.v1", "shop.Swept.v1", "shop.Sold.v1"]


class Keeping:
    def __init__(self) -> None:
        self.kept: list[bytes] = []

    def __call__(self, tx: object, came: list[Came]) -> None:
        self.kept += [one.value for one in came]


def test_an_archive_gets_every_record_once_listed_or_not(url: str) -> None:
    shop, kept = Source(), Keeping()
    records = [shop.says(), shop.says("Swept.v1"), shop.says("Sold.v2", case="c-2"), shop.says(case="c-2")]
    with ear(url, archive=kept) as one:
        for _ in range(2):
            one.hearing.take(records)
        assert kept.kept == [records[0].value, records[1].value], "what is parked comes when it is released"
    with ear(url, declared(hears=("shop.Sold.v1", "shop.Sold.v2", "shop.Swept.v1")), archive=kept) as one:
        one.parking.release("shop", "c-2")
        one.hearing.take(records)
        assert kept.kept == [record.value for record in records]
        assert one.types("c-1") == ["shop.Sold.v1", "shop.Swept.v1"], "a type listed later is heard too"


def test_a_database_set_back_hears_what_lies_between(tmp_path: Path) -> None:
    shop = Source()
    records = [shop.says(case=f"c-{n % 5}") for n in range(30)]
    with ear(file_url(tmp_path)) as one:
        one.hearing.take(records[:10])
    (tmp_path / "backup.sqlite").write_bytes((tmp_path / "ear.sqlite").read_bytes())
    with ear(file_url(tmp_path)) as one:
        one.hearing.take(records[10:])
        whole = one.all()
    with ear(file_url(tmp_path, "backup")) as one:
        own = one.hearing.next_offsets()
        one.hearing.take([r for r in records if r.offset >= own.get((r.topic_id, r.partition), 0)])
        assert one.all() == whole


@pytest.mark.parametrize("seed", range(5))
def test_random_poison_repetition_and_batches_end_equal_after_release(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    shop = Source()
    records = [shop.says("Sold.v2" if rng.random() < 0.1 else "Sold.v1", case=f"c-{rng.randrange(6)}") for _ in range(80)]
    both = declared(hears=("shop.Sold.v1", "shop.Sold.v2"))
    with ear(file_url(tmp_path, "straight"), both) as one:
        one.hearing.take(records)
        straight = one.all()
    with ear(file_url(tmp_path)) as one:
        at = 0
        while at < len(records):
            upto = at + rng.randint(1, 20)
            one.hearing.take(records[max(0, at - rng.randint(0, 9)):upto])
            at = upto
    with ear(file_url(tmp_path), both) as one:
        for parked in one.parking.listed():
            one.parking.release(parked.source, parked.key)
        assert one.all() == straight
        assert one.parking.count() == 0
