"""The suite's own issuer of tokens: an Ed25519 key made at first start, readable by its owner only."""
from __future__ import annotations

import base64
import hashlib
import os
import secrets
import stat
import time
import uuid
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat, load_pem_private_key

from chassis.settings import OWN_ISSUER

HOURS = 12


class Issuer:
    """Mints bearer tokens; `jwks()` is what verifies them."""

    def __init__(self, key: Ed25519PrivateKey, audience: str = "percorso") -> None:
        self._key, self._audience = key, audience
        self._public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.kid = hashlib.sha256(self._public).hexdigest()[:16]

    @classmethod
    def at(cls, path: Path, audience: str = "percorso") -> Issuer:
        """The issuer whose key is in this file, made if there is none. `ValueError` if others may read the file, or it is no such key."""
        if not path.exists():
            _make(path)
        if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise ValueError(f"{path} can be read by others: chmod 600 it")
        key = load_pem_private_key(path.read_bytes(), None)
        if not isinstance(key, Ed25519PrivateKey):
            raise ValueError(f"{path} holds no Ed25519 key")
        return cls(key, audience)

    def mint(self, *, role: str, tenant: str, org: str, sub: str, ttl: float = HOURS * 3600, operator: str | None = None) -> str:
        """A token for `ttl` seconds. `operator`: the operator's id, where it is not made from `sub`."""
        now = int(time.time())
        claims: dict[str, Any] = {"iss": OWN_ISSUER, "aud": self._audience, "sub": sub, "iat": now, "exp": now + int(ttl),
                                  "jti": str(uuid.uuid4()), "role": role, "tenant": tenant, "org": org}
        return jwt.encode(claims | ({"operator": operator} if operator else {}), self._key, "EdDSA", headers={"kid": self.kid})

    def jwks(self) -> dict[str, Any]:
        """The public key as a JSON Web Key Set."""
        x = base64.urlsafe_b64encode(self._public).rstrip(b"=").decode()
        return {"keys": [{"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": self.kid, "x": x}]}


def _make(path: Path) -> None:
    """Written beside and linked, so that two first starts end with one key."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    try:
        os.link(beside, path)
    except FileExistsError:
        pass
    finally:
        beside.unlink()
