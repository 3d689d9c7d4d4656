"""What can be wrong with a bundle; and reading JSON from a stranger."""
from __future__ import annotations

import json
import re
import sys
from functools import lru_cache
from typing import Any, NamedTuple

MOST_DIGITS = 4000
INDEX = re.compile("0|[1-9][0-9]{0,6}")


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


LIMITED = hasattr(sys, "set_int_max_str_digits")
"""Whether Python itself refuses a number of very many digits, which take very long to read."""
DECODER = json.JSONDecoder(parse_float=_no_float, parse_constant=_no_float, parse_int=None if LIMITED else _whole_number)


def json_of(text: bytes, where: str) -> Any:
    """A JSON value without floats, not nested deeper than Python goes. `Fault` where it is not that."""
    try:
        said = text.decode("utf-8")
        found, end = DECODER.raw_decode(said)
        return found if end == len(said) else DECODER.decode(said)
    except RecursionError:
        raise Fault("refused", where, "its JSON is nested too deep") from None
    except ValueError as wrong:
        raise Fault("refused", where, f"it is no JSON that a bundle holds ({wrong})") from None


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
    for step in _steps(pointer):
        if type(value) is dict:
            value = value[step]
        elif type(value) is list and INDEX.fullmatch(step):
            value = value[int(step)]
        else:
            raise LookupError(pointer)
    return value


@lru_cache(maxsize=1024)
def _steps(pointer: str) -> tuple[str, ...]:
    steps = tuple(step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:])
    if pointer != "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in steps):
        raise LookupError(f"{pointer} is no JSON Pointer in its one form")
    return steps

