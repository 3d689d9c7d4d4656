"""What is measured: a rate against a baseline's, in rounds that alternate; or a size against a bound."""
from __future__ import annotations

import gc
import statistics
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from percorso.suite import SERVICES

Round = Callable[[], Awaitable[float]]
"""One round of work; what it reached, a second."""


@dataclass(frozen=True)
class Sizes:
    """How much is done. `SMALL` only shows that every row runs."""

    rounds: int = 7
    pads: int = 12
    """Row 1, of each of 32 callers: pads of eight notes a round."""
    baseline_pads: int = 2
    requests: int = 40
    """Row 2: requests of each of 32 connections a round."""
    baseline_requests: int = 8
    pages: int = 2
    """Row 3: pages of 1,000 facts a round; the baseline speaks `baseline_facts`."""
    baseline_facts: int = 600
    cases: int = 12
    """Row 4: cases of 300 facts a round; the baseline hears `baseline_heard` of them."""
    baseline_heard: int = 150
    hearings: int = 3
    verified: int = 200_000
    """Row 7: facts of the log that is verified a round."""
    bundle: int = 330
    """Row 6: how often the case happened, of 300 facts."""
    case: str = "case-002.yaml"
    services: Sequence[str] = SERVICES
    idle_seconds: float = 3.0
    rebuilt: int = 200_000
    """Rows 6 and 7: facts of a rebuild; `--facts` says another number. The library's runner projects `sample` of them."""
    sample: int = 3000
    rebuilds: int = 2
    arriving: int = 20_000
    """Row 8: facts, of which the second half is timed."""
    arrivals: int = 3
    opened: tuple[int, int] = (10_000, 200_000)
    """Row 9: facts stored when histories are opened; `openings` of them are timed with each."""
    openings: int = 1000


SMALL = Sizes(rounds=1, pads=1, baseline_pads=1, requests=8, pages=1, baseline_facts=50, cases=1, baseline_heard=10, hearings=1,
              case="other-figures.yaml", services=("intake",), idle_seconds=0.0, rebuilt=600, sample=60, rebuilds=1, verified=2_000,
              bundle=2, arriving=600, arrivals=1, opened=(300, 600), openings=40)


@dataclass(frozen=True)
class Ratio:
    """`pairs`: (ours, baseline) of each round. The ratio is the median of the rounds' ratios."""

    name: str
    unit: str
    wanted: float
    pairs: Sequence[tuple[float, float]]
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def ratio(self) -> float:
        return statistics.median(ours / theirs for ours, theirs in self.pairs)

    def cells(self) -> tuple[str, ...]:
        ratios = [ours / theirs for ours, theirs in self.pairs]
        ours, theirs = (statistics.median(side) for side in zip(*self.pairs, strict=True))
        return (self.name, f"{ours:,.0f} {self.unit}", f"{theirs:,.0f} {self.unit}", f"{_said(self.ratio)} x",
                f"{_said(min(ratios))} to {_said(max(ratios))}", f">= {self.wanted:g} x", verdict(self.ratio >= self.wanted))

    def plain(self) -> dict[str, Any]:
        return {"name": self.name, "unit": self.unit, "ratio": round(self.ratio, 2), "wanted": self.wanted, **self.more,
                "pairs": [[round(ours, 1), round(theirs, 1)] for ours, theirs in self.pairs]}


@dataclass(frozen=True)
class Size:
    """`mib` of each process; the greatest is held against the bound."""

    name: str
    wanted: float
    mib: Mapping[str, float]

    def cells(self) -> tuple[str, ...]:
        least, most = min(self.mib.values()), max(self.mib.values())
        of = f"{least:,.0f} to {most:,.0f}" if len(self.mib) > 1 else ""
        return self.name, f"{most:,.0f} MiB", "", "", of, f"<= {self.wanted:g} MiB", verdict(most <= self.wanted)

    def plain(self) -> dict[str, Any]:
        return {"name": self.name, "unit": "MiB", "wanted": self.wanted, "mib": {name: round(mib, 1) for name, mib in self.mib.items()}}


@dataclass(frozen=True)
class Tail:
    """The 99th percentile of two lists of times, in ms: with much there, held against that with little, and against a bound."""

    name: str
    wanted: float
    at_most: float
    little: Sequence[float]
    much: Sequence[float]
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def p99(self) -> tuple[float, float]:
        little, much = (statistics.quantiles(side, n=100)[98] for side in (self.little, self.much))
        return little, much

    def cells(self) -> tuple[str, ...]:
        little, much = self.p99
        met = much / little <= self.wanted and much <= self.at_most
        return (self.name, f"{much:,.1f} ms", f"{little:,.1f} ms", f"{much / little:.2f} x", "",
                f"<= {self.wanted:g} x, {self.at_most:g} ms", verdict(met))

    def plain(self) -> dict[str, Any]:
        little, much = self.p99
        return {"name": self.name, "unit": "ms", "p99": [round(little, 2), round(much, 2)], "wanted": [self.wanted, self.at_most],
                "median": [round(statistics.median(side), 2) for side in (self.little, self.much)], **self.more}


Row = Ratio | Size | Tail


def _said(ratio: float) -> str:
    return f"{ratio:.1f}" if ratio >= 1 else f"{ratio:.2f}"


def verdict(met: bool) -> str:
    return "met" if met else "missed"


async def paired(rounds: int, ours: Round, theirs: Round) -> list[tuple[float, float]]:
    """Rounds of both in turn, after one of each that does not count: what slows the machine down slows both."""
    if rounds > 1:
        await ours()
        await theirs()
    found = []
    for at in range(rounds):
        gc.collect()
        found.append((await ours(), await theirs()))
        sys.stderr.write(f"  round {at + 1} of {rounds}: {found[-1][0]:,.0f} against {found[-1][1]:,.0f}\n")
    return found
