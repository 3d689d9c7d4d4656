"""A service's settings, from the environment: `<SERVICE>_PORT` before `PERCORSO_PORT`; any of them also from a file, `…_FILE`."""
from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from pydantic import BeforeValidator, Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

OWN_ISSUER = "percorso"
"""The name under which the suite issues tokens itself."""
_NESTED = {"peers"}


class SettingsWrong(Exception):
    """The settings cannot be used; its text says, a line each, which and why."""


def _key(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return base64.b64decode(value.strip(), validate=True)
    except binascii.Error:
        raise ValueError("is not base64") from None


def _seed(value: Any) -> Any:
    """A signing key as its 32-byte seed."""
    if not isinstance(value, str):
        return value
    try:
        if "PRIVATE KEY" in value:
            key = load_pem_private_key(value.strip().encode(), None)
            return key.private_bytes_raw() if isinstance(key, Ed25519PrivateKey) else b""
        return bytes.fromhex(value.strip()) if len(value.strip()) == 64 else base64.b64decode(value.strip(), validate=True)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise ValueError("is neither the PEM of an Ed25519 private key nor its 32 bytes in base64 or hexadecimal") from None


Key = Annotated[bytes, BeforeValidator(_key), Field(min_length=32, max_length=32)]
"""32 bytes, base64 in the environment."""
SigningKey = Annotated[bytes, BeforeValidator(_seed), Field(min_length=32, max_length=32)]
"""An Ed25519 private key: PEM, or its 32-byte seed in base64 or hexadecimal."""


class Settings(BaseSettings):
    """What a service is told. `Settings.load(service)` reads the environment; tests and all-in-one pass the values."""

    model_config = SettingsConfigDict(extra="forbid", frozen=True)

    service: str = ""
    database_url: str = Field(pattern=r"^(sqlite|postgresql)://", repr=False)
    """`sqlite:///path` or `postgresql://user:password@host:port/name`."""
    bus: str = Field(pattern=r"^(local://.*|kafka://[^?]+(\?(tls=no|mechanism=PLAIN)(&(tls=no|mechanism=PLAIN))?)?)$", repr=False)
    """`local:///path/bus.sqlite` or `kafka://[user:password@]host:port[?tls=no][&mechanism=PLAIN]`."""
    peers: dict[str, str] = {}
    """The base URL of each other service, as JSON: asked only for a name that must be printed."""
    issuer: str = OWN_ISSUER
    audience: str = "percorso"
    jwks: str | None = None
    """Where the issuer's public keys are: a URL or a file."""
    issuer_key_file: Path | None = None
    """The private key of the suite's own issuer; made at first start."""
    master_key: Key = Field(repr=False)
    """Wraps the keys of personal data."""
    master_key_before: Key | None = Field(default=None, repr=False)
    """The key that `master_key` replaces, until all is wrapped by the new one: what it wrapped is opened too (`rewrap.py`)."""
    actor_key: Key = Field(repr=False)
    """Makes operators' pseudonyms and the digests of requests; never changes."""
    seal_key: SigningKey | None = Field(default=None, repr=False)
    """Signs the seals of this service's trails; whoever speaks needs it (`run.py`). Kept in no database, shown in no log."""
    seal_key_before: SigningKey | None = Field(default=None, repr=False)
    """The key that `seal_key` replaced: it vouches for the new one once."""
    tsa_url: str | None = Field(default=None, pattern=r"^https?://")
    """An RFC 3161 time-stamping authority: each seal is stamped by it."""
    tsa_ca_file: Path | None = None
    """PEM: the certificates that a stamp must lead to."""
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    clock: Literal["wall", "scenario"] = "wall"
    grant_to: str | None = None
    """PostgreSQL: the role that the service runs as, where the migration runs as another."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @model_validator(mode="after")
    def _keys_are_known(self) -> Self:
        if not self.jwks and not (self.issuer == OWN_ISSUER and self.issuer_key_file):
            raise ValueError("JWKS must name the URL or the file of the issuer's public keys")
        if self.clock == "scenario" and self.issuer != OWN_ISSUER:
            raise ValueError(f"CLOCK=scenario is only for the suite's own issuer, {OWN_ISSUER}")
        return self

    @classmethod
    def settings_customise_sources(cls, settings_cls: type[BaseSettings], init_settings: PydanticBaseSettingsSource,
                                   *_: Any, **__: Any) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)

    @classmethod
    def load(cls, service: str, env: Mapping[str, str] | None = None, **given: Any) -> Self:
        """From the environment; `SettingsWrong` where something is missing or not usable. No value is ever repeated in its text."""
        found: dict[str, Any] = {"service": service}
        for prefix in ("PERCORSO_", f"{service.upper()}_"):
            found |= _found(prefix, cls.model_fields, os.environ if env is None else env)
        try:
            return cls(**found | given)
        except ValidationError as wrong:
            raise SettingsWrong("\n".join(_sentence(e) for e in wrong.errors(include_input=False, include_url=False))) from None


def _found(prefix: str, fields: Mapping[str, Any], env: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for field in fields:
        name = prefix + field.upper()
        if file := env.get(f"{name}_FILE"):
            try:
                found[field] = Path(file).read_text("utf-8").strip()
            except (OSError, UnicodeDecodeError) as wrong:
                raise SettingsWrong(f"{name}_FILE: {file} cannot be read ({type(wrong).__name__})") from None
        elif value := env.get(name):
            found[field] = _object(name, value) if field in _NESTED else value
    return found


def _object(name: str, value: str) -> Any:
    import json

    try:
        return json.loads(value)
    except ValueError:
        raise SettingsWrong(f"{name} is not a JSON object") from None


def _sentence(error: Any) -> str:
    why = error["msg"].removeprefix("Value error, ")
    return "PERCORSO_" + "_".join(str(at).upper() for at in error["loc"]) + f": {why}" if error["loc"] else why
