"""Ed25519 signatures (RFC 8032), checked without any library; by `cryptography`, too, where it is there."""
from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import Any

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)
Point = tuple[int, int, int, int]
"""Extended coordinates (X, Y, Z, T): x = X/Z, y = Y/Z, x·y = T/Z."""
ZERO: Point = (0, 1, 1, 0)


def _add(a: Point, b: Point) -> Point:
    e, f = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    g, h = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    k, m, n, o = f - e, h - g, h + g, f + e
    return k * m % P, n * o % P, m * n % P, k * o % P


def _double(a: Point) -> Point:
    x, y, z = a[0] * a[0] % P, a[1] * a[1] % P, 2 * a[2] * a[2] % P
    h = x + y
    e, g = h - (a[0] + a[1]) ** 2 % P, x - y
    f = z + g
    return e * f % P, g * h % P, f * g % P, e * h % P


def _point(text: bytes) -> Point | None:
    """A point from its 32 bytes; None where they are the form of none."""
    y, odd = int.from_bytes(text, "little") & ((1 << 255) - 1), text[31] >> 7
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if (x * x - square) % P or (x == 0 and odd):
        return None
    if x & 1 != odd:
        x = P - x
    return x, y, 1, x * y % P


def _bytes_of(a: Point) -> bytes:
    inverse = pow(a[2], P - 2, P)
    x, y = a[0] * inverse % P, a[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def _is_small(a: Point) -> bool:
    """Whether it is of an order that divides 8: then it would sign anything."""
    for _ in range(3):
        a = _double(a)
    return a[0] % P == 0 and (a[1] - a[2]) % P == 0


def _base() -> Point:
    found = _point(bytes([0x58]) + bytes([0x66]) * 31)
    assert found is not None
    return found


BASE = _base()


Multiples = list[list[Point]]
"""For each of 64 digits of four bits, the sixteen multiples of a point that it may stand for: then a product is 64 additions."""


def _multiples(a: Point) -> Multiples:
    found = []
    for _ in range(64):
        row = [ZERO]
        for _ in range(15):
            row.append(_add(row[-1], a))
        found.append(row)
        a = _add(row[-1], a)
    return found


def _times(n: int, of: Multiples) -> Point:
    found = ZERO
    for row in of:
        if n & 15:
            found = _add(found, row[n & 15])
        n >>= 4
    return found


@lru_cache(maxsize=1)
def _of_base() -> Multiples:
    return _multiples(BASE)


@lru_cache(maxsize=16)
def _of_key(key: bytes) -> Multiples | None:
    """Of a key's point, negated; None where it is no key. A source has one key for years of seals."""
    a = _point(key)
    return None if a is None or _is_small(a) else _multiples((P - a[0], a[1], a[2], P - a[3]))


def signed(key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether `signature` (64 bytes) is that of the message under `key` (32 bytes).

    A point of small order, and an S that is not below the group's order, are refused: with them one signature makes others.
    """
    if len(key) != 32 or len(signature) != 64:
        return False
    of_key, s = _of_key(key), int.from_bytes(signature[32:], "little")
    if of_key is None or s >= ORDER:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % ORDER
    r = _add(_times(s, _of_base()), _times(k, of_key))
    if _bytes_of(r) != signature[:32] or _is_small(r):
        return False
    library = _library()
    return library is None or _signed_by_library(library, key, message, signature)


def _library() -> Any:
    try:
        from cryptography.hazmat.primitives.asymmetric import ed25519 as found
    except ImportError:
        return None
    return found


def _signed_by_library(library: Any, key: bytes, message: bytes, signature: bytes) -> bool:
    try:
        library.Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except Exception:  # the library has one of its own for a wrong signature
        return False
    return True


def fingerprint(key: bytes) -> str:
    """How people compare keys: the first 16 hexadecimal digits of its SHA-256, in groups of four."""
    digits = hashlib.sha256(key).hexdigest()[:16]
    return " ".join(digits[at:at + 4] for at in range(0, 16, 4))
