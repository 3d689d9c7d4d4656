"""A decision gives events of its service or refuses; it never fails, whatever came before and whatever it is asked."""
from contextlib import suppress
from copy import deepcopy
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from chassis.database import open_database
from chassis.decide import Refused
from chassis.declare import Command, Declared
from chassis.errors import TooLarge
from chassis.kinds import Kind
from chassis.record import About, Codec
from chassis.schema import migrate
from chassis.vault import Vault
from properties import SOME, asked, made
from properties.asked import DECLARED, TODAY, Asked, decide

COMMANDS = [(name, command) for name, declared in DECLARED.items() for command in declared.commands]


@pytest.mark.parametrize(("service", "command"), COMMANDS, ids=lambda value: getattr(getattr(value, "decision", None), "__name__", value))
@SOME
@given(data=st.data())
def test_a_decision_gives_events_or_refuses(service: str, command: Command, data: st.DataObject) -> None:
    declared, kind = DECLARED[service], command.kind
    ask = Asked(data.draw, declared, data.draw(asked.given(declared, command)), data.draw(asked.state(kind)), kind)
    before, events = deepcopy(ask.state), list[Any]()
    with suppress(Refused):
        events = decide(declared, command, ask)
    assert ask.state == before, "a decision changes nothing"
    for event in events:
        to = kind_of(declared, event)
        state = ask.aggregate(to, getattr(event, to.key))
        after = to.evolve(state, event)
        list(to.claims(event, ask.mac))
        to.speaker(event, ask.actor)
        with suppress(ValidationError, TooLarge):  # what the words at the door do not let through
            assert to.evolve(state, stored_and_read(declared, to, event, after)) == after, "what is kept is what would be read"


def kind_of(declared: Declared, event: Any) -> Kind:
    (kind,) = (kind for kind in declared.kinds if type(event) in kind.types)
    return kind


def stored_and_read(declared: Declared, kind: Kind, event: Any, state: Any) -> Any:
    codec = codec_of(declared.name)
    about = About(made.IDS[0], "bari", getattr(event, kind.key), 1, TODAY.isoformat(), asked.ACTOR, "c", None,
                  *(getattr(state, name, None) for name in ("case_id", "programme_id", "subject_id")))
    written = codec.write(event, about)
    return codec.read(written.name, written.parts)


@cache
def codec_of(service: str) -> Codec:
    declared, database = DECLARED[service], open_database("sqlite://", service=service)
    migrate(database)
    return Codec(service, declared.kinds, declared.spoken, declared.silent, Vault(database, b"m" * 32))
