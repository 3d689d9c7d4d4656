"""Whether an append may pass: one pure function over what the writer found under the lock."""
from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from chassis.decide import Take
from chassis.erasure import Erased
from chassis.log import Append


class Verdict(Enum):
    """PASSED; REPEATED: the id is known with the same digest; REUSED: with another; MOVED: something read has changed;
    ERASED: something in it is sealed for a subject that is erased."""

    PASSED = "passed"
    REPEATED = "repeated"
    REUSED = "reused"
    MOVED = "moved"
    ERASED = "erased"


@dataclass
class Standing:
    """What holds under the lock; `judge` keeps it true as the group's appends pass one after another."""

    versions: dict[str, int] = field(default_factory=dict)
    answers: dict[str, tuple[bytes, bytes]] = field(default_factory=dict)
    owners: dict[tuple[str, str, str], str] = field(default_factory=dict)
    erased: set[Erased] = field(default_factory=set)


def judge(append: Append, standing: Standing) -> Verdict:
    """The verdict; where it is PASSED, `standing` is what holds after the append."""
    if known := standing.answers.get(append.id):
        return Verdict.REPEATED if known[0] == append.digest else Verdict.REUSED
    if any(standing.versions.get(stream, 0) != version for stream, version in append.versions.items()):
        return Verdict.MOVED
    if any(standing.owners.get(at) != owner for at, owner in append.owners.items()):
        return Verdict.MOVED
    if not _free(append, standing):
        return Verdict.MOVED
    if standing.erased & append.sealed_for:
        return Verdict.ERASED
    _pass(append, standing)
    return Verdict.PASSED


def _free(append: Append, standing: Standing) -> bool:
    """Whether each claim that is taken is nobody's, or its taker's: another's take in the same append counts."""
    owners: dict[tuple[str, str, str], str | None] = {}
    for tenant, claim in append.claims:
        at = (tenant, claim.kind, claim.key)
        if isinstance(claim, Take) and owners.get(at, standing.owners.get(at)) not in (None, claim.owner):
            return False
        owners[at] = claim.owner if isinstance(claim, Take) else None
    return True


def _pass(append: Append, standing: Standing) -> None:
    standing.answers[append.id] = (append.digest, append.answer)
    for event in append.events:
        standing.versions[event.stream] = event.sequence
    standing.erased.update(append.erases)
    for tenant, claim in append.claims:
        at = (tenant, claim.kind, claim.key)
        if isinstance(claim, Take):
            standing.owners[at] = claim.owner
        else:
            standing.owners.pop(at, None)
