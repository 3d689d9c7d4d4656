"""Signatures, checked without any library: RFC 8032, section 7.1; and what it does not say in vectors."""
from __future__ import annotations

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from reporting.verifier import ed25519
from reporting.verifier.ed25519 import ORDER, signed

VECTORS = json.loads((Path(__file__).parent / "rfc8032.json").read_text())
SMALL = [one.to_bytes(32, "little") for one in (0, 1, 2**255 - 20)] + [bytes.fromhex(
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")]
"""Points of order 4, 1, 2 and 8."""


@pytest.fixture(params=["alone", "with cryptography"])
def library(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "alone":
        monkeypatch.setattr(ed25519, "_library", lambda: None)


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize("vector", VECTORS, ids=["1", "2", "3", "1024", "SHA(abc)"])
def test_the_vectors_of_rfc_8032_hold_and_no_other_message_key_or_signature_does(vector: dict[str, str]) -> None:
    key, message, signature = (bytes.fromhex(vector[name]) for name in ("key", "message", "signature"))
    assert signed(key, message, signature)
    assert not signed(key, message + b"!", signature)
    assert not signed(bytes.fromhex(next(other["key"] for other in VECTORS if other is not vector)), message, signature)
    assert not signed(key, message, signature[:31] + bytes([signature[31] ^ 1]) + signature[32:])
    assert not signed(key, message, signature[:40] + bytes([signature[40] ^ 1]) + signature[41:])


@pytest.mark.usefixtures("library")
def test_an_s_beyond_the_group_s_order_makes_no_second_signature() -> None:
    key, message, signature = (bytes.fromhex(VECTORS[1][name]) for name in ("key", "message", "signature"))
    larger = int.from_bytes(signature[32:], "little") + ORDER
    assert not signed(key, message, signature[:32] + larger.to_bytes(32, "little"))


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize("point", SMALL, ids=["4", "1", "2", "8"])
def test_a_key_of_small_order_signs_nothing(point: bytes) -> None:
    assert not signed(point, b"anything", point + bytes(32))
    assert not signed(bytes.fromhex(VECTORS[0]["key"]), b"anything", point + bytes(32))


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize("key", [b"\xff" * 32, (2**255 - 19).to_bytes(32, "little"), b"\x02" + bytes(31), b"", b"k" * 31])
def test_what_is_no_point_is_no_key(key: bytes) -> None:
    assert not signed(key, b"", bytes(64))


def test_it_agrees_with_the_library_on_signatures_of_any_length(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ed25519, "_library", lambda: None)
    for n in range(12):
        key = Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32)
        message = bytes(range(n * 17))
        assert signed(key.public_key().public_bytes_raw(), message, key.sign(message))
