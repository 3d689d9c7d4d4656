"""The archive: a plain tar of regular files, read here by hand, so that no stranger's archive decides what is done."""
from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from reporting.verifier.fault import Fault

BLOCK = 512
MOST_MEMBERS = 50_000
MOST_SIZE = 16 << 20
"""Bytes of one file of the archive: larger ones are cut into several by who exports."""
NAME = re.compile(r"(?:[A-Za-z0-9][A-Za-z0-9._-]*/)*[A-Za-z0-9][A-Za-z0-9._-]*")
KINDS = {b"1": "a hard link", b"2": "a link", b"3": "a device", b"4": "a device", b"5": "a folder", b"6": "a pipe"}


class Member(NamedTuple):
    """One file: where its bytes begin in the archive, and how many they are."""

    name: str
    offset: int
    size: int


def members(path: str) -> dict[str, Member]:
    """The files of an archive by name. `Fault` for one that is no plain tar, or holds what a bundle does not."""
    found: dict[str, Member] = {}
    with open(path, "rb") as file:
        for member in _members(file, os.fstat(file.fileno()).st_size):
            if member.name in found:
                raise Fault("refused", member.name, "two files of the archive have this name")
            if len(found) == MOST_MEMBERS:
                raise Fault("refused", path, f"it holds more than {MOST_MEMBERS} files")
            found[member.name] = member
    return found


def _members(file: BinaryIO, whole: int) -> Iterator[Member]:
    at = 0
    while True:
        file.seek(at)
        header = file.read(BLOCK)
        if header == bytes(BLOCK):
            _nothing_after(file)
            return
        if len(header) < BLOCK:
            raise Fault("cut off", f"byte {at}", "the archive ends without its end mark")
        member = _member(header, at)
        if member.offset + member.size > whole:
            raise Fault("cut off", member.name, "the archive ends in the middle of this file")
        yield member
        at = member.offset + (member.size + BLOCK - 1) // BLOCK * BLOCK


def _nothing_after(file: BinaryIO) -> None:
    """Behind the end mark there are zeros only: what else there is, nothing has checked."""
    at = file.tell()
    while chunk := file.read(1 << 20):
        if chunk.strip(b"\0"):
            raise Fault("inserted", f"byte {at}", "something stands behind the end of the archive")
        at += len(chunk)


def _member(header: bytes, at: int) -> Member:
    if header[257:262] != b"ustar":
        why = "it is compressed; unpack it first" if header[:2] in (b"\x1f\x8b", b"PK", b"BZ") else "it is no plain tar"
        raise Fault("refused", f"byte {at}", why)
    unsigned = sum(header[:148]) + 8 * 32 + sum(header[156:])
    if _octal(header[148:156]) != unsigned:
        raise Fault("changed", f"byte {at}", "the header of a file of the archive does not add up")
    kind = header[156:157]
    if kind not in (b"0", b"\0"):
        raise Fault("refused", f"byte {at}", f"the archive holds {KINDS.get(kind, 'something')} that is no plain file")
    name = header[:100].rstrip(b"\0").decode("ascii", "replace")
    if not NAME.fullmatch(name) or header[345:500].strip(b"\0"):
        raise Fault("refused", f"byte {at}", "a name in the archive is none that a bundle has")
    size = _octal(header[124:136])
    if size > MOST_SIZE:
        raise Fault("refused", name, f"it is larger than {MOST_SIZE} bytes")
    return Member(name, at + BLOCK, size)


def _octal(digits: bytes) -> int:
    text = digits.strip(b" \0")
    if not re.fullmatch(rb"[0-7]{1,11}", text):
        raise Fault("refused", "the archive", "a number in a header is none")
    return int(text, 8)


def read_member(path: str, member: Member) -> bytes:
    with open(path, "rb") as file:
        file.seek(member.offset)
        return file.read(member.size)

