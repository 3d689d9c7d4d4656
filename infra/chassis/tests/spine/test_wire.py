"""The bytes that stay for ever: committed vectors, made without this code."""
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.bus import partition_of
from chassis.wire import Added, Unreadable, joined, parted, trail_next, trail_start

VECTORS: dict[str, Any] = json.loads((Path(__file__).parents[4] / "contracts/vectors/wire.json").read_text("utf-8"))
FACTS = [(trail, fact) for trail in VECTORS["trails"] for fact in trail["facts"]]


@pytest.mark.parametrize("trail", VECTORS["trails"], ids=lambda trail: f"{trail['service']}-{trail['incarnation']}")
def test_the_trail_is_the_committed_one(trail: dict[str, Any]) -> None:
    head = trail_start(trail["service"], trail["incarnation"], trail["tenant"], trail["programme"])
    assert head.hex() == trail["start"]
    for fact in trail["facts"]:
        head = trail_next(head, fact["number"], fact["position"], fact["stored"].encode())
        assert head.hex() == fact["head"]


@pytest.mark.parametrize(("trail", "fact"), FACTS, ids=lambda one: str(one.get("position", one.get("service"))))
def test_the_value_is_the_committed_one_and_gives_the_stored_bytes_back(trail: dict[str, Any], fact: dict[str, Any]) -> None:
    added = Added(trail["incarnation"], fact["position"], fact["after"], fact["number"], fact["head"])
    assert joined(fact["stored"].encode(), added) == fact["value"].encode()
    assert parted(fact["value"].encode()) == (fact["stored"].encode(), added)


@pytest.mark.parametrize("value", VECTORS["unreadable"])
def test_what_does_not_end_as_the_relay_ends_it_is_unreadable(value: str) -> None:
    with pytest.raises(Unreadable):
        parted(value.encode())


@pytest.mark.parametrize(("key", "partition"), VECTORS["partitions"])
def test_a_key_has_the_partition_that_kafkas_own_partitioner_gives(key: str, partition: int) -> None:
    assert partition_of(key.encode()) == partition


NUMBERS = st.integers(1, 2**60)


@given(st.text(min_size=1), NUMBERS, NUMBERS, NUMBERS, NUMBERS, st.binary(min_size=32, max_size=32))
def test_any_stored_bytes_come_back(text: str, incarnation: int, position: int, after: int, number: int, head: bytes) -> None:
    stored = json.dumps({"a": text, "data": {"incarnation": text}}, separators=(",", ":")).encode()
    added = Added(incarnation, position, after, number, head.hex())
    assert parted(joined(stored, added)) == (stored, added)
