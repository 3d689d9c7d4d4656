"""A fact on the wire: the stored bytes, and behind them what the relay adds; and the chain that a trail is (`design.md` 5, 7)."""
from __future__ import annotations

import hashlib
import re
from typing import NamedTuple

from chassis.canonical import canonical

_MARK = b',"incarnation":'
_ADDED = re.compile(rb',"incarnation":"([1-9]\d*)","position":"([1-9]\d*)","after":"(\d+)","trailnumber":"([1-9]\d*)",'
                    rb'"trailhash":"([0-9a-f]{64})"\}')


GREATEST = 2**63 - 1


class Added(NamedTuple):
    """What the relay adds. `after` is the position of the previous record of the partition, 0 for the first."""

    incarnation: int
    position: int
    after: int
    trailnumber: int
    trailhash: str


class Unreadable(ValueError):
    """The bytes do not end as the relay ends them."""


def joined(stored: bytes, added: Added) -> bytes:
    """The value of a record: the stored bytes without their last `}`, then what the relay adds."""
    return b"".join((stored[:-1], (f',"incarnation":"{added.incarnation}","position":"{added.position}","after":"{added.after}",'
                                   f'"trailnumber":"{added.trailnumber}","trailhash":"{added.trailhash}"}}').encode()))


def parted(value: bytes) -> tuple[bytes, Added]:
    """The stored bytes, and what the relay added: cut at the last `,"incarnation":`. Raises `Unreadable`."""
    at = value.rfind(_MARK)
    found = _ADDED.fullmatch(value, at) if at > 0 else None
    if found is None:
        raise Unreadable("the value does not end with incarnation, position, after, trailnumber and trailhash")
    *numbers, head = found.groups()
    incarnation, position, after, number = map(int, numbers)
    if max(incarnation, position, after, number) > GREATEST:
        raise Unreadable(f"incarnation, position, after and trailnumber are {GREATEST} at most")
    return value[:at] + b"}", Added(incarnation, position, after, number, head.decode())


def trail_start(service: str, incarnation: int, tenant: str, programme: str) -> bytes:
    """h0 of a trail; `programme` is empty for the trail of none."""
    return hashlib.sha256(canonical(["percorso-trail-1", service, incarnation, tenant, programme])).digest()


def trail_next(head: bytes, number: int, position: int, stored: bytes) -> bytes:
    """h of fact `number`: SHA-256(head, number, position, SHA-256(stored bytes)), the two numbers 8 bytes big-endian."""
    return hashlib.sha256(b"".join((head, number.to_bytes(8, "big"), position.to_bytes(8, "big"),
                                    hashlib.sha256(stored).digest()))).digest()
