"""Seals: that none is left out, each is signed by a key of its source, and every head that it names is the trail's."""
from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any

from reporting.verifier.chain import line_of
from reporting.verifier.ed25519 import fingerprint, signed
from reporting.verifier.fault import Fault, Trail, canonical_bytes, json_of
from reporting.verifier.stored import Stored

Entry = tuple[int, int, str]
"""Incarnation, position and kind of what a log says of itself."""


class Seals:
    """The seals of one source, taken one after another."""

    def __init__(self, stored: Stored, source: str, about: tuple[str, str], keys: Sequence[str], trusted: Iterable[str]) -> None:
        self.source, self.signed, self.unsigned, self.stamps, self.others, self.upto = source, 0, 0, 0, 0, ""
        self._stored, self._tenant, self._programme = stored, about[0], about[1]
        self._keys, self._trusted = keys, {one.replace(" ", "").lower() for one in trusted}
        self._last: tuple[int, str, str, str] | None = None
        self._digests: dict[str, str] = {}
        self._used: dict[str, None] = {}

    def shown_keys(self) -> list[str]:
        return list(self._used)

    def take(self, entries: Sequence[Entry]) -> None:
        """All of the source, in the order of its log."""
        for incarnation, position, kind in entries:
            where = f"{self.source}/{incarnation}/{position}"
            text = self._stored.text(where)
            line = line_of(text)
            digest = sha256(text[:line.end] + b"}").hexdigest() if line else ""
            try:
                said = json_of(text, where)["data"]
                if kind == "TrailSealed":
                    self._seal(where, said, digest)
                elif kind == "LogReadmitted":
                    self._heads(where, said["heads"], int(said["incarnation"]) - 1, "the readmission")
                else:
                    self._stamp(where, said)
            except (KeyError, TypeError, ValueError, AttributeError):
                raise Fault("wrongly signed", where, "it lacks what a seal says") from None

    def _seal(self, where: str, said: Mapping[str, Any], digest: str) -> None:
        seal, number = said["seal_id"], int(said.get("number") or 0)
        before = self._last
        if said.get("previous") != (before[1] if before else None) or (number and number != (before[0] if before else 0) + 1):
            raise Fault("missing", where, f"seal {seal} of {self.source} follows seal {said.get('previous') or 'none'}, "
                        f"and the one before it here is {before[1] if before else 'none'}: a seal is left out")
        if said.get("signature"):
            self._check_signature(where, said, number)
            self.signed += 1
        elif before and before[3]:
            raise Fault("wrongly signed", where, f"seal {seal} bears no signature, and the one before it does")
        else:
            self.unsigned += 1
        self._heads(where, said["heads"], int(said["incarnation"]), f"seal {number or seal}")
        self._last = (number, seal, digest, said.get("key") or "")
        self._digests[seal] = digest
        self.upto = f"seal {number or seal} at position {said['position']}"

    def _check_signature(self, where: str, said: Mapping[str, Any], number: int) -> None:
        before, key = self._last, said["key"]
        if before and said.get("previous_hash") != before[2]:
            raise Fault("changed", where, "the seal before it is not the one that it names by its hash")
        message = canonical_bytes(["percorso-seal-1", self.source, self._tenant, number, said["seal_id"], said.get("previous") or "",
                                   said.get("previous_hash") or "", said["incarnation"], said["position"],
                                   [[head.get("programme") or "", head["number"], head["head"]] for head in said["heads"]]])
        if not signed(bytes.fromhex(key), message, bytes.fromhex(said["signature"])):
            raise Fault("wrongly signed", where, f"the signature of seal {number} is not that of its key")
        if before and before[3] and key != before[3]:
            self._check_endorsement(where, said, before[3], number)
        known = fingerprint(bytes.fromhex(key)).replace(" ", "")
        if key not in self._keys or (self._trusted and known not in self._trusted):
            raise Fault("wrongly signed", where, f"seal {number} is signed by another key, {fingerprint(bytes.fromhex(key))}")
        self._used[key] = None

    def _check_endorsement(self, where: str, said: Mapping[str, Any], old: str, number: int) -> None:
        message = canonical_bytes(["percorso-seal-key-1", self.source, said["key"]])
        if not signed(bytes.fromhex(old), message, bytes.fromhex(said.get("endorsement") or "")):
            raise Fault("wrongly signed", where, f"seal {number} is signed by another key, which the key before it does not endorse")

    def _heads(self, where: str, heads: Sequence[Mapping[str, Any]], incarnation: int, called: str) -> None:
        for head in heads:
            programme = head.get("programme") or ""
            if programme not in ("", self._programme):
                self.others += 1
                continue
            check_head(self._stored, Trail(self.source, incarnation, bool(programme)), head["number"], head["head"], f"{called} ({where})")

    def _stamp(self, where: str, said: Mapping[str, Any]) -> None:
        if self._digests.get(said["seal_id"]) != said["digest"]:
            raise Fault("wrongly signed", where, f"the time stamp is not of seal {said['seal_id']}")
        self.stamps += 1


def check_head(stored: Stored, trail: Trail, number: int, head: str, called: str) -> None:
    """That a trail comes to this hash at this number. `called` is who says so."""
    line = stored.numbered(trail, number)
    if line is None:
        raise Fault("cut off", f"{trail}, number {number}", f"the trail ends before it, and {called} names it")
    if line.hash.decode() != head:
        raise Fault("changed", trail.at(line.position), f"the hash of {trail} at number {number} is not the one that {called} names")
