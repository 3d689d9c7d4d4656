"""Histories of two plays, made comparable: ids by first appearance, and nothing that a play or a database chooses for itself."""
from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

LEFT_OUT = frozenset({"rest", "incarnation", "position", "after", "trailnumber", "trailhash"})
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")
DIGEST = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
SECONDS = re.compile(r"(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})\.\d+(Z|\+00:00)")
REACTION = re.compile(r"^(reaction:[^:]+:[^:]+):\d+:\d+$")


def normalised(facts: Sequence[Mapping[str, Any]]) -> list[Any]:
    """The facts of a history in its own order, with ids named `id-1`, `id-2` … as they first appear."""
    names: dict[str, str] = {}

    def name(found: re.Match[str]) -> str:
        return names.setdefault(found[0], f"id-{len(names) + 1}")

    def plain(value: Any) -> Any:
        match value:
            case Mapping():
                return {key: plain(inner) for key, inner in sorted(value.items()) if key not in LEFT_OUT}
            case list():
                return [plain(inner) for inner in value]
            case str():
                text = REACTION.sub(r"\1", SECONDS.sub(r"\1\2", DIGEST.sub("digest", value)))
                return ID.sub(name, text)
            case _:
                return value

    return [plain(fact) for fact in facts]


def first_difference(one: Sequence[Any], other: Sequence[Any]) -> str | None:
    """Where two normalised histories part; None if they are equal."""
    for n, (left, right) in enumerate(zip(one, other, strict=False), 1):
        if left != right:
            parts = [key for key in sorted({*left, *right}) if left.get(key) != right.get(key)]
            return f"fact {n} ({left.get('type')} / {right.get('type')}) differs in " + "; ".join(
                f"{key}: {left.get(key)!r} / {right.get(key)!r}" for key in parts)
    return None if len(one) == len(other) else f"{len(one)} facts against {len(other)}"
