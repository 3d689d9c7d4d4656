"""Personal fields: AES-256-GCM, one key a subject and purpose, wrapped by a master key. Destroying the keys erases the fields."""
from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from chassis import erasure
from chassis.errors import Shut
from chassis.master import Master

if TYPE_CHECKING:
    from chassis.database import Database

TABLES = (
    "CREATE TABLE IF NOT EXISTS vault_key (tenant TEXT NOT NULL, subject TEXT NOT NULL, purpose TEXT NOT NULL, wrapped {bytes}, "
    "PRIMARY KEY (tenant, subject, purpose))",
    "CREATE TABLE IF NOT EXISTS vault_constant (name TEXT PRIMARY KEY, wrapped {bytes} NOT NULL)",
)
KEPT = 4096


class Vault:
    """`subject` is empty for text of no subject. `before` is the master key that `master` replaces. `shut` says why nothing is sealed or
    opened now (`Shut`); None where it is.

    `erasures` counts what this process knows of: what was opened before one it did not know of is not to be kept.
    """

    def __init__(self, database: Database, master: bytes, before: bytes | None = None) -> None:
        self._database, self._master = database, Master(master, before)
        self._open: dict[tuple[str, str, str], AESGCM] = {}
        self._mac_key: bytes | None = None
        self.shut: str | None = None
        self.erasures = 0
        self.destroyed: list[Callable[[], None]] = []
        """Called when keys were destroyed: what was opened with them is to be forgotten."""

    def seal(self, tenant: str, subject: str, purpose: str, plain: bytes, bound_to: bytes) -> bytes:
        """Nonce and ciphertext. `bound_to` is authenticated with it. `Refused` where the subject was erased."""
        nonce = os.urandom(12)
        try:
            return nonce + self._key((tenant, subject, purpose), make=True).encrypt(nonce, plain, bound_to)
        except KeyError:
            raise erasure.refused() from None

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

    def check(self) -> None:
        """`WrongMaster` where the master key is not the one that wrapped this database's keys: what it sealed would be lost with it.

        The first and the last key: a rotation begins with the one, and ends with the other and the constants.
        """
        ends = ("SELECT tenant, subject, purpose, wrapped FROM vault_key WHERE wrapped IS NOT NULL "
                "ORDER BY tenant {0}, subject {0}, purpose {0} LIMIT 1")
        with self._database.reading() as tx:
            constants = tx.execute("SELECT name, wrapped FROM vault_constant")
            keys = [row for end in ("ASC", "DESC") for row in tx.execute(ends.format(end))]
        for row in constants:
            self._master.unwrap(row["wrapped"], constant_bound((row["name"],)))
        for row in keys:
            self._master.unwrap(row["wrapped"], key_bound((row["tenant"], row["subject"], row["purpose"])))

    def look(self) -> None:
        """Forget what was opened, here, where any process of the service has erased somebody since the last look."""
        with self._database.reading() as tx:
            known = erasure.count(tx)
        if known != self.erasures:
            self.erasures, self._open = known, {}
            for forget in self.destroyed:
                forget()

    def _key(self, at: tuple[str, str, str], *, make: bool) -> AESGCM:
        if self.shut:
            raise Shut(self.shut)
        opened = self._open  # what is read before an erasure goes where `look` has left it
        if (key := opened.get(at)) is not None:
            return key
        wrapped = self._stored(at, make=make)
        if wrapped is None:
            raise KeyError("the key is destroyed, or never was")
        if len(opened) >= KEPT:
            opened.clear()
        opened[at] = key = AESGCM(self._master.unwrap(wrapped, key_bound(at)))
        return key

    def _stored(self, at: tuple[str, str, str], *, make: bool) -> bytes | None:
        where = "SELECT wrapped FROM vault_key WHERE tenant = %s AND subject = %s AND purpose = %s"
        with self._database.reading() as tx:
            rows = tx.execute(where, at)
        if not rows and make:
            with self._database.transaction() as tx:
                if erasure.may_have_keys(tx, *at[:2]):
                    tx.execute("INSERT INTO vault_key (tenant, subject, purpose, wrapped) VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
                               (*at, self._master.wrap(AESGCM.generate_key(256), key_bound(at))))
                    rows = tx.execute(where, at)
        return rows[0]["wrapped"] if rows else None

    def _constant(self, name: str) -> bytes:
        find = "SELECT wrapped FROM vault_constant WHERE name = %s"
        with self._database.transaction() as tx:
            if not tx.execute(find, (name,)):
                tx.execute("INSERT INTO vault_constant (name, wrapped) VALUES (%s, %s) ON CONFLICT DO NOTHING",
                           (name, self._master.wrap(os.urandom(32), constant_bound((name,)))))
            return self._master.unwrap(tx.execute(find, (name,))[0]["wrapped"], constant_bound((name,)))


def key_bound(at: Sequence[str]) -> bytes:
    """What the wrapped key of (tenant, subject, purpose) is bound to."""
    return repr(tuple(at)).encode()


def constant_bound(at: Sequence[str]) -> bytes:
    """What the wrapped constant of (name,) is bound to."""
    return at[0].encode()
