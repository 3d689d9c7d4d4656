"""`evolve` never raises: whatever was stored loads for ever, in any order, erased or not; and comes back as it was decided."""
from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st
from properties import SOME
from properties.asked import KINDS, histories


@pytest.mark.parametrize("name", KINDS)
@SOME
@given(data=st.data())
def test_evolve_never_raises(name: str, data: st.DataObject) -> None:
    kind = KINDS[name]
    reduce(kind.evolve, data.draw(histories(kind)), kind.start())
