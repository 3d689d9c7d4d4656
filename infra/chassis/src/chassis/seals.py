"""The signature of a seal: what is signed, by which key, and how one key follows another (`design.md` 7). Ed25519, RFC 8032."""
from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from chassis.canonical import canonical

SEALED, STAMPED = "TrailSealed.v1", "SealTimestamped.v1"


class SealKey:
    """A service's signing key, from its 32-byte seed. What it shows of itself is its public half."""

    def __init__(self, seed: bytes) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self.public = self._private.public_key().public_bytes_raw().hex()

    def __repr__(self) -> str:
        return f"SealKey({fingerprint(self.public)})"

    def sign(self, message: bytes) -> str:
        """64 bytes, hexadecimal."""
        return self._private.sign(message).hex()


def seal_message(service: str, tenant: str, seal: Mapping[str, Any]) -> bytes:
    """What a seal's signature is over; `seal` is the payload of its fact."""
    heads: Sequence[Mapping[str, Any]] = seal["heads"]
    return canonical(["percorso-seal-1", service, tenant, seal["number"], seal["seal_id"], seal.get("previous") or "",
                      seal.get("previous_hash") or "", seal["incarnation"], seal["position"],
                      [[head.get("programme") or "", head["number"], head["head"]] for head in heads]])


def key_message(service: str, key: str) -> bytes:
    """What the key before signs of the one that follows it."""
    return canonical(["percorso-seal-key-1", service, key])


def is_signed(service: str, tenant: str, seal: Mapping[str, Any]) -> bool:
    """Whether the seal's signature is that of the key it names."""
    try:
        return verifies(seal["key"], seal["signature"], seal_message(service, tenant, seal))
    except (KeyError, TypeError, AttributeError):
        return False


def is_endorsed(service: str, key: str, by: str, endorsement: str | None) -> bool:
    """Whether the key `by` vouches for `key` as the one that follows it."""
    return endorsement is not None and verifies(by, endorsement, key_message(service, key))


def verifies(key: str, signature: str, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(bytes.fromhex(signature), message)
    except (InvalidSignature, ValueError):
        return False
    return True


def fingerprint(key: str) -> str:
    """The first 16 hexadecimal digits of the SHA-256 of a public key, in groups of four, to be read aloud and printed."""
    digits = hashlib.sha256(bytes.fromhex(key)).hexdigest()[:16]
    return " ".join(digits[at:at + 4] for at in range(0, 16, 4))


def hash_of(stored: bytes) -> str:
    """By which the next seal, and a time stamp, name a seal: the SHA-256 of its stored bytes, hexadecimal."""
    return hashlib.sha256(stored).hexdigest()
