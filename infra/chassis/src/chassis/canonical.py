"""RFC 8785 form of what we say and store: ASCII keys; strings, integers, booleans, lists, objects; no floats, no null."""
from __future__ import annotations

from collections.abc import Iterable
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
        if not all(map(str.isascii, value)):
            raise TypeError("keys are ASCII")
        _check_all(value.values())
    elif kind is list:
        _check_all(value)
    elif kind is int and abs(value) > MOST:
        raise TypeError("an integer beyond 2^53-1 has no RFC 8785 form")
    elif kind not in (str, bool, int):
        raise TypeError(f"{kind.__name__} has no canonical form")


def _check_all(values: Iterable[Any]) -> None:
    for value in values:
        if type(value) is not str:  # most are: this is on the path of every command
            _check(value)
