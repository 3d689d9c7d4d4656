"""RFC 3161: seals are stamped by an authority made of `openssl ts`, and `openssl ts -verify` holds what was kept."""
from __future__ import annotations

import base64
import shutil
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from asn1crypto import cms
from desk import ACTOR, DESK, OPEN, call, opening
from spine import file_url, until

from chassis.bus_local import LocalBus
from chassis.seals import hash_of
from chassis.service import build, migrate
from chassis.settings import Settings
from chassis.timestamps import Authority, NotStamped
from chassis.topics import topic_of

CONFIG = """
[req]
distinguished_name = name
prompt = no
[name]
CN = An authority of a test
[ca]
basicConstraints = critical, CA:TRUE
[stamping]
extendedKeyUsage = critical, timeStamping
[tsa]
default_tsa = at
[at]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/tsa.pem
certs = {folder}/ca.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
ess_cert_id_alg = sha256
"""


def openssl(*arguments: str, **more: Any) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["openssl", *arguments], capture_output=True, check=True, **more)


class Tsa:
    """An authority over HTTP. `refuses`: how often it answers 503 first."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.refuses, self.asked, self.answers_with = folder, 0, 0, b""
        (folder / "tsa.cnf").write_text(CONFIG.format(folder=folder))
        (folder / "serial").write_text("01\n")
        config, new = str(folder / "tsa.cnf"), ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
        openssl("req", "-x509", *new, "-config", config, "-extensions", "ca", "-keyout", f"{folder}/ca.key", "-out", f"{folder}/ca.pem",
                "-subj", "/CN=A root of a test")
        openssl("req", *new, "-config", config, "-keyout", f"{folder}/tsa.key", "-out", f"{folder}/tsa.csr")
        openssl("x509", "-req", "-in", f"{folder}/tsa.csr", "-CA", f"{folder}/ca.pem", "-CAkey", f"{folder}/ca.key", "-CAcreateserial",
                "-extfile", config, "-extensions", "stamping", "-out", f"{folder}/tsa.pem", "-days", "2")

    @property
    def ca(self) -> Path:
        return self.folder / "ca.pem"

    def answer(self, query: bytes) -> bytes:
        (self.folder / "query.tsq").write_bytes(query)
        openssl("ts", "-reply", "-config", str(self.folder / "tsa.cnf"), "-queryfile", f"{self.folder}/query.tsq", "-out",
                f"{self.folder}/reply.tsr")
        return (self.folder / "reply.tsr").read_bytes()


@pytest.fixture(scope="module")
def tsa(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Tsa, str]]:
    """The authority and its address on loopback."""
    assert shutil.which("openssl"), "this test makes an authority of openssl: install it"
    made = Tsa(tmp_path_factory.mktemp("tsa"))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            made.asked += 1
            query = self.rfile.read(int(self.headers["content-length"]))
            if made.refuses > 0:
                made.refuses -= 1
                self.send_error(503)
                return
            body = made.answers_with or made.answer(query)
            self.send_response(200)
            self.send_header("content-type", "application/timestamp-reply")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Nothing on the screen of a test."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    yield made, f"http://127.0.0.1:{server.server_port}/tsa"
    server.shutdown()
    serving.join()
    server.server_close()


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
    asked = Authority(url, authority.ca)
    token = cms.ContentInfo.load(base64.b64decode(asked.stamp("ab" * 32)))
    asked.check(token, "ab" * 32)
    with pytest.raises(NotStamped, match="imprint is of something else"):
        asked.check(token, "cd" * 32)
    with pytest.raises(NotStamped, match="nonce is another's"):
        asked.check(token, "ab" * 32, 1)
    (tmp_path / "other").mkdir()
    with pytest.raises(NotStamped, match="does not lead to"):
        Authority(url, Tsa(tmp_path / "other").ca).check(token, "ab" * 32)
    broken = cms.ContentInfo.load(token.dump())
    broken["content"]["signer_infos"][0]["signature"] = bytes(70)
    with pytest.raises(NotStamped, match="signature is not of its certificate"):
        asked.check(broken, "ab" * 32)


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
