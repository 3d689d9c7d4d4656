"""A decision gives events of its service or refuses; it never fails, whatever came before and whatever it is asked."""
from contextlib import suppress
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.decide import Refused
from chassis.declare import Command, Declared
from chassis.kinds import Kind
from properties import SOME, asked
from properties.asked import DECLARED, Asked, decide

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
        to.evolve(ask.aggregate(to, getattr(event, to.key)), event)
        list(to.claims(event, ask.mac))
        to.speaker(event, ask.actor)


def kind_of(declared: Declared, event: Any) -> Kind:
    (kind,) = (kind for kind in declared.kinds if type(event) in kind.types)
    return kind
