"""A plain tar (ustar), written as it goes: files of known size, nothing of who wrote them or when."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256

from reporting.verifier.container import BLOCK, header


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
