"""What every service's log says of itself, in the trail of none of each tenant."""
from __future__ import annotations

from contracts.classes import Code, Digest, Id, PublicKey, Signature, TimeToken, Whole
from contracts.envelope import Fact, Part


class Head(Part):
    """The head of one trail: the number of its last fact, its hash. Without a programme: the trail of none."""

    number: Whole
    head: Digest
    programme: Code | None = None


class TrailSealed(Fact):
    """All heads of a source and tenant as of a position that its relay had spoken (sigillo). Source: `design.md` 7.

    Seals are numbered 1, 2, … in each source and tenant; `previous` and `previous_hash` are the id of the seal before and the SHA-256
    of its stored bytes, absent for the first. `signature` is Ed25519 under `key`, over the RFC 8785 form of ["percorso-seal-1",
    service, tenant, number, seal_id, previous or "", previous_hash or "", incarnation, position, [[programme or "", number, head], …]];
    `endorsement`, in the first seal under a new key, is that of the key before over ["percorso-seal-key-1", service, key].
    """

    log_id: Code
    seal_id: Id
    incarnation: Whole
    position: Whole
    heads: list[Head]
    previous: Id | None = None
    number: Whole | None = None
    previous_hash: Digest | None = None
    key: PublicKey | None = None
    signature: Signature | None = None
    endorsement: Signature | None = None


class SealTimestamped(Fact):
    """A time-stamping authority saw a seal (marca temporale): `digest` is the SHA-256 of the seal's stored bytes. Source: RFC 3161."""

    log_id: Code
    seal_id: Id
    digest: Digest
    token: TimeToken
    authority: Code


class LogReadmitted(Fact):
    """A new life of the log began after `position` (riammissione): its store had been set back. `heads` are those of the life before.

    Source: `design.md` 5.
    """

    log_id: Code
    incarnation: Whole
    position: Whole
    heads: list[Head]
