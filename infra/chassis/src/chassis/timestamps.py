"""Time stamps of seals by an authority (RFC 3161, marca temporale): asked for over HTTP, checked, kept as facts; in the background."""
from __future__ import annotations

import asyncio
import base64
import hashlib
import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx
from asn1crypto import cms, tsp
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from chassis.execute import Executor
from chassis.saved import Place
from chassis.sealing import OwnSeals, Seal
from chassis.trail import say, timestamped

E = TypeVar("E", bound=x509.ExtensionType)
SECONDS = 10.0
LONGEST_CHAIN = 5
HASHES: dict[str, hashes.HashAlgorithm] = {"sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512()}


class NotStamped(Exception):
    """The authority's answer is no time stamp of what was asked; its text says why. Asked again later."""


Roots = Sequence[x509.Certificate]
"""What an authority's certificate must lead to; none: only what a token says is checked, not who signed it."""


class Authority:
    """A time-stamping authority. `ca_file`: PEM of the certificates that its own must lead to; without it only imprint and nonce are
    checked here, and an auditor checks the rest with `percorso trail verify --tsa-ca` or `openssl ts -verify`."""

    def __init__(self, url: str, ca_file: Path | None = None) -> None:
        self._url = url
        self.name = urlsplit(url).hostname or "authority"
        self._roots = roots_in(ca_file) if ca_file else []

    def stamp(self, digest: str) -> str:
        """The token for a SHA-256 (hexadecimal): DER in base64. `NotStamped`, `httpx.HTTPError`."""
        nonce = secrets.randbits(63)
        imprint = {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": bytes.fromhex(digest)}
        asked = tsp.TimeStampReq({"version": "v1", "message_imprint": imprint, "nonce": nonce, "cert_req": True})
        answer = httpx.post(self._url, content=asked.dump(), headers={"Content-Type": "application/timestamp-query"}, timeout=SECONDS)
        answer.raise_for_status()
        token = _token(answer.content)
        check(token, digest, self._roots, nonce)
        return base64.b64encode(token.dump()).decode()


def roots_in(ca_file: Path) -> list[x509.Certificate]:
    """The certificates of a PEM file; OSError, ValueError."""
    return x509.load_pem_x509_certificates(ca_file.read_bytes())


def check_kept(token: str, digest: str, roots: Roots) -> None:
    """The same as `check`, of a token as it is kept: DER in base64."""
    try:
        read = cms.ContentInfo.load(base64.b64decode(token, validate=True), strict=True)
    except ValueError:
        raise NotStamped("it is no RFC 3161 token") from None
    check(read, digest, roots)


def check(token: Any, digest: str, roots: Roots, nonce: int | None = None) -> None:
    """`NotStamped` where a token is not of this digest, not the answer to this nonce, or not of an authority that is trusted."""
    try:
        signed = token["content"]
        said = signed["encap_content_info"]["content"].parsed
        imprint = said["message_imprint"]
        if imprint["hash_algorithm"]["algorithm"].native != "sha256" or imprint["hashed_message"].native.hex() != digest:
            raise NotStamped("its message imprint is of something else")
        if nonce is not None and said["nonce"].native != nonce:
            raise NotStamped("its nonce is another's")
        if roots:
            _trusted(signed, said["gen_time"].native, roots)
    except (ValueError, TypeError, KeyError, AttributeError) as wrong:
        raise NotStamped(f"it is no RFC 3161 token ({type(wrong).__name__})") from None


def _trusted(signed: Any, at: datetime, roots: Roots) -> None:
    """Whether it is signed by a certificate for time stamping, in force then, that leads to one of the roots."""
    given = [x509.load_der_x509_certificate(one.chosen.dump()) for one in signed["certificates"]]
    signer = signed["signer_infos"][0]
    serial = signer["sid"].chosen["serial_number"].native
    leaf = next((one for one in given if one.serial_number == serial), None)
    usage = _extension(leaf, x509.ExtendedKeyUsage) if leaf else None
    if leaf is None or usage is None or ExtendedKeyUsageOID.TIME_STAMPING not in usage:
        raise NotStamped("it comes without a certificate for time stamping")
    if not leaf.not_valid_before_utc <= at <= leaf.not_valid_after_utc:
        raise NotStamped("its certificate was not in force when it was made")
    content = signed["encap_content_info"]["content"]
    _signed_by(leaf, signer, content.contents if content.contents is not None else content.parsed.dump())
    if not _leads(leaf, given, roots):
        raise NotStamped("its certificate does not lead to one that is trusted")


def _extension(one: x509.Certificate, kind: type[E]) -> E | None:
    with suppress(x509.ExtensionNotFound):
        return one.extensions.get_extension_for_class(kind).value
    return None


def _token(body: bytes) -> Any:
    try:
        answer = tsp.TimeStampResp.load(body)
        status = answer["status"]["status"].native
        if status not in ("granted", "granted_with_mods"):
            raise NotStamped(f"the authority answers {status}")
        token = answer["time_stamp_token"]
        return cms.ContentInfo.load(token.dump())
    except (ValueError, TypeError, KeyError) as wrong:
        raise NotStamped(f"the answer is no time-stamp response ({type(wrong).__name__})") from None


def _signed_by(leaf: x509.Certificate, signer: Any, content: bytes) -> None:
    name = signer["digest_algorithm"]["algorithm"].native
    attributes = {one["type"].native: one["values"] for one in signer["signed_attrs"]}
    if name not in HASHES or attributes["message_digest"][0].native != hashlib.new(name, content).digest():
        raise NotStamped("its signature is not over what it says")
    over, signature, key = signer["signed_attrs"].untag().dump(force=True), signer["signature"].native, leaf.public_key()
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, over, padding.PKCS1v15(), HASHES[name])
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, over, ec.ECDSA(HASHES[name]))
        else:
            raise NotStamped("its certificate has a key of a kind that is not known here")
    except InvalidSignature:
        raise NotStamped("its signature is not of its certificate") from None


