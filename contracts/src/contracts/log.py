"""What every service's log says of itself, in the trail of none of each tenant."""
from __future__ import annotations

from contracts.classes import Code, Digest, Id, Whole
from contracts.envelope import Fact, Part


class Head(Part):
    """The head of one trail: the number of its last fact, its hash. Without a programme: the trail of none."""

    number: Whole
    head: Digest
    programme: Code | None = None


class TrailSealed(Fact):
    """All heads of a source and tenant as of a position that its relay had spoken (sigillo). Source: `design.md` 7."""

    log_id: Code
    seal_id: Id
    incarnation: Whole
    position: Whole
    heads: list[Head]
    previous: Id | None = None


class LogReadmitted(Fact):
    """A new life of the log began after `position` (riammissione): its store had been set back. `heads` are those of the life before.

    Source: `design.md` 5.
    """

    log_id: Code
    incarnation: Whole
    position: Whole
    heads: list[Head]
