"""The manifest: which files a bundle has, their digests, the heads at which its trails end."""
from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from reporting.verifier.chain import Piece
from reporting.verifier.container import members, read_member
from reporting.verifier.fault import Fault, Trail, object_of

FORMAT = "percorso-bundle-1"
MANIFEST, TOTALS = "manifest.json", "figures/totals.jsonl"
PIECE = re.compile(r"trails/([a-z][a-z0-9-]*)/([1-9][0-9]{0,8})/(own|none)-([0-9]{6})\.jsonl")
SHAPE = {"format": str, "tenant": str, "programme": str, "files": list, "heads": list, "sums": dict}
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
            found[one["name"]] = one["sha256"]
        for name in sorted(found):
            if name not in self.members:
                raise Fault("missing", name, "the manifest names it, and it is not in the archive")
        for name in sorted(self.members):
            if name not in found and name != MANIFEST:
                raise Fault("inserted", name, "it is in the archive, and the manifest does not name it")
        return found

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

    def plain(self) -> Iterator[str]:
        """Files that are neither trails nor figures."""
        return (name for name in sorted(self.files) if not PIECE.fullmatch(name) and not name.startswith(("figures/", "documents/")))


def _is_head(head: Any, programme: str) -> bool:
    return (isinstance(head, dict) and isinstance(head.get("source"), str) and isinstance(head.get("head"), str)
            and type(head.get("incarnation")) is int and type(head.get("number")) is int and HASH.fullmatch(head["head"]) is not None
            and head.get("programme") in (None, programme))
