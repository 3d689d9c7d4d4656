"""The bytes that stay for ever."""
import hashlib
import json

import pytest
import rfc8785
from desk import TICKET, TicketOpened
from hypothesis import given
from hypothesis import strategies as some

from chassis.canonical import canonical
from chassis.parts import PLACEHOLDER, Parts, pack, rest, stamp_at, stamped, unpack
from chassis.record import Codec, stored_name

ascii_keys = some.text(some.characters(min_codepoint=32, max_codepoint=126), max_size=8)
values = some.recursive(some.one_of(some.booleans(), some.integers(-(2**53) + 1, 2**53 - 1), some.text(max_size=20)),
                        lambda inner: some.one_of(some.lists(inner, max_size=4), some.dictionaries(ascii_keys, inner, max_size=4)))


@given(values)
def test_the_canonical_form_is_that_of_rfc_8785(value: object) -> None:
    assert canonical(value) == rfc8785.dumps(value)  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [1.0, None, {"ò": 1}, 2**53, {"a": [None]}])
def test_what_has_no_canonical_form_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        canonical(value)


@given(some.binary(), some.binary(), some.binary(), some.binary(min_size=32, max_size=32))
def test_the_three_parts_come_back_as_they_were_stored(fact: bytes, home: bytes, sealed: bytes, salt: bytes) -> None:
    parts = Parts(fact, home, sealed, salt)
    assert unpack(pack(parts)) == parts


def test_rest_covers_salt_home_and_sealed_and_tells_them_apart() -> None:
    salt = bytes(range(32))
    assert rest(b"{}", b"", salt) == hashlib.sha256(salt + (2).to_bytes(8, "big") + b"{}").hexdigest()
    assert rest(b"ab", b"c", salt) != rest(b"a", b"bc", salt)


@given(some.dictionaries(ascii_keys, some.text(max_size=10), max_size=5))
def test_the_stamp_is_found_whatever_the_payload_says(data: dict[str, str]) -> None:
    fact = canonical({"data": {**data, "time": '"time":"'}, "subject": "s", "time": PLACEHOLDER, "type": "desk.T.v1"})
    filled = json.loads(stamped(fact, stamp_at(fact), "2024-10-14T09:00:00.000001Z"))
    assert filled["time"] == "2024-10-14T09:00:00.000001Z"
    assert filled["data"] == {**data, "time": '"time":"'}


def test_a_contract_that_names_a_private_field_stops_the_start() -> None:
    from contracts.classes import Code, Id
    from contracts.envelope import Fact, spoken

    class Leaking(Fact):
        ticket_id: Id
        note: Code

    Leaking.__name__ = "TicketOpened"
    with pytest.raises(TypeError, match="private fields"):
        Codec("desk", (TICKET,), spoken("desk", Leaking), (), None)  # type: ignore[arg-type]


def test_an_event_neither_spoken_nor_silent_stops_the_start() -> None:
    with pytest.raises(TypeError, match="speak it or declare it silent"):
        Codec("desk", (TICKET,), {}, (), None)  # type: ignore[arg-type]


def test_a_stored_name_is_chosen_and_carries_its_version() -> None:
    assert stored_name("desk", TicketOpened) == "desk.TicketOpened.v1"
    assert stored_name("desk", type("TicketOpenedV2", (), {})) == "desk.TicketOpened.v2"
