"""The three parts of a stored event, and the salt: `fact` as it will be spoken, `home` that stays, `sealed` ciphertext."""
from __future__ import annotations

import hashlib
import struct
from typing import NamedTuple

PLACEHOLDER = "0000-00-00T00:00:00.000000Z"
"""Stands in a fact's `time` until the writer fills it in: the same width."""
MOST = 256 * 1024
"""The largest fact, in bytes."""
_HEAD = struct.Struct(">BII")
_FORM = 1


class Parts(NamedTuple):
    fact: bytes
    home: bytes
    sealed: bytes
    salt: bytes


def pack(parts: Parts) -> bytes:
    """As stored: a form byte, two lengths, fact, home, 32 bytes of salt, sealed."""
    head = _HEAD.pack(_FORM, len(parts.fact), len(parts.home))
    return b"".join((head, parts.fact, parts.home, parts.salt, parts.sealed))


def unpack(state: bytes) -> Parts:
    form, fact, home = _HEAD.unpack_from(state)
    if form != _FORM:
        raise ValueError(f"a stored event of form {form} is not known to this version")
    a, b = _HEAD.size + fact, _HEAD.size + fact + home
    return Parts(state[_HEAD.size:a], state[a:b], state[b + 32:], state[b:b + 32])


def rest(home: bytes, sealed: bytes, salt: bytes) -> str:
    """SHA-256(salt, length of home in 8 bytes big-endian, home, sealed): what an envelope says of the parts that stay."""
    return hashlib.sha256(b"".join((salt, len(home).to_bytes(8, "big"), home, sealed))).hexdigest()


def stamp_at(fact: bytes) -> int:
    """Where the value of the envelope's `time` begins: it is the last of that name, since only `type` sorts after it."""
    return fact.rindex(b'"time":"') + 8


def stamped(fact: bytes, at: int, recorded: str) -> bytes:
    return fact[:at] + recorded.encode() + fact[at + len(PLACEHOLDER):]
