"""The master key of a vault: it wraps the keys that seal, and unwraps them. AES-256-GCM, bound to what a key is of."""
from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from chassis.errors import Halted


class WrongMaster(Halted, ValueError):
    """The master key is not the one that wrapped a key: what that one sealed stays shut until an operator gives the right one."""


class Master:
    """`before`: another key by which what is stored may be wrapped, the one that this one replaces. Nothing more is wrapped by it."""

    def __init__(self, key: bytes, before: bytes | None = None) -> None:
        self._key = AESGCM(key)
        self._keys = (self._key, AESGCM(before)) if before else (self._key,)

    def wrap(self, key: bytes, bound_to: bytes) -> bytes:
        """Nonce and ciphertext."""
        nonce = os.urandom(12)
        return nonce + self._key.encrypt(nonce, key, bound_to)

    def unwrap(self, wrapped: bytes, bound_to: bytes) -> bytes:
        """By either key. `WrongMaster` where neither has wrapped it."""
        found = next((key for by in self._keys if (key := _by(by, wrapped, bound_to))), None)
        if found is None:
            raise WrongMaster("the master key is not the one that wrapped this database's keys")
        return found

    def opened(self, wrapped: bytes, bound_to: bytes) -> bytes | None:
        """By this key; None where it is not this one that has wrapped it."""
        return _by(self._key, wrapped, bound_to)


def _by(master: AESGCM, wrapped: bytes, bound_to: bytes) -> bytes | None:
    try:
        return master.decrypt(wrapped[:12], wrapped[12:], bound_to)
    except (InvalidTag, ValueError):
        return None
