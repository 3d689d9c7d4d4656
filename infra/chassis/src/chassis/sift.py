"""What becomes of a record: one pure function over what the hearing found under the lock (`design.md` 5, inbox and trouble)."""
from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import Enum

from chassis.coming import Came
from chassis.kept import KeptSeals


class Fate(Enum):
    HEARD = "heard"
    PASSED = "passed"
    """Counted by its offset only: nobody here lists its type."""
    PARKED = "parked"
    LINED = "lined up"
    """Behind a parked fact of its (source, key)."""
    REPEATED = "repeated"
    LEFT = "left"
    """Of a source that is stopped, or ahead of the clock: not taken, its offset neither."""


@dataclass
class Standing:
    """What holds under the lock; `sift` keeps it true as the records of a batch pass one after another."""

    last: dict[tuple[str, int], tuple[int, int]] = field(default_factory=dict)
    digests: dict[tuple[str, int, int], bytes] = field(default_factory=dict)
    lined: set[tuple[str, str]] = field(default_factory=set)
    odd: set[tuple[str, int, int]] = field(default_factory=set)
    """(topic id, partition, offset) of the parked records whose end cannot be read."""
    stopped: dict[str, str] = field(default_factory=dict)
    ahead: dict[str, str] = field(default_factory=dict)
    """Sources with a fact recorded later than the clock allows, and when it was."""
    seals: KeptSeals = field(default_factory=KeptSeals)


def sift(came: Came, standing: Standing, latest: str, keep_all: bool) -> Fate:
    """`latest`: the greatest `recorded` that is taken now. `keep_all`: unlisted types are kept too, for an archive."""
    if came.source in standing.stopped or came.source in standing.ahead:
        return Fate.LEFT
    if came.added is None:
        return _odd(came, standing)
    digest = hashlib.sha256(came.stored).digest()
    known = standing.digests.get((came.source, *came.place))
    if known is not None and known != digest:
        standing.stopped[came.source] = f"{came.source} {came.place[0]}/{came.place[1]} came again with other bytes"
        return Fate.LEFT
    if why := _missing(came, standing) or standing.seals.contradiction(came):
        standing.stopped[came.source] = why
        return Fate.LEFT
    if not came.why and came.fact["time"] > latest:
        standing.ahead[came.source] = came.fact["time"]
        return Fate.LEFT
    at = (came.source, came.record.partition)
    standing.last[at] = max(came.place, standing.last.get(at, (0, 0)))
    if known is not None:
        return Fate.REPEATED
    return _kept(came, standing, digest, keep_all)


def _missing(came: Came, standing: Standing) -> str | None:
    """Why records before this one of its partition never came, if so: its `after` is beyond the last one that did."""
    assert came.added is not None
    last = standing.last.get((came.source, came.record.partition), (0, 0))
    if came.place <= last:
        return None
    gap = came.added.after > last[1] if came.added.incarnation == last[0] else came.added.after != last[1]
    return (f"{came.source} {came.place[0]}/{came.place[1]} follows {came.added.after} in partition {came.record.partition}, "
            f"where {last[0]}/{last[1]} is the last that came: records are missing") if gap else None


def _kept(came: Came, standing: Standing, digest: bytes, keep_all: bool) -> Fate:
    at = (came.source, came.key)
    if not (came.why or came.listed or keep_all):
        return Fate.PASSED
    standing.digests[came.source, *came.place] = digest
    if at in standing.lined:
        return Fate.LINED
    if came.why:
        standing.lined.add(at)
        return Fate.PARKED
    return Fate.HEARD


def _odd(came: Came, standing: Standing) -> Fate:
    at = (came.record.topic_id, came.record.partition, came.record.offset)
    if at in standing.odd:
        return Fate.REPEATED
    standing.odd.add(at)
    standing.lined.add((came.source, came.key))
    return Fate.PARKED
