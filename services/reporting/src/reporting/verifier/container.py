"""The archive: a plain tar of regular files, read here by hand, so that no stranger's archive decides what is done."""
from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from reporting.verifier.fault import Fault

BLOCK = 512
END = bytes(2 * BLOCK)
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


def header(name: str, size: int) -> bytes:
    """The one form of a file's header: its name, at most 100 ASCII characters, and its size; nothing of who wrote it or when."""
    fields = [(name.encode("ascii"), 100), (b"0000644\0", 8), (b"0000000\0", 8), (b"0000000\0", 8), (b"%011o\0" % size, 12),
              (b"%011o\0" % 0, 12), (b" " * 8, 8), (b"0", 1), (b"", 100), (b"ustar\x0000", 8), (b"", 247)]
    if any(len(value) > most for value, most in fields):
        raise ValueError(f"{name} does not fit into a tar header")
    made = b"".join(value.ljust(most, b"\0") for value, most in fields)
    return made[:148] + b"%06o\0 " % sum(made) + made[156:]


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
        found = file.read(BLOCK)
        if found == bytes(BLOCK):
            _nothing_after(file)
            return
        if len(found) < BLOCK:
            raise Fault("cut off", f"byte {at}", "the archive ends without its end mark")
        member = _member(found, at)
        end = member.offset + member.size
        if end > whole:
            raise Fault("cut off", member.name, "the archive ends in the middle of this file")
        file.seek(end)
        if file.read(-end % BLOCK).strip(b"\0"):
            raise Fault("inserted", member.name, "something stands between its end and the next file")
        yield member
        at = end + -end % BLOCK


def _nothing_after(file: BinaryIO) -> None:
    """Behind the end mark there are zeros only: what else there is, nothing has checked."""
    at = file.tell()
    while chunk := file.read(1 << 20):
        if chunk.strip(b"\0"):
            raise Fault("inserted", f"byte {at}", "something stands behind the end of the archive")
        at += len(chunk)


def _member(found: bytes, at: int) -> Member:
    if found[257:262] != b"ustar":
        why = "it is compressed; unpack it first" if found[:2] in (b"\x1f\x8b", b"PK", b"BZ") else "it is no plain tar"
        raise Fault("refused", f"byte {at}", why)
    unsigned = sum(found[:148]) + 8 * 32 + sum(found[156:])
    if _octal(found[148:156]) != unsigned:
        raise Fault("changed", f"byte {at}", "the header of a file of the archive does not add up")
    kind = found[156:157]
    if kind not in (b"0", b"\0"):
        raise Fault("refused", f"byte {at}", f"the archive holds {KINDS.get(kind, 'something')} that is no plain file")
    name = found[:100].rstrip(b"\0").decode("ascii", "replace")
    if not NAME.fullmatch(name) or found[345:500].strip(b"\0"):
        raise Fault("refused", f"byte {at}", "a name in the archive is none that a bundle has")
    size = _octal(found[124:136])
    if size > MOST_SIZE:
        raise Fault("refused", name, f"it is larger than {MOST_SIZE} bytes")
    if found != header(name, size):
        raise Fault("changed", name, "its header says something else than a name and a size")
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

