"""RFC 8785 form of what we say and store: ASCII keys; strings, integers, booleans, lists, objects; no floats, no null."""
from __future__ import annotations

from typing import Any

import orjson

MOST = 2**53 - 1


def canonical(value: Any) -> bytes:
    """The RFC 8785 bytes of a JSON value. `TypeError` for a float, a null, a key that is not ASCII, an integer beyond 2^53-1."""
    _check(value)
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def _check(value: Any) -> None:
    kind = type(value)
    if kind is dict:
        for key, inner in value.items():
            if not key.isascii():
                raise TypeError("keys are ASCII")
            if type(inner) is not str:
                _check(inner)
    elif kind is list:
        for inner in value:
            if type(inner) is not str:
                _check(inner)
    elif kind is int:
        if abs(value) > MOST:
            raise TypeError("an integer beyond 2^53-1 has no RFC 8785 form")
    elif kind is not str and kind is not bool:
        raise TypeError(f"{kind.__name__} has no canonical form")