def _leads(leaf: x509.Certificate, given: Sequence[x509.Certificate], roots: Roots) -> bool:
    at = leaf
    for _ in range(LONGEST_CHAIN):
        if any(at == root or _issued(at, root) for root in roots):
            return True
        above = next((one for one in given if one != at and _may_issue(one) and _issued(at, one)), None)
        if above is None:
            return False
        at = above
    return False


def _may_issue(one: x509.Certificate) -> bool:
    constraints = _extension(one, x509.BasicConstraints)
    return constraints is not None and constraints.ca


def _issued(one: x509.Certificate, by: x509.Certificate) -> bool:
    try:
        one.verify_directly_issued_by(by)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


class Stamper:
    """Has each seal stamped, after it was made; what fails is asked for again, by whoever calls `catch_up` again."""

    def __init__(self, executor: Executor, own: OwnSeals, place: Callable[[], Place], authority: Authority) -> None:
        self._executor, self._own, self._place, self._authority = executor, own, place, authority
        self._done: dict[str, int] = {}

    async def catch_up(self) -> None:
        for tenant in sorted({tenant for tenant, _ in self._place().trails}):
            newest = await asyncio.to_thread(self._own.newest, tenant)
            if newest is None or self._done.get(tenant) == newest.number:
                continue
            for one in await asyncio.to_thread(self._waiting, tenant, newest):
                token = await asyncio.to_thread(self._authority.stamp, one.hash)
                seal_id = one.data["seal_id"]
                await say(self._executor, timestamped, tenant, f"timestamp:{seal_id}", seal_id=seal_id, digest=one.hash, token=token,
                          authority=self._authority.name)
            self._done[tenant] = newest.number

    def _waiting(self, tenant: str, newest: Seal) -> list[Seal]:
        """The seals after the last that has a stamp; where none has, the newest: those before it are named by it."""
        stamped, waiting, after = self._own.tokens(tenant), list[Seal](), 0
        while page := self._own.page(tenant, after, 500):
            for one in page:
                waiting = [] if one.data["seal_id"] in stamped else [*waiting, one]
            after = page[-1].at
        return waiting if stamped else [newest]
