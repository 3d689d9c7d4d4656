"""RFC 3161: seals are stamped by an authority made of `openssl ts`, and `openssl ts -verify` holds what was kept."""
from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import orjson
import pytest
from asn1crypto import cms
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID
from desk import ACTOR, DESK, OPEN, call, opening
from spine import file_url, until
from spine.tsa import Tsa, openssl, served

from chassis.bus_local import LocalBus
from chassis.seals import hash_of
from chassis.service import build, migrate
from chassis.settings import Settings
from chassis.timestamps import Authority, NotStamped, check, check_kept, roots_in
from chassis.topics import topic_of


@pytest.fixture(scope="module")
def tsa(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Tsa, str]]:
    with served(tmp_path_factory.mktemp("tsa")) as made:
        yield made


async def test_a_seal_is_stamped_after_an_outage_of_the_authority_and_openssl_verifies_it(tsa: tuple[Tsa, str], tmp_path: Path) -> None:
    authority, url = tsa
    authority.refuses = 1
    settings = Settings(service="desk", database_url=file_url(tmp_path, "desk"), bus=f"local://{tmp_path}/bus.sqlite",
                        issuer_key_file=tmp_path / "issuer.pem", master_key=bytes(32), actor_key=bytes(32), seal_key=bytes(32),
                        tsa_url=url, tsa_ca_file=authority.ca)
    LocalBus(str(tmp_path / "bus.sqlite")).create(topic_of("desk"))
    migrate(DESK, settings)
    service = build(DESK, settings)
    await service.start("relay")
    try:
        await service.executor.carry_out(OPEN, opening(), ACTOR, call())
        await until(lambda: [entry.name for entry in service.log.read(0, 10)] == [
            "desk.TicketOpened.v1", "desk.TrailSealed.v1", "desk.SealTimestamped.v1"])
        assert await service.sealer.seal(service.place(), "bari") is not None
        _, seal, stamp = service.log.read(0, 10)  # none more: a seal and its stamp are nothing to seal
    finally:
        await service.stop()
    said = orjson.loads(stamp.parts.fact)["data"]
    assert (said["digest"], said["authority"], authority.refuses) == (hash_of(seal.parts.fact), "127.0.0.1", 0)
    (tmp_path / "token.der").write_bytes(base64.b64decode(said["token"]))
    (tmp_path / "seal.json").write_bytes(seal.parts.fact)
    verified = openssl("ts", "-verify", "-in", str(tmp_path / "token.der"), "-token_in", "-data", str(tmp_path / "seal.json"), "-CAfile",
                       str(authority.ca))
    assert b"Verification: OK" in verified.stdout + verified.stderr


def test_a_token_of_something_else_or_of_another_authority_is_not_kept(tsa: tuple[Tsa, str], tmp_path: Path) -> None:
    authority, url = tsa
    kept, roots = Authority(url, authority.ca).stamp("ab" * 32), roots_in(authority.ca)
    check_kept(kept, "ab" * 32, roots)
    token = cms.ContentInfo.load(base64.b64decode(kept))
    with pytest.raises(NotStamped, match="imprint is of something else"):
        check(token, "cd" * 32, roots)
    with pytest.raises(NotStamped, match="nonce is another's"):
        check(token, "ab" * 32, roots, 1)
    (tmp_path / "other").mkdir()
    with pytest.raises(NotStamped, match="does not lead to"):
        check(token, "ab" * 32, roots_in(Tsa(tmp_path / "other").ca))
    broken = cms.ContentInfo.load(token.dump())
    broken["content"]["signer_infos"][0]["signature"] = bytes(70)
    with pytest.raises(NotStamped, match="signature is not of its certificate"):
        check(broken, "ab" * 32, roots)


@pytest.mark.parametrize("kept", ["?", "", "AAAA", "MAMCAQI="])
def test_what_is_no_token_is_not_taken_for_one(kept: str) -> None:
    with pytest.raises(NotStamped):
        check_kept(kept, "ab" * 32, ())


def another_certificate(authority: Tsa, usage: x509.ObjectIdentifier, ends: datetime) -> bytes:
    """Of the same key, serial number and issuer: DER."""
    key, made = (x509.load_pem_x509_certificate((authority.folder / name).read_bytes()) for name in ("tsa.pem", "ca.pem"))
    signer = load_pem_private_key((authority.folder / "ca.key").read_bytes(), None)
    assert isinstance(signer, ec.EllipticCurvePrivateKey)
    another = x509.CertificateBuilder(made.subject, key.subject, key.public_key(), key.serial_number, ends - timedelta(days=9), ends)
    return another.add_extension(x509.ExtendedKeyUsage([usage]), critical=True).sign(signer, SHA256()).public_bytes(Encoding.DER)


@pytest.mark.parametrize(("usage", "days", "why"), [
    (ExtendedKeyUsageOID.TIME_STAMPING, 1, None), (ExtendedKeyUsageOID.CODE_SIGNING, 1, "without a certificate for time stamping"),
    (ExtendedKeyUsageOID.TIME_STAMPING, -1, "was not in force")])
def test_a_certificate_that_is_not_for_time_stamping_or_not_in_force_stamps_nothing(
        usage: x509.ObjectIdentifier, days: int, why: str | None, tsa: tuple[Tsa, str]) -> None:
    authority, url = tsa
    token = cms.ContentInfo.load(base64.b64decode(Authority(url).stamp("ab" * 32)))
    der = another_certificate(authority, usage, datetime.now(UTC) + timedelta(days=days))
    token["content"]["certificates"] = cms.CertificateSet([cms.CertificateChoices("certificate", asn1.Certificate.load(der))])
    with pytest.raises(NotStamped, match=why) if why else nullcontext():
        check_kept(base64.b64encode(token.dump(force=True)).decode(), "ab" * 32, roots_in(authority.ca))


@pytest.mark.parametrize("body", [b"nothing", b"0\x03\x02\x01\x02"])
def test_an_answer_that_is_no_stamp_is_not_kept(body: bytes, tsa: tuple[Tsa, str]) -> None:
    authority, url = tsa
    authority.answers_with = body
    try:
        with pytest.raises(NotStamped):
            Authority(url).stamp("ab" * 32)
    finally:
        authority.answers_with = b""


def test_an_authority_that_is_away_is_an_error_of_the_connection() -> None:
    with pytest.raises(httpx.HTTPError):
        Authority("http://127.0.0.1:9/tsa").stamp("ab" * 32)
