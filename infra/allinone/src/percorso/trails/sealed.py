"""The seals of one source, one after another, against the keys that are trusted and the seals that the others keep of it; their stamps."""
from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from chassis.seals import fingerprint, hash_of, is_endorsed, is_signed
from chassis.timestamps import NotStamped, Roots, check_kept
from percorso.trails.chain import Expected, Heads, no_heads
from percorso.trails.faults import Fault, Kind, Trail


@dataclass(frozen=True)
class Sealed:
    """A seal, or the time stamp of one: the place of its fact, its bytes; `by`: the service that keeps it, empty for the source's own."""

    incarnation: int
    position: int
    stored: bytes
    by: str = ""
    digest: str = ""
    """As the keeper noted it."""
    stamp: bool = False


@dataclass
class Standing:
    """What the seals of a source amount to. `sealed`: up to which position, by incarnation and tenant."""

    heads: Heads = field(default_factory=no_heads)
    sealed: dict[int, dict[str, int]] = field(default_factory=lambda: defaultdict(dict))
    faults: list[Fault] = field(default_factory=list)
    count: int = 0
    key: str = ""
    held: int = 0
    """How many seals kept elsewhere were found here as they are kept."""
    stamps: int = 0


class Seals:
    """Follows the seals of one source in one place. `keys`: public keys or fingerprints that are trusted; none: the first key seen is.
    `roots`: what a stamp's authority must lead to; none: whose signature a stamp bears is not looked at."""

    def __init__(self, source: str, place: str, keys: Sequence[str], roots: Roots = ()) -> None:
        self._source, self._place, self._roots = source, place, roots
        self._keys = {key.replace(" ", "").lower() for key in keys}
        self._accepted: set[str] = set()
        self._first = not keys
        self._last: dict[str, tuple[Mapping[str, Any], Sealed]] = {}
        self._known: dict[tuple[str, int], Sealed] = {}
        self._by_id: dict[tuple[str, str], Sealed] = {}
        self._most: dict[str, int] = {}
        self.standing = Standing()

    def follow(self, own: Iterable[Sealed]) -> None:
        """The source's own seals with their stamps, in order; of each tenant up to the first seal that is at fault."""
        broken: set[str] = set()
        for one in own:
            if one.stamp:
                self._stamp(one)
                continue
            if (read := _read(one)) is None:
                self._fault("changed", one, "it is a seal by its row, and cannot be read")
                continue
            tenant, said = read
            self._by_id[tenant, said["seal_id"]] = one
            if "number" not in said:
                continue
            self.standing.count += 1
            self._known[tenant, said["number"]] = one
            self._most[tenant] = max(said["number"], self._most.get(tenant, 0))
            if tenant in broken:
                continue
            if why := self._why_not(tenant, said, one):
                broken.add(tenant)
                self._fault(why[0], why[2], why[1])
                continue
            self._last[tenant] = said, one
            self.standing.key = said["key"]
            self._expect(tenant, said, f"seal {said['number']}")

    def hold(self, kept: Iterable[Sealed]) -> None:
        """The seals that the other services keep of the source."""
        lacking: dict[str, tuple[int, Sealed]] = {}
        for one in kept:
            read = _read(one)
            if read is None or hash_of(one.stored) != one.digest or not is_signed(self._source, *read):
                self._fault("changed", one, f"{one.by} keeps a seal as of here that is not the one it heard")
                continue
            tenant, said = read
            here = self._known.get((tenant, said["number"]))
            if here is None and said["number"] > self._most.get(tenant, 0):
                lacking[tenant] = min((said["number"], one), lacking.get(tenant, (said["number"], one)), key=lambda it: it[0])
            elif here is None:
                self._fault("seal missing", one, f"{one.by} keeps seal {said['number']}, which is not here")
            elif hash_of(here.stored) != one.digest:
                self._fault("changed", here, f"{one.by} keeps another seal {said['number']}")
            else:
                self.standing.held += 1
        for tenant, (number, one) in lacking.items():
            said = orjson.loads(one.stored)["data"]
            self._expect(tenant, said, f"seal {number}, which {one.by} keeps,")
            self._fault("cut off", one, f"{one.by} keeps seal {number}, as of position {said['position']}, and the last here is "
                        f"{self._most.get(tenant, 'none')}", (tenant, ""))

    def _stamp(self, one: Sealed) -> None:
        self.standing.stamps += 1
        try:
            fact = orjson.loads(one.stored)
            seal, digest, token = self._by_id.get((fact["tenant"], fact["data"]["seal_id"])), fact["data"]["digest"], fact["data"]["token"]
            if seal is None or hash_of(seal.stored) != digest:
                raise NotStamped("it is of other bytes than those of its seal")
            check_kept(token, digest, self._roots)
        except NotStamped as wrong:
            self._fault("wrongly signed", one, f"the time stamp does not hold: {wrong}")
        except (ValueError, KeyError, TypeError):
            self._fault("changed", one, "it is the time stamp of a seal by its row, and cannot be read")

    def _why_not(self, tenant: str, said: Mapping[str, Any], one: Sealed) -> tuple[Kind, str, Sealed] | None:
        """What is wrong with the next seal of a tenant, and which seal that says of."""
        number, (before, last) = said["number"], self._last.get(tenant, ({"number": 0}, one))
        if number != before["number"] + 1:
            return ("seal missing", f"seal {number} follows seal {before['number'] or 'none'}: one between is missing", one) if (
                number > before["number"]) else ("inserted", f"seal {number} comes after seal {before['number']}", one)
        if not is_signed(self._source, tenant, said):
            return "wrongly signed", f"the signature of seal {number} is not of its key over what it says", one
        if not self._accepts(said, before.get("key")):
            return ("unknown key", f"seal {number} is signed by {fingerprint(said['key'])}, for which no trusted key vouches", one)
        if before["number"] and (said.get("previous"), said.get("previous_hash")) != (before["seal_id"], hash_of(last.stored)):
            return "changed", f"seal {before['number']} is not the one that seal {number} follows", last
        return None

    def _accepts(self, said: Mapping[str, Any], before: str | None) -> bool:
        key = said["key"]
        listed = key in self._keys or fingerprint(key).replace(" ", "") in self._keys
        if key in self._accepted or listed or self._first or (
                before in self._accepted and is_endorsed(self._source, key, before or "", said.get("endorsement"))):
            self._accepted.add(key)
            self._first = False
            return True
        return False

    def _expect(self, tenant: str, said: Mapping[str, Any], by: str) -> None:
        heads = self.standing.heads[said["incarnation"]]
        for head in said["heads"]:
            heads[tenant, head.get("programme") or ""].append(
                Expected(head["number"], bytes.fromhex(head["head"]), said["position"], by))
        upto = self.standing.sealed[said["incarnation"]]
        upto[tenant] = max(said["position"], upto.get(tenant, 0))

    def _fault(self, what: Kind, one: Sealed, why: str, trail: Trail | None = None) -> None:
        self.standing.faults.append(Fault(self._source, self._place, what, one.incarnation, one.position, why, trail))


def _read(one: Sealed) -> tuple[str, Mapping[str, Any]] | None:
    """Tenant and payload of a seal; None where it cannot be read."""
    try:
        fact = orjson.loads(one.stored)
        said: Mapping[str, Any] = fact["data"]
        bytes.fromhex("".join(head["head"] for head in said["heads"]))
        numbers = {type(said.get(name, 0)) for name in ("number", "incarnation", "position")}
        return (fact["tenant"], said) if numbers == {int} and isinstance(said["seal_id"], str) else None
    except (ValueError, KeyError, TypeError):
        return None
