"""A fact of a type that nobody lists is passed by: in each service, whatever it holds, it parks nothing and stops nothing."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from spine import Source, ear

from chassis.declare import Declared
from properties import SOME, made
from properties.asked import DECLARED, SPOKEN

SOURCES = sorted(DECLARED)
TEXT = st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=5)
"""A text with NUL parks, whatever its type."""
VALUES = st.recursive(st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXT | st.sampled_from(made.IDS),
                      lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a_id", "b"]), inner, max_size=2))
DATA = st.dictionaries(st.sampled_from(["order_id", "case_id", "number", "orders", "extra"]), VALUES, max_size=4)
UNKNOWN = st.tuples(st.sampled_from(SOURCES), st.sampled_from(["Unheard.v1", "CaseOpenedTwice.v7", "StipendPaidBack.v1"]), DATA)


@pytest.mark.parametrize("service", SOURCES)
def test_a_fact_of_a_type_nobody_lists_parks_nothing(service: str) -> None:
    declared = DECLARED[service]
    listed = {*declared.hears, declared.erases, *(reaction.on for reaction in declared.reactions)}

    @SOME
    @given(said=st.lists(UNKNOWN, min_size=1, max_size=6))
    def passed_by(said: list[tuple[str, str, dict[str, Any]]]) -> None:
        nothing_comes_of(declared, said)

    passed_by()
    unlisted = [name.partition(".") for name in SPOKEN if name not in listed]
    nothing_comes_of(declared, [(source, name, {}) for source, _, name in unlisted])


def nothing_comes_of(declared: Declared, said: Sequence[tuple[str, str, dict[str, Any]]]) -> None:
    sources = {name: Source(name) for name in SOURCES}
    records = [sources[source].says(name, **data) for source, name, data in said]
    with ear("sqlite://", declared, archive=(lambda tx, came: None) if declared.parts else None) as one:
        one.hearing.take(records)
        assert (one.parking.count(), one.hearing.stopped, one.all(), one.reactions.ready()) == (0, {}, [], 0)
        assert sum(one.hearing.next_offsets().values()) == len(records)
