"""The trails of one life of a log, computed again over the stored bytes, one fact after another; memory is one state a trail."""
from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from struct import Struct
from typing import NamedTuple

from chassis.wire import Added, trail_start
from percorso.trails.faults import Broken, Kind, Named, Trail
from percorso.trails.rows import TAIL, Digested, Key

LINK = Struct(">32sQQ32s").pack
"""Head before, number, position, digest: what the next head is the SHA-256 of."""
DIGESTS = Struct("32s").iter_unpack


class Tail(NamedTuple):
    """What the end of a fact says."""

    programme: bytes | None
    rest: bytes
    sequence: bytes
    source: bytes
    tenant: bytes
    time: bytes
    type: bytes


class Expected(NamedTuple):
    """A head that a trail must come to. `position`: as of which it was said, 0 where that is not known; `by`: who says so."""

    number: int
    head: bytes
    position: int
    by: str


class At:
    """Where a trail is. `want`: the number of the next head that is known of it; `good`: number, position, hash of the last that held;
    `limit`: the position up to which all of the trail was sealed."""

    __slots__ = ("good", "head", "limit", "number", "position", "waiting", "want")

    def __init__(self, head: bytes, waiting: Iterable[Expected]) -> None:
        self.number, self.position, self.head, self.limit, self.want = 0, 0, head, 0, 0
        self.good = (0, 0, head)
        self.waiting = deque(sorted(waiting))
        if self.waiting:
            self.want = self.waiting[0].number


class Chain:
    """`expected`: the heads that are known of the trails of this life. `sealed`: up to which position a tenant's seals name them all.
    `programme`: its trails alone are followed, and those of none."""

    def __init__(self, service: str, incarnation: int, expected: Mapping[Trail, Sequence[Expected]], sealed: Mapping[str, int],
                 programme: str | None = None) -> None:
        self.service, self.incarnation, self._sealed = service, incarnation, sealed
        self._only = programme.encode() if programme is not None else None
        self._expected = {trail: some for trail, some in expected.items() if programme is None or trail[1] in ("", programme)}
        self._source = service.encode()
        self._trails: dict[Key, At] = {}
        self._recorded = b""
        self.facts = self.octets = 0

    def take(self, position: int, stored: bytes) -> tuple[Tail, At | None]:
        """The next fact. `Broken` or `Named` where it cannot be. None of a trail that is not followed."""
        found = TAIL.fullmatch(stored, stored.rfind(b',"id":"'))
        if found is None:
            raise Named("changed", position, "its bytes are not those of a fact")
        tail = Tail._make(found.groups())
        key = tail.tenant, tail.programme
        if not self._follows(key):
            return tail, None
        if tail.source != self._source:
            raise Named("changed", position, f"it says that it is of {tail.source.decode('ascii', 'replace')}", named(key))
        at = self._trails.get(key) or self._begun(key, position)
        self.facts += 1
        self.octets += len(stored)
        self._next(key, at, position, sha256(stored).digest())
        return tail, at

    def take_all(self, some: Digested) -> None:
        """The next facts, as they were digested. `Broken` or `Named` where one cannot be."""
        if some.first and some.first <= self._recorded:
            raise Named("reordered", some.positions[0], "it was recorded before the fact that lies before it")
        self._recorded = some.last or self._recorded
        ats: list[At | None] = [None] * len(some.keys)
        follows = [self._follows(key) for key in some.keys]
        for position, index, (digest,) in zip(some.positions, some.trails, DIGESTS(some.digests), strict=True):
            if follows[index]:
                at = ats[index]
                if at is None:
                    at = ats[index] = self._trails.get(some.keys[index]) or self._begun(some.keys[index], position)
                at.number = number = at.number + 1
                at.position = position
                at.head = sha256(LINK(at.head, number, position, digest)).digest()
                self.facts += 1
                if number == at.want or position <= at.limit:
                    self._known(some.keys[index], at, position)
        self.octets += some.octets
        if some.wrong:
            what: Kind = "reordered" if some.wrong.what == "reordered" else "changed"
            raise Named(what, some.wrong.position, some.wrong.why)

    def _next(self, key: Key, at: At, position: int, digest: bytes) -> None:
        at.number, at.position = at.number + 1, position
        at.head = sha256(LINK(at.head, at.number, position, digest)).digest()
        if at.number == at.want or position <= at.limit:
            self._known(key, at, position)

    def _known(self, key: Key, at: At, position: int) -> None:
        if at.number == at.want:
            self._meet(key, at)
        elif position <= at.limit:
            raise Named("inserted", position, "the seals that cover this position know of fewer facts", named(key))

    def _follows(self, key: Key) -> bool:
        return self._only is None or key[1] is None or key[1] == self._only

    def saying(self, position: int, stored: bytes, added: Added) -> Tail:
        """The next fact of who says number and hash with it."""
        tail, at = self.take(position, stored)
        if at is None:
            return tail
        trail = named((tail.tenant, tail.programme))
        if added.trailnumber > at.number:
            raise Named("missing", position, f"fact {at.number} of the trail is missing before it: it says that it is {added.trailnumber}",
                        trail, at.number)
        if added.trailnumber < at.number:
            raise Named("inserted", position, f"it says that it is fact {added.trailnumber} of its trail, and it is {at.number}", trail)
        if added.trailhash != at.head.hex():
            raise Named("changed", position, "its bytes do not give the hash that is said with it", trail)
        return tail

    def end(self) -> None:
        """All has been taken: what is known of the trails must have been met."""
        for trail, some in self._expected.items():
            at = self._trails.get(_key(trail))
            if at is None:
                at = At(trail_start(self.service, self.incarnation, *trail), some)
            if at.waiting:
                first = at.waiting[0]
                raise Broken(trail, at.good, at.position, (first.number, first.head), f"{first.by} knows of {first.number} facts of the "
                             f"trail, and there are {at.number}", lacks=at.number + 1)

    def heads(self) -> Iterator[tuple[Trail, At]]:
        for key, at in self._trails.items():
            yield named(key), at

    def _begun(self, key: Key, position: int) -> At:
        trail = named(key)
        some = self._expected.get(trail, ())
        if not some and position <= self._sealed.get(trail[0], 0):
            raise Named("inserted", position, "the seals that cover this position name no such trail", trail)
        at = self._trails[key] = At(trail_start(self.service, self.incarnation, *trail), some)
        return at

    def _meet(self, key: Key, at: At) -> None:
        while at.waiting and at.waiting[0].number == at.number:
            one = at.waiting.popleft()
            if one.head != at.head:
                raise Broken(named(key), at.good, at.position, (one.number, one.head), f"{one.by} has another hash of fact {one.number}")
        at.good = (at.number, at.position, at.head)
        at.want = at.waiting[0].number if at.waiting else 0
        if not at.waiting:
            at.limit = self._sealed.get(key[0].decode(), 0)


def named(key: Key) -> Trail:
    tenant, programme = key
    return tenant.decode("ascii", "replace"), programme.decode("ascii", "replace") if programme else ""


def _key(trail: Trail) -> Key:
    return trail[0].encode(), trail[1].encode() or None


Heads = dict[int, dict[Trail, list[Expected]]]
"""By incarnation and trail."""


def no_heads() -> Heads:
    return defaultdict(lambda: defaultdict(list))
