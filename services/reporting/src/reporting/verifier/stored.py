"""Single facts of the trails, found again by their place, without keeping any in memory."""
from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable
from types import TracebackType
from typing import Any, NamedTuple

from reporting.verifier.chain import Checked, Line, line_of, position_of
from reporting.verifier.container import Member
from reporting.verifier.fault import Trail, json_of

PLACE = re.compile("([a-z][a-z0-9-]*)/([1-9][0-9]{0,8})/([1-9][0-9]{0,17})")
REMEMBERED = 256
NEAR = 4096
WINDOW = 12288


class Begun(NamedTuple):
    """Where a piece of a trail begins: number and position of its first fact; and the position of its last, `end`."""

    number: int
    position: int
    end: int
    member: Member


class Stored:
    """Looks facts up in trails that were checked."""

    def __init__(self, path: str, begun: dict[Trail, list[Begun]]) -> None:
        self._file = open(path, "rb")  # noqa: SIM115 (closed by the block)
        self._raw = open(path, "rb", buffering=0)  # noqa: SIM115 (the same)
        self._begun = begun
        self._numbers = {trail: [one.number for one in found] for trail, found in begun.items()}
        self._positions = {trail: [one.position for one in found] for trail, found in begun.items()}
        self.rules: set[tuple[str, str, str]] = set()
        """Rules that were found to be those of a reference: reference, place, pointer."""
        self._remembered: dict[str, Any] = {}

    def __enter__(self) -> Stored:
        return self

    def __exit__(self, kind: type | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self._file.close()
        self._raw.close()

    def fact(self, place: str) -> Any:
        """What a fact says, by its place `source/incarnation/position`. `LookupError` where it is not there, or only its digest."""
        found = self._remembered.get(place)
        if found is None:
            found = json_of(self.text(place), place)
            if len(self._remembered) >= REMEMBERED:
                self._remembered.clear()
            self._remembered[place] = found
        return found

    def text(self, place: str) -> bytes:
        """The bytes of its line."""
        said = PLACE.fullmatch(place)
        if said is None:
            raise LookupError(f"{place} is no place of a fact")
        for own in (True, False):
            trail = Trail(said[1], int(said[2]), own)
            found = self._find(trail, int(said[3]), by_number=False)
            if found is not None and not found.startswith(b'{"digest":'):
                return found
        raise LookupError(f"{place} is not in the bundle")

    def numbered(self, trail: Trail, number: int) -> Line | None:
        """The line of a number of a trail."""
        found = self._find(trail, number, by_number=True)
        return line_of(found) if found is not None else None

    def _find(self, trail: Trail, key: int, *, by_number: bool) -> bytes | None:
        """The line of a number, or of a position: where it should be, if they rise evenly, else by halves."""
        keys = (self._numbers if by_number else self._positions).get(trail)
        at = bisect_right(keys, key) - 1 if keys else -1
        if keys is None or at < 0:
            return None
        piece = self._begun[trail][at]
        if by_number:
            return self._search(piece.member, key, _number_of)
        return self._near(piece, key) or self._search(piece.member, key, position_of)

    def _near(self, piece: Begun, position: int) -> bytes | None:
        """The line of a position within a few lines of where it stands if positions rise evenly."""
        _, begins, ends, (_, offset, size) = piece
        begin = offset + max(0, min((position - begins) * size // (ends - begins + 1) - WINDOW // 2, size - WINDOW))
        self._raw.seek(begin)
        text = self._raw.read(min(WINDOW, size))
        at = text.rfind(b'"position":"%d","after":"' % position)
        first, last = text.rfind(b"\n", 0, at) + 1, text.find(b"\n", at)
        if at < 0 or last < 0 or (first == 0 and begin != offset):
            return None
        found = text[first:last]
        return found if position_of(found) == position else None

    def _search(self, member: Member, key: int, key_of: Callable[[bytes], int]) -> bytes | None:
        """By halves, to within a few lines; then one by one."""
        file, low, high = self._file, member.offset, member.offset + member.size
        while high - low > NEAR:
            file.seek((low + high) // 2)
            file.readline()
            begin = file.tell()
            if begin >= high:
                break
            text = file.readline()[:-1]
            found = key_of(text)
            if found == key:
                return text
            low, high = (file.tell(), high) if found < key else (low, begin)
        file.seek(low)
        while file.tell() < high:
            text = file.readline()[:-1]
            if key_of(text) == key:
                return text
        return None


def _number_of(text: bytes) -> int:
    found = line_of(text)
    return found.number if found else -1


def begun_of(checked: list[Checked]) -> dict[Trail, list[Begun]]:
    found: dict[Trail, list[Begun]] = {}
    for one in checked:
        found.setdefault(one.trail, []).append(Begun(*one.first, one.position, one.member))
    return found
