"""The manifest: which files a bundle has, their digests, the heads at which its trails end."""
from __future__ import annotations

import re
from collections.abc import Container, Iterable
from hashlib import sha256
from typing import Any

from reporting.verifier.chain import Piece
from reporting.verifier.container import members, read_member
from reporting.verifier.fault import Fault, Trail, object_of

FORMAT = "percorso-bundle-1"
MANIFEST, TOTALS = "manifest.json", "figures/totals.jsonl"
PIECE = re.compile(r"trails/([a-z][a-z0-9-]*)/([1-9][0-9]{0,8})/(own|none)-([0-9]{6})\.jsonl")
PAGE = re.compile(r"(figures|documents)/([0-9]{6})\.jsonl")
POLICY = re.compile(r"policies/([0-9a-f]{16})\.json")
CONTRACT = re.compile(r"contracts/([a-z][a-z0-9-]*\.[A-Za-z0-9]+\.v[0-9]+)\.json")
KEYS = re.compile(r"keys/([a-z][a-z0-9-]*)\.json")
ALWAYS = ("contracts/envelope.json", TOTALS, "index.en.md", "index.it.md", "verify.py")
"""What no bundle is without."""
SHAPE = {"format": str, "tenant": str, "programme": str, "files": list, "facts": int, "heads": list, "sums": dict}
HASH = re.compile("[0-9a-f]{64}")


class Bundle:
    """An archive whose files are those that its manifest names."""

    def __init__(self, path: str) -> None:
        self.path, self.members = path, members(path)
        if MANIFEST not in self.members:
            raise Fault("missing", MANIFEST, "without it, it is no bundle")
        text = read_member(path, self.members[MANIFEST])
        self.root, self.manifest = sha256(text).hexdigest(), object_of(text, MANIFEST, SHAPE)
        if self.manifest["format"] != FORMAT:
            raise Fault("refused", MANIFEST, f"its format is not {FORMAT}; take the verifier of its version")
        self._check_shape()
        self.files = self._files()
        self.about = (self.manifest["tenant"], self.manifest["programme"])

    def _check_shape(self) -> None:
        """That it says what a manifest says, and nothing stands where something else should."""
        found = self.manifest
        period = all(isinstance(found.get(name, ""), str) for name in ("from", "to"))
        sums = all(isinstance(of, list) and all(isinstance(one, str) for one in of) for of in found["sums"].values())
        if not period or not sums or not all(_is_head(one, found["programme"]) for one in found["heads"]):
            raise Fault("refused", MANIFEST, "its period, sums or heads are not what they should be")
        if not found["heads"]:
            raise Fault("missing", MANIFEST, "it names the head of no trail")

    def _files(self) -> dict[str, str]:
        """The digest of each file, by name."""
        found: dict[str, str] = {}
        for one in self.manifest["files"]:
            if not isinstance(one, dict) or not isinstance(one.get("name"), str) or not isinstance(one.get("sha256"), str):
                raise Fault("refused", MANIFEST, "a file that it names has no name or no digest")
            if one["name"] in found:
                raise Fault("refused", MANIFEST, f"it names {one['name'][:100]} twice")
            found[one["name"]] = one["sha256"]
        self._check_names(found)
        for name in sorted(found):
            if name not in self.members:
                raise Fault("missing", name, "the manifest names it, and it is not in the archive")
        for name in sorted(self.members):
            if name not in found and name != MANIFEST:
                raise Fault("inserted", name, "it is in the archive, and the manifest does not name it")
        return found

    def _check_names(self, names: Iterable[str]) -> None:
        """That each is one that a bundle has, that none is lacking that every bundle has, and that no page is left out."""
        for name in sorted(names):
            if name not in ALWAYS and not any(form.fullmatch(name) for form in (PIECE, PAGE, POLICY, CONTRACT, KEYS)):
                raise Fault("refused", name[:100], "a bundle has no file of this name")
        for name in ALWAYS:
            if name not in names:
                raise Fault("missing", name, "every bundle has it, and the manifest does not name it")
        last: dict[str, int] = {}
        for page in filter(None, map(PAGE.fullmatch, sorted(names))):
            last[page[1]] = last.get(page[1], 0) + 1
            if int(page[2]) != last[page[1]]:
                raise Fault("missing", f"{page[1]}/{last[page[1]]:06d}.jsonl", f"{page[0]} comes without it")

    def pages(self) -> list[str]:
        """Figures, but the totals, and documents."""
        return sorted(name for name in self.files if PAGE.fullmatch(name))

    def policies(self) -> frozenset[str]:
        """The digits of the rules that are there."""
        return frozenset(found[1] for found in map(POLICY.fullmatch, self.files) if found)

    def check_forms(self, types: Iterable[str], sources: Container[str]) -> None:
        """That the form of each type of fact that was spoken is there, and no form or key of what is not."""
        wanted = {f"contracts/{kind}.json" for kind in types}
        for name in sorted(wanted.difference(self.files)):
            raise Fault("missing", name, "facts of this type are in the trails, and their form is not there")
        for name in sorted(self.files):
            if CONTRACT.fullmatch(name) and name not in wanted:
                raise Fault("missing", name, "the form of these facts is there, and none of them is in the trails")
            keys = KEYS.fullmatch(name)
            if keys and keys[1] not in sources:
                raise Fault("missing", name, "keys of this source are there, and none of its trails")

    def check_plain(self) -> None:
        """Files that are neither trails nor figures: each as the manifest says, and rules under the digits of their reference."""
        for name in sorted(self.files):
            if PIECE.fullmatch(name) or PAGE.fullmatch(name) or name == TOTALS:
                continue
            digest, policy = sha256(read_member(self.path, self.members[name])).hexdigest(), POLICY.fullmatch(name)
            if digest != self.files[name]:
                raise Fault("changed", name, "it is not as the manifest says")
            if policy and digest[:16] != policy[1]:
                raise Fault("changed", name, "its name is not that of the rules in it")

    def pieces(self) -> list[Piece]:
        """Of all trails, each trail's in order."""
        of: dict[Trail, list[tuple[int, str]]] = {}
        for name in sorted(self.files):
            found = PIECE.fullmatch(name)
            if found:
                of.setdefault(Trail(found[1], int(found[2]), found[3] == "own"), []).append((int(found[4]), name))
        since, until = self.manifest.get("from") or "", self.manifest.get("to") or "9999-12-31"
        made = []
        for trail, names in of.items():
            before = None
            for wanted, (number, name) in enumerate(names, 1):
                if number != wanted:
                    raise Fault("missing", f"{trail}, part {wanted}", f"{name} comes without it")
                member = self.members[name]
                made.append(Piece(self.path, trail, member, self.files[name], before, *self.about, self.manifest["sums"], since, until))
                before = member
        return made


def _is_head(head: Any, programme: str) -> bool:
    return (isinstance(head, dict) and isinstance(head.get("source"), str) and isinstance(head.get("head"), str)
            and type(head.get("incarnation")) is int and type(head.get("number")) is int and HASH.fullmatch(head["head"]) is not None
            and head.get("programme") in (None, programme))
