"""What can be wrong with a bundle; and reading JSON from a stranger."""
from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NamedTuple

MOST_DEPTH = 64
MOST_DIGITS = 40


class Fault(Exception):
    """The first thing that is wrong: what kind of fault, where, and a sentence.

    `kind`: changed, missing, reordered, cut off, inserted, wrongly signed, figure not explained, refused. The last is of an
    archive that is no bundle, or a hostile one.
    """

    def __init__(self, kind: str, where: str, why: str) -> None:
        self.kind, self.where, self.why = kind, where, why
        super().__init__(kind, where, why)

    def __str__(self) -> str:
        return f"{self.kind}: {self.where}: {self.why}"


class Trail(NamedTuple):
    """The facts of one source in one life of its log: of the bundle's programme, or of none."""

    source: str
    incarnation: int
    own: bool

    def at(self, position: int) -> str:
        return f"{self.source}/{self.incarnation}/{position}"

    def __str__(self) -> str:
        return f"the trail of {'the programme' if self.own else 'no programme'} of {self.source}, incarnation {self.incarnation}"


def _whole_number(digits: str) -> int:
    if len(digits) > MOST_DIGITS:
        raise ValueError("a number has too many digits")
    return int(digits)


def _no_float(digits: str) -> Any:
    raise ValueError(f"{digits[:40]} is no whole number; decimals are strings here")


def json_of(text: bytes, where: str) -> Any:
    """A JSON value without floats, not too deep. `Fault` where it is not that."""
    try:
        found = json.loads(text.decode("utf-8"), parse_int=_whole_number, parse_float=_no_float, parse_constant=_no_float)
        _check_depth(found, 0)
        return found
    except RecursionError:
        raise Fault("refused", where, "its JSON is nested too deep") from None
    except ValueError as wrong:
        raise Fault("refused", where, f"it is no JSON that a bundle holds ({wrong})") from None


def _check_depth(value: Any, depth: int) -> None:
    if depth > MOST_DEPTH:
        raise ValueError(f"nested deeper than {MOST_DEPTH}")
    if isinstance(value, dict):
        for inner in value.values():
            _check_depth(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            _check_depth(inner, depth + 1)


def object_of(text: bytes, where: str, shape: dict[str, Any]) -> dict[str, Any]:
    """A JSON object that has these fields, each of its type."""
    found = json_of(text, where)
    if not isinstance(found, dict):
        raise Fault("refused", where, "it is no JSON object")
    for name, kind in shape.items():
        if not isinstance(found.get(name), kind) or isinstance(found.get(name), bool):
            raise Fault("refused", where, f"its field {name} is not what it should be")
    return found


def canonical_bytes(value: Any) -> bytes:
    """RFC 8785 form, for strings, whole numbers, booleans, lists, and objects with ASCII keys."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("utf-8")


def pointed(value: Any, pointer: str) -> Any:
    """What a JSON Pointer (RFC 6901) names. `LookupError` where it names nothing."""
    for step in pointer.split("/")[1:]:
        step = step.replace("~1", "/").replace("~0", "~")
        if isinstance(value, list) and step.isdigit() and len(step) < 8:
            value = value[int(step)]
        elif isinstance(value, dict):
            value = value[step]
        else:
            raise LookupError(pointer)
    return value


Say = Callable[[str], None]
