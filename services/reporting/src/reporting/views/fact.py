"""A fact as it was archived, and the order in which facts are folded."""
from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import orjson


@dataclass(frozen=True, eq=False)
class Fact:
    """Envelope and payload of one archived record, equal only to itself.

    `occurred` is a date in Rome, `recorded` an instant, both as they were spoken.
    """

    source: str
    incarnation: int
    position: int
    trail_number: int
    trail_hash: str
    type: str
    id: str
    tenant: str
    aggregatetype: str
    aggregate: str
    sequence: int
    occurred: str
    recorded: str
    actor: str
    actorrole: str
    actororg: str
    correlation: str
    programme: str | None = None
    case: str | None = None
    subject: str | None = None
    causation: str | None = None
    policyref: str | None = None
    data: Mapping[str, Any] | None = None

    @property
    def name(self) -> str:
        """The type without source and version."""
        return name_of(self.type)

    @property
    def place(self) -> str:
        """Where it stands in its source's log: unique."""
        return f"{self.source}/{self.incarnation}/{self.position}"

    @cached_property
    def order(self) -> bytes:
        """Canonical order: occurred, recorded, source, (incarnation, position). Bytes, so that no collation can change it."""
        return f"{self.occurred} {self.recorded} {self.source} {self.incarnation:06d} {self.position:015d}".encode()

    @cached_property
    def mark(self) -> int:
        """What it adds to the digest of a set of facts."""
        return int.from_bytes(hashlib.sha256(self.id.encode()).digest(), "big")

    def get(self, name: str) -> Any:
        """A field of the payload; None if it is absent."""
        return (self.data or {}).get(name)

    def named(self, name: str) -> str:
        """An id of the payload; empty if it is absent."""
        found = self.get(name)
        return found if isinstance(found, str) else ""

    def cites(self) -> list[str]:
        """Every id it is about: its case, subject and aggregate, and each `…_id` and `…_ids` of its payload; never its programme."""
        found = dict.fromkeys((*(about for about in (self.case, self.subject, self.aggregate) if about), *ids_in(self.data or {})))
        if self.programme and self.aggregate != self.programme:
            found.pop(self.programme, None)
        return list(found)


def ids_in(data: Mapping[str, Any]) -> Iterator[str]:
    """Each `…_id` and `…_ids` of a payload."""
    for name, value in data.items():
        if name.endswith("_id") and isinstance(value, str) and value:
            yield value
        elif name.endswith("_ids") and isinstance(value, list):
            yield from (one for one in value if isinstance(one, str))


def read_fact(value: bytes) -> Fact:
    """From a record's value. KeyError or ValueError where it is no fact."""
    said = orjson.loads(value)
    fact = object.__new__(Fact)
    vars(fact).update(  # a frozen dataclass sets its fields one by one, which takes three times as long
        source=said["source"], incarnation=int(said["incarnation"]), position=int(said["position"]),
        trail_number=int(said["trailnumber"]), trail_hash=said["trailhash"], type=said["type"], id=said["id"], tenant=said["tenant"],
        aggregatetype=said["aggregatetype"], aggregate=said["aggregate"], sequence=int(said["sequence"]), occurred=said["occurred"],
        recorded=said["time"], actor=said["actor"], actorrole=said["actorrole"], actororg=said["actororg"],
        correlation=said["correlation"], programme=said.get("programme"), case=said.get("case"), subject=said.get("subject"),
        causation=said.get("causation"), policyref=said.get("policyref"), data=said.get("data"))
    return fact


@lru_cache(maxsize=4096)
def name_of(kind: str) -> str:
    """The name in a type such as `stipend.StipendPaid.v1`; empty where it has another form."""
    return kind.split(".")[1] if kind.count(".") == 2 else ""


def set_digest(facts: int) -> str:
    """The digest of a set of facts: the sum of the SHA-256 of their ids, modulo 2^256; the same whatever their order."""
    return format(facts % (1 << 256), "064x")
