"""One piece of a trail: its hashes, number by number; and what is wrong at the first fact that does not follow."""
from __future__ import annotations

import re
from binascii import hexlify
from collections.abc import Sequence
from hashlib import sha256
from struct import Struct
from typing import Any, NamedTuple

from reporting.verifier.container import Member, read_member
from reporting.verifier.fault import Fault, Trail, canonical_bytes, json_of, pointed

TAIL = re.compile(rb',"incarnation":"([1-9][0-9]{0,8})","position":"([1-9][0-9]{0,17})","after":"[0-9]{1,18}",'
                  rb'"trailnumber":"([1-9][0-9]{0,17})","trailhash":"([0-9a-f]{64})"\}')
IN_PLACE = re.compile(rb'\{"digest":"([0-9a-f]{64})","number":([1-9][0-9]{0,17}),"position":([1-9][0-9]{0,17}),'
                      rb'"trailhash":"([0-9a-f]{64})"\}')
"""What stands in the place of a fact that is not the bundle's own: the digest of its stored bytes."""
OF_SOME_PROGRAMME = re.compile(rb'"programme":"[^"]*","rest":"')
PAIR = Struct(">QQ").pack
"""Two numbers, 8 bytes big-endian each."""
ENVELOPE = 480
"""Bytes before `incarnation` in which source, tenant and programme are looked for."""
LAST = 1000
"""Bytes at the end of a piece in which the end of its last line is."""
OF_THE_LOG = (b".TrailSealed.v1", b".LogReadmitted.v1", b".SealTimestamped.v1")


class Piece(NamedTuple):
    """A piece to be checked, and what it is checked against. `before`: the piece that it follows.

    `sums`: type of a fact to the pointers whose values are summed up, of facts that occurred from `since` to `until`; each of these
    fields has a figure that is of it. Without a pointer their number is meant.
    """

    path: str
    trail: Trail
    member: Member
    digest: str
    before: Member | None
    tenant: str
    programme: str
    sums: dict[str, list[str]]
    since: str
    until: str


class Checked(NamedTuple):
    """What a piece holds, from `first` (number and position) to `number` at `position`. `head` is hexadecimal.

    `log`: (kind, position) of what the log says of itself. `types`: of facts as spoken. `owed`: the facts that figures must be of, a
    bit a number, from that of the first.
    """

    trail: Trail
    member: Member
    first: tuple[int, int]
    number: int
    position: int
    head: str
    facts: int
    in_place: int
    log: list[tuple[str, int]]
    types: frozenset[bytes]
    sums: dict[str, int]
    owed: int
    fault: tuple[str, str, str] | None


class Line(NamedTuple):
    """`end`: where the stored bytes end, without their last `}`; 0 where only a digest stands in the fact's place."""

    number: int
    position: int
    hash: bytes
    end: int
    digest: bytes


def position_of(text: bytes) -> int:
    """Of a line of a trail; -1 where it is none."""
    at = text.rfind(b',"incarnation":')
    found = TAIL.fullmatch(text, at) if at > 0 else None
    if found is not None:
        return int(found[2])
    found = IN_PLACE.fullmatch(text)
    return int(found[3]) if found else -1


def line_of(text: bytes) -> Line | None:
    """A line with the digest of what it stands for; None where it is none."""
    at = text.rfind(b',"incarnation":')
    found = TAIL.fullmatch(text, at) if at > 0 else None
    if found is not None:
        return Line(int(found[3]), int(found[2]), found[4], at, sha256(text[:at] + b"}").digest())
    found = IN_PLACE.fullmatch(text)
    return Line(int(found[2]), int(found[3]), found[4], 0, bytes.fromhex(found[1].decode())) if found else None


def start_of(trail: Trail, tenant: str, programme: str) -> bytes:
    return sha256(canonical_bytes(["percorso-trail-1", trail.source, trail.incarnation, tenant,
                                   programme if trail.own else ""])).digest()


def check_piece(piece: Piece) -> Checked:
    """Never raises a `Fault`, but brings it: pieces are checked side by side, and the first fault is the first in order."""
    try:
        return _Check(piece).run()
    except Fault as wrong:
        return Checked(piece.trail, piece.member, (0, 0), 0, 0, "", 0, 0, [], frozenset(), {}, 0, (wrong.kind, wrong.where, wrong.why))


