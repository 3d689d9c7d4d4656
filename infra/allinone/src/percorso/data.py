"""The data folder of an all-in-one: its keys, made at first start and readable by their owner only, and its SQLite files."""
from __future__ import annotations

import base64
import os
import secrets
import socket
import stat
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from chassis.issuer import Issuer
from percorso.errors import Sorry

DEFAULT = Path(".percorso/data")


@dataclass(frozen=True)
class Data:
    """What is in a data folder. `open_data` makes what is missing."""

    folder: Path
    master_key: bytes
    actor_key: bytes

    @property
    def issuer_key_file(self) -> Path:
        return self.folder / "keys" / "issuer.pem"

    @property
    def master_key_before(self) -> bytes | None:
        """The key that the master key replaces, as long as it lies beside it."""
        path = self.folder / "keys" / "master.key.before"
        return _key(path) if path.exists() else None

    @property
    def address_file(self) -> Path:
        """Where the running suite's address stands, for the other commands."""
        return self.folder / "address"

    def suite(self) -> str | None:
        """The address of the suite that runs over this folder, if one does: a killed one leaves its address behind."""
        address = self.address_file.read_text().strip() if self.address_file.exists() else ""
        at = urlsplit(address)
        try:
            socket.create_connection((at.hostname or "", at.port or 0), timeout=1).close()
        except OSError:
            return None
        return address

    def seal_key(self, service: str) -> bytes:
        """The key that signs a service's seals; made at first start."""
        return _key(self.folder / "keys" / f"{service}.seal.key")

    def database_url(self, service: str) -> str:
        return f"sqlite:///{self.folder / service}.sqlite"

    @property
    def bus(self) -> str:
        return f"local://{self.folder / 'bus.sqlite'}"

    def issuer(self) -> Issuer:
        return issuer_at(self.issuer_key_file)


def open_data(folder: Path, *, make: bool = True) -> Data:
    """The folder and its keys. `Sorry` if it is not there and is not to be made, or cannot be used."""
    folder = folder.resolve()
    if not make and not (folder / "keys").is_dir():
        raise Sorry(f"{folder} is no data folder of Percorso; `percorso run --data {folder}` makes one.")
    try:
        (folder / "keys").mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.chmod(0o700)
        data = Data(folder, _key(folder / "keys" / "master.key", folder), _key(folder / "keys" / "actor.key", folder))
        data.issuer()
    except OSError as e:
        raise Sorry(f"The data folder {folder} cannot be used: {e.strerror}.") from None
    return data


def issuer_at(path: Path) -> Issuer:
    try:
        return Issuer.at(path)
    except (ValueError, OSError) as e:
        raise Sorry(f"The issuer's key cannot be used: {e}.") from None


def _key(path: Path, needed_by: Path | None = None) -> bytes:
    """32 bytes, base64; written once, never in the place of one that what is in a folder was written with."""
    if not path.exists():
        if needed_by and any(needed_by.glob("*.sqlite")):
            raise Sorry(f"{path} is gone, and without it what is in this folder cannot be read: put it back from a backup.")
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(base64.b64encode(secrets.token_bytes(32)).decode() + "\n")
    if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise Sorry(f"{path} can be read by others: chmod 600 it.")
    try:
        key = base64.b64decode(path.read_text())
    except ValueError:
        key = b""
    if len(key) != 32:
        raise Sorry(f"{path} is no key of 32 bytes in base64: put it back from a backup.")
    return key
