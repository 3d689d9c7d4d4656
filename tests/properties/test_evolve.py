"""`evolve` never raises: whatever was stored loads for ever, in any order, erased or not. It leaves the state before as it was."""
from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from properties import SOME
from properties.asked import KINDS, histories


@pytest.mark.parametrize("name", KINDS)
@SOME
@given(data=st.data())
def test_evolve_never_raises_and_changes_nothing_in_place(name: str, data: st.DataObject) -> None:
    kind = KINDS[name]
    state = kind.start()
    for event in data.draw(histories(kind)):
        before = deepcopy(state)
        after = kind.evolve(state, event)
        assert state == before
        state = after