class _Check:
    def __init__(self, piece: Piece) -> None:
        self.piece, self.trail = piece, piece.trail
        data = read_member(piece.path, piece.member)
        self.digest = sha256(data).hexdigest()
        self.lines = data.split(b"\n")
        if self.lines.pop() or not self.lines:
            raise Fault("cut off", piece.member.name, "it does not end with a whole line")
        self.marks = (b'"source":%s,' % canonical_bytes(self.trail.source), b'"tenant":%s,' % canonical_bytes(piece.tenant),
                      b'"programme":%s,"rest":"' % canonical_bytes(piece.programme))
        self.log: list[tuple[str, int]] = []
        self.types: set[bytes] = set()
        self.sums: dict[str, int] = {}
        self.owed = 0

    def run(self) -> Checked:
        piece, facts = self.piece, 0
        number, position, head = self._start()
        first = (0, 0)
        own, sums, (source, tenant, programme) = self.trail.own, frozenset(kind.encode() for kind in piece.sums), self.marks
        tail, begun, types = TAIL.fullmatch, sha256().copy, self.types  # a copy is made in half the time of a new one
        for n, text in enumerate(self.lines):
            at = text.rfind(b',"incarnation":')
            found = tail(text, at) if at > 0 else None
            if found is None:
                line = line_of(text)
                if line is None:
                    raise Fault("changed", f"{self.trail}, line after number {number}", "it is no fact as it was spoken")
                here, told, said, digest, at = line.number, line.position, line.hash, line.digest, 0
            else:
                _, place, numbered, said = found.groups()
                here, told, hashed = int(numbered), int(place), begun()
                hashed.update(text[:at] + b"}")
                digest = hashed.digest()
            hashed = begun()
            hashed.update(head + PAIR(here, told) + digest)
            followed = hashed.digest()
            if here != number + 1 or told <= position or hexlify(followed) != said:
                raise self._named(n, Line(here, told, said, at, digest), number, head)
            if not n:
                first = here, told
            number, position, head = here, told, followed
            if not at:
                continue
            facts += 1
            find, low = text.find, at - ENVELOPE if at > ENVELOPE else 0
            if not own or find(tenant, find(source, find(programme, low, at), at), at) < 0:
                self._check_place(text, text[low:at], told)
            kind = text[text.rfind(b'"', 0, at - 1) + 1:at - 1]
            types.add(kind)
            if kind in sums if own else kind.endswith(OF_THE_LOG):
                self._read(text, kind.decode(), told, n)
        if self.digest != piece.digest:
            raise Fault("changed", f"{self.trail.at(first[1])} to {self.trail.at(position)}",
                        f"{piece.member.name} is not as the manifest says, in what no hash of the trail covers")
        return Checked(self.trail, piece.member, first, number, position, head.hex(), facts, len(self.lines) - facts, self.log,
                       frozenset(types), self.sums, self.owed, None)

    def _start(self) -> tuple[int, int, bytes]:
        if self.piece.before is None:
            return 0, 0, start_of(self.trail, self.piece.tenant, self.piece.programme)
        end = self.piece.before._replace(offset=self.piece.before.offset + max(0, self.piece.before.size - LAST),
                                         size=min(self.piece.before.size, LAST))
        last = line_of(read_member(self.piece.path, end).rstrip(b"\n").rpartition(b"\n")[2])
        if last is None:  # the piece before will say what is wrong
            raise Fault("changed", self.piece.before.name, "its last line is no fact as it was spoken")
        return last.number, last.position, bytes.fromhex(last.hash.decode())

    def _named(self, at: int, line: Line, number: int, head: bytes) -> Fault:
        """What kind of fault it is that this line does not follow number `number`."""
        where, wanted = self.trail.at(line.position), number + 1
        after = line_of(self.lines[at + 1]) if at + 1 < len(self.lines) else None
        if line.number > wanted:
            if after is not None and after.number == wanted:
                return Fault("reordered", where, f"number {line.number} of its trail stands before number {wanted}")
            return Fault("missing", f"{self.trail}, number {wanted}", f"after it comes {where}, number {line.number}")
        if line.number < wanted:
            return Fault("inserted", where, f"number {line.number} of its trail comes again after number {number}")
        if after is not None and after.number == wanted and self._follows(after, head):
            return Fault("inserted", where, f"number {wanted} of its trail is there twice, and the other one follows number {number}")
        return Fault("changed", where, f"number {wanted} of its trail does not hash to what follows number {number}")

    @staticmethod
    def _follows(line: Line, head: bytes) -> bool:
        return hexlify(sha256(head + PAIR(line.number, line.position) + line.digest).digest()) == line.hash

    def _read(self, text: bytes, kind: str, position: int, at: int) -> None:
        if not self.trail.own:
            self.log.append((kind.split(".")[1], position))
        elif self._sum(kind, json_of(text, self.trail.at(position))):
            self.owed |= 1 << at

    def _check_place(self, text: bytes, part: bytes, position: int) -> None:
        """That it is a fact of this source, tenant and programme, by what its bytes mean."""
        source, tenant, _ = self.marks
        if not self.trail.own and source in part and tenant in part and OF_SOME_PROGRAMME.search(part) is None:
            return
        said = json_of(text, self.trail.at(position))
        wanted = self.piece.programme if self.trail.own else None
        if (said.get("source"), said.get("tenant"), said.get("programme")) != (self.trail.source, self.piece.tenant, wanted):
            raise Fault("inserted", self.trail.at(position), "it is a fact of another source, tenant or programme")

    def _sum(self, kind: str, said: Any) -> bool:
        """Whether a figure must be of it."""
        if not self.piece.since <= str(said.get("occurred")) <= self.piece.until:
            return False
        for pointer in self.piece.sums[kind]:
            try:
                value = pointed(said, pointer) if pointer else 1
            except LookupError:
                value = 0
            if not isinstance(value, int):
                raise Fault("figure not explained", f"{kind} {pointer}", "what is summed up is no whole number")
            self.sums[f"{kind} {pointer}"] = self.sums.get(f"{kind} {pointer}", 0) + value
        return any(self.piece.sums[kind])


def ordered(pieces: Sequence[Checked]) -> Sequence[Checked]:
    """By the numbers with which they begin."""
    return sorted(pieces, key=lambda one: one.first)
