"""The public keys of the issuer (JWKS), from a URL, a file, or the suite's own issuer."""
from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import jwt

from chassis.issuer import Issuer
from chassis.settings import Settings
from chassis.web.problems import later

ALGORITHMS = ("EdDSA", "RS256", "ES256")
AGE = 3600.0
PAUSE = 15.0
"""Seconds between two looks for a key that is not known, so that forged key ids cost the issuer nothing."""
logger = logging.getLogger(__name__)


class Keys:
    """Read at first use, and again when a token names a key that is not there, or after an hour."""

    def __init__(self, where: str) -> None:
        self._where = where
        self._keys: dict[str, jwt.PyJWK] = {}
        self._read = self._tried = float("-inf")
        self._reading = asyncio.Lock()

    @classmethod
    def of(cls, settings: Settings) -> Keys:
        if settings.jwks:
            return cls(settings.jwks)
        assert settings.issuer_key_file is not None
        keys = cls("")
        keys._take(Issuer.at(settings.issuer_key_file).jwks())
        return keys

    async def find(self, header: Mapping[str, Any]) -> jwt.PyJWK:
        """The key that a token's header names. `InvalidTokenError` if there is none of that name and algorithm."""
        kid, algorithm = header.get("kid"), header.get("alg")
        if self._where and (kid not in self._keys or time.monotonic() - self._read > AGE):
            await self._refresh()
        key = self._keys.get(kid) if isinstance(kid, str) else None
        if key is None and kid is None and len(self._keys) == 1:
            key = next(iter(self._keys.values()))
        if key is None or algorithm not in ALGORITHMS or key.algorithm_name != algorithm:
            raise jwt.InvalidTokenError("no such key")
        return key

    async def _refresh(self) -> None:
        async with self._reading:
            if time.monotonic() - self._tried < PAUSE:
                return
            self._tried = time.monotonic()
            try:
                self._take(await self._fetched())
            except (OSError, ValueError, httpx.HTTPError, jwt.PyJWTError) as wrong:
                logger.warning("the issuer's keys cannot be read (%s)", type(wrong).__name__)
                if not self._keys:
                    self._tried = float("-inf")
                    raise later("ISSUER_AWAY", "the token cannot be checked: the issuer's keys cannot be read", 5) from None

    async def _fetched(self) -> Any:
        if not self._where.startswith(("https://", "http://")):
            return json.loads(Path(self._where.removeprefix("file://")).read_bytes())
        async with httpx.AsyncClient(timeout=5) as client:
            return (await client.get(self._where)).raise_for_status().json()

    def _take(self, jwks: Any) -> None:
        """Keep what can verify one of our algorithms; a symmetric key never can."""
        found: dict[str, jwt.PyJWK] = {}
        for jwk in jwks["keys"]:
            if jwk.get("kty") == "oct" or jwk.get("use", "sig") != "sig":
                continue
            try:
                key = jwt.PyJWK(jwk)
            except jwt.PyJWTError:
                continue
            if key.algorithm_name in ALGORITHMS:
                found[str(key.key_id or "")] = key
        self._keys, self._read = found, time.monotonic()
