"""A time-stamping authority on loopback, made of `openssl ts`."""
from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

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


@contextmanager
def served(folder: Path) -> Iterator[tuple[Tsa, str]]:
    """The authority and its address on loopback."""
    assert shutil.which("openssl"), "this test makes an authority of openssl: install it"
    made = Tsa(folder)

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
