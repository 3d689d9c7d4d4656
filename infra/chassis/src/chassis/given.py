"""Given events, when a decision, then events or a refusal: all that a domain test needs."""
from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import reduce
from typing import Any

from chassis.decide import Refused
from chassis.kinds import Kind


def given(kind: Kind, *events: Any) -> Any:
    """The state after these events."""
    return reduce(kind.evolve, events, kind.start())


@contextmanager
def refused(*codes: str) -> Iterator[None]:
    """The block is refused, with exactly these codes in this order."""
    try:
        yield
    except Refused as no:
        found = (no.code, *(also.code for also in no.also))
        if found != codes:
            raise AssertionError(f"refused {found}, not {codes}: {no.detail}") from no
    else:
        raise AssertionError(f"not refused: {codes}")
