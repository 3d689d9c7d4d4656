"""An event comes back as it was decided: so what a process keeps of an aggregate is what it would read."""
import dataclasses
import re
from dataclasses import replace
from typing import Any, get_args, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.record import About, Form
from properties import SOME, made
from properties.asked import ACTOR, DECLARED, TODAY, codec_of

WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:@-]{0,79}")
EVENTS = [(service, name) for service in DECLARED for name in sorted(codec_of(service).by_name)]


@pytest.mark.parametrize(("service", "name"), EVENTS, ids=[name for _, name in EVENTS])
@SOME
@given(data=st.data())
def test_an_event_comes_back_as_it_was_decided(service: str, name: str, data: st.DataObject) -> None:
    codec = codec_of(service)
    form = codec.by_name[name]
    event = data.draw(speakable(form))
    about = About(made.IDS[0], "bari", getattr(event, form.kind.key), 1, TODAY.isoformat(), ACTOR, "c", None, None, None, None)
    written = codec.write(event, about)
    assert codec.read(written.name, written.parts) == event


@st.composite
def speakable(draw: st.DrawFn, form: Form) -> Any:
    """Any event of a type; the texts that are spoken of it are words, as the door wants them."""
    event = draw(made.built(form.event))
    hints = get_type_hints(form.model, include_extras=True) if form.model else {}
    digests = {name for name in form.spoken if "digest" in {getattr(mark, "name", "") for mark in get_args(hints[name])}}
    return replace(event, **{name: "a" * 64 if name in digests else worded(getattr(event, name)) for name in form.spoken})


def worded(value: Any) -> Any:
    if isinstance(value, str):
        return value if WORD.fullmatch(value) else "WORD"
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{field.name: worded(getattr(value, field.name)) for field in dataclasses.fields(value)})
    return type(value)(map(worded, value)) if isinstance(value, tuple | list | frozenset) else value
