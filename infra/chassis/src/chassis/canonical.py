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
    if isinstance(value, str | bool):
        return
    if isinstance(value, int):
        if abs(value) > MOST:
            raise TypeError("an integer beyond 2^53-1 has no RFC 8785 form")
    elif isinstance(value, dict):
        for key, inner in value.items():
            if not key.isascii():
                raise TypeError("keys are ASCII")
            _check(inner)
    elif isinstance(value, list):
        for inner in value:
            _check(inner)
    else:
        raise TypeError(f"{type(value).__name__} has no canonical form")
