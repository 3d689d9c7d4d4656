"""Facts that say what is summed up: each must be what a figure is of, lest one be there that nothing explains."""
from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from reporting.verifier.chain import Checked
from reporting.verifier.fault import Fault, Trail


class Owed:
    """A bit a fact of the programme's trails, so that a million of them take little room."""

    def __init__(self, checked: Sequence[Checked]) -> None:
        self._checked = [one for one in checked if one.owed]
        self._explained = {one.trail: bytearray(one.number // 8 + 1) for one in checked if one.trail.own}

    def explain(self, of: Iterable[tuple[str, int, int]]) -> None:
        """Source, incarnation and number of facts that figures are of."""
        for source, incarnation, number in of:
            self._explained[Trail(source, incarnation, True)][number // 8] |= 1 << number % 8

    def check(self) -> None:
        for one in self._checked:
            explained = self._explained[one.trail]
            for number in _numbers(one.owed, one.first[0]):
                if not explained[number // 8] >> number % 8 & 1:
                    raise Fault("missing", f"{one.trail}, number {number}", "what this fact says is summed up, and no figure is of it")


def _numbers(bits: int, first: int) -> Iterator[int]:
    while bits:
        lowest = bits & -bits
        yield first + lowest.bit_length() - 1
        bits ^= lowest
