"""A plain tar (ustar), written as it goes: files of known size, nothing of who wrote them or when."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256

BLOCK = 512
END = bytes(2 * BLOCK)


def header(name: str, size: int) -> bytes:
    """`name` at most 100 ASCII characters."""
    fields = [(name.encode("ascii"), 100), (b"0000644\0", 8), (b"0000000\0", 8), (b"0000000\0", 8), (b"%011o\0" % size, 12),
              (b"%011o\0" % 0, 12), (b" " * 8, 8), (b"0", 1), (b"", 100), (b"ustar\x0000", 8), (b"", 247)]
    if any(len(value) > most for value, most in fields):
        raise ValueError(f"{name} does not fit into a tar header")
    made = b"".join(value.ljust(most, b"\0") for value, most in fields)
    return made[:148] + b"%06o\0 " % sum(made) + made[156:]


@dataclass
class Written:
    """What went into the archive: name, size and digest of each file."""

    files: list[dict[str, str | int]] = field(default_factory=list)

    def add(self, name: str, data: bytes) -> Iterator[bytes]:
        self.files.append({"name": name, "size": len(data), "sha256": sha256(data).hexdigest()})
        yield header(name, len(data))
        yield data + bytes(-len(data) % BLOCK)


@dataclass
class Lines:
    """Lines on their way into files of a thousand, or of 4 MiB."""

    written: Written
    name: str
    """Of a file, with a place for its number, from 1."""
    number: int = 0
    size: int = 0
    lines: list[bytes] = field(default_factory=list)
    MOST, MOST_BYTES = 1000, 4 << 20

    def add(self, line: bytes) -> Iterator[bytes]:
        self.lines.append(line)
        self.size += len(line) + 1
        if len(self.lines) >= self.MOST or self.size >= self.MOST_BYTES:
            yield from self.end()

    def end(self) -> Iterator[bytes]:
        """What is left."""
        if self.lines:
            self.number += 1
            yield from self.written.add(self.name.format(self.number), b"\n".join(self.lines) + b"\n")
            self.lines, self.size = [], 0
