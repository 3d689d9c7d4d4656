"""Where exactly two tellings of a trail part: what a log holds, and a witness whose telling comes to the head that is known."""
from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import NamedTuple

import orjson

from percorso.trails.chain import LINK
from percorso.trails.faults import Broken, Kind


class Told(NamedTuple):
    """One fact as it is told: its position, its stored bytes."""

    position: int
    stored: bytes


class Found(NamedTuple):
    what: Kind
    position: int
    why: str


def first_difference(here: Iterable[Told], there: Iterable[Told], witness: str, begun: bool) -> Found | None:
    """Both of one trail, in order of position, after the last fact that is known to be good; `begun`: there is one."""
    mine, theirs = iter(here), iter(there)
    own, other = next(mine, None), next(theirs, None)
    while own is not None and other is not None and own == other:
        own, other = next(mine, None), next(theirs, None)
    if own is None and other is None:
        return None
    if other is None or (own is not None and own.position < other.position):
        assert own is not None
        return Found("inserted", own.position, f"{witness} has no fact at this position")
    if own is None or own.position > other.position:
        what: Kind = "cut off" if own is None and begun else "missing"
        return Found(what, other.position, f"{witness} has a fact here, {_type(other)}")
    return _other_bytes(own, other, next(mine, None), next(theirs, None), witness)


def _other_bytes(own: Told, other: Told, mine: Told | None, theirs: Told | None, witness: str) -> Found:
    if mine and theirs and own.stored == theirs.stored and mine.stored == other.stored:
        return Found("reordered", own.position, f"{witness} has the two facts from here the other way round")
    if mine and mine.stored == other.stored:
        return Found("inserted", own.position, f"{witness} has what follows it in its place, {_type(other)}")
    if theirs and theirs.stored == own.stored:
        return Found("missing", other.position, f"{witness} has a fact before it here, {_type(other)}")
    return Found("changed", own.position, f"{witness} has other bytes here, {_type(other)}")


def comes_to(broken: Broken, telling: Iterable[Told]) -> bool:
    """Whether a witness's telling, from the last good fact on, comes to the head that is known."""
    number, _, head = broken.good
    for one in telling:
        number += 1
        head = sha256(LINK(head, number, one.position, sha256(one.stored).digest())).digest()
        if number == broken.known[0]:
            return head == broken.known[1]
    return False


def told(facts: Iterable[tuple[int, bytes]]) -> Iterator[Told]:
    return (Told(position, stored) for position, stored in facts)


def _type(one: Told) -> str:
    try:
        return f"a {orjson.loads(one.stored)['type']}"
    except (ValueError, KeyError):
        return "not a fact"
