"""Personal fields: AES-256-GCM, one key a subject and purpose, wrapped by a master key. Destroying a key erases the fields."""
from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from chassis.decide import Refused

if TYPE_CHECKING:
    from chassis.database import Database

TABLES = (
    "CREATE TABLE IF NOT EXISTS vault_key (tenant TEXT NOT NULL, subject TEXT NOT NULL, purpose TEXT NOT NULL, wrapped {bytes}, "
    "PRIMARY KEY (tenant, subject, purpose))",
    "CREATE TABLE IF NOT EXISTS vault_constant (name TEXT PRIMARY KEY, wrapped {bytes} NOT NULL)",
)
KEPT = 4096


class Vault:
    """`subject` is empty for text of no subject. A destroyed key leaves a row with no `wrapped`, so that it is never made again."""

    def __init__(self, database: Database, master: bytes) -> None:
        self._database, self._master = database, AESGCM(master)
        self._open: dict[tuple[str, str, str], AESGCM] = {}
        self._mac_key: bytes | None = None
        self.destroyed: list[Callable[[], None]] = []
        """Called when keys were destroyed: what was opened with them is to be forgotten."""

    def seal(self, tenant: str, subject: str, purpose: str, plain: bytes, bound_to: bytes) -> bytes:
        """Nonce and ciphertext. `bound_to` is authenticated with it. `Refused` if the subject's key was destroyed."""
        nonce = os.urandom(12)
        try:
            return nonce + self._key((tenant, subject, purpose), make=True).encrypt(nonce, plain, bound_to)
        except KeyError:
            raise Refused("SUBJECT_ERASED", "this person's data was erased: nothing more can be recorded about them") from None

    def open(self, tenant: str, subject: str, purpose: str, sealed: bytes, bound_to: bytes) -> bytes | None:
        """The plain bytes, or None where the key was destroyed."""
        try:
            return self._key((tenant, subject, purpose), make=False).decrypt(sealed[:12], sealed[12:], bound_to)
        except KeyError:
            return None

    def mac(self, kind: str, value: str) -> str:
        """A digest of a personal value under a key that never changes, for claims."""
        if self._mac_key is None:
            self._mac_key = self._constant("claims")
        return hmac.new(self._mac_key, f"{kind}\0{value}".encode(), hashlib.sha256).hexdigest()

    def destroy(self, tenant: str, subject: str) -> int:
        """Destroy every key of a subject; the number of keys there were."""
        with self._database.transaction() as tx:
            gone = tx.execute("UPDATE vault_key SET wrapped = NULL WHERE tenant = %s AND subject = %s AND wrapped IS NOT NULL "
                              "RETURNING purpose", (tenant, subject))
        self._open = {at: key for at, key in self._open.items() if at[:2] != (tenant, subject)}
        for forget in self.destroyed:
            forget()
        return len(gone)

    def _key(self, at: tuple[str, str, str], *, make: bool) -> AESGCM:
        if (key := self._open.get(at)) is not None:
            return key
        wrapped = self._stored(at, make=make)
        if wrapped is None:
            raise KeyError("the key is destroyed, or never was")
        if len(self._open) >= KEPT:
            self._open.clear()
        self._open[at] = key = AESGCM(self._unwrap(wrapped, repr(at).encode()))
        return key

    def _stored(self, at: tuple[str, str, str], *, make: bool) -> bytes | None:
        where = "SELECT wrapped FROM vault_key WHERE tenant = %s AND subject = %s AND purpose = %s"
        with self._database.reading() as tx:
            rows = tx.execute(where, at)
        if not rows and make:
            with self._database.transaction() as tx:
                tx.execute("INSERT INTO vault_key (tenant, subject, purpose, wrapped) VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
                           (*at, self._wrap(AESGCM.generate_key(256), repr(at).encode())))
                rows = tx.execute(where, at)
        return rows[0]["wrapped"] if rows else None

    def _constant(self, name: str) -> bytes:
        find = "SELECT wrapped FROM vault_constant WHERE name = %s"
        with self._database.transaction() as tx:
            if not tx.execute(find, (name,)):
                tx.execute("INSERT INTO vault_constant (name, wrapped) VALUES (%s, %s) ON CONFLICT DO NOTHING",
                           (name, self._wrap(os.urandom(32), name.encode())))
            return self._unwrap(tx.execute(find, (name,))[0]["wrapped"], name.encode())

    def _wrap(self, key: bytes, bound_to: bytes) -> bytes:
        nonce = os.urandom(12)
        return nonce + self._master.encrypt(nonce, key, bound_to)

    def _unwrap(self, wrapped: bytes, bound_to: bytes) -> bytes:
        try:
            return self._master.decrypt(wrapped[:12], wrapped[12:], bound_to)
        except InvalidTag:
            raise ValueError("the master key is not the one that wrapped this database's keys") from None
