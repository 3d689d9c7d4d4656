"""What is stored reads back as it was decided: so what a decision made may be kept, and need not be read again."""
from collections.abc import Iterator
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from chassis import schema
from chassis.database import Database, open_database
from chassis.decide import Actor
from chassis.declare import Declared
from chassis.record import About, Codec
from chassis.service import with_its_log
from chassis.vault import Vault
from properties import SOME, made
from properties.asked import DECLARED

EVENTS = [(name, event) for name, declared in DECLARED.items() for kind in with_its_log(declared).kinds for event in kind.types]
ACTOR = Actor(made.IDS[0], "CLERK", "desk", "bari")


@cache
def database() -> Database:
    found = open_database("sqlite://", service="any")
    schema.migrate(found)
    return found


@cache
def codec(name: str) -> Codec:
    its: Declared = with_its_log(DECLARED[name])
    return Codec(its.name, its.kinds, its.spoken, its.silent, Vault(database(), b"m" * 32))


@pytest.fixture(scope="module", autouse=True)
def closed() -> Iterator[None]:
    yield
    database().close()
    for kept in (database, codec):
        kept.cache_clear()


@pytest.mark.parametrize(("service", "event"), EVENTS, ids=lambda value: getattr(value, "__name__", value))
@SOME
@given(data=st.data())
def test_an_event_reads_back_as_it_was_decided(service: str, event: type, data: st.DataObject) -> None:
    decided, its = data.draw(made.built(event)), codec(service)
    about = About(made.IDS[1], "bari", getattr(decided, its.by_type[event].kind.key), 1, "2024-10-14", ACTOR, made.IDS[3],
                  None, None, None, None)
    try:
        written = its.write(decided, about)
    except ValidationError:  # what its contract does not take is refused, and never stored
        return
    assert its.read(written.name, written.parts) == decided
