"""Heads that were held outside the house: read from the files in which an auditor kept them."""
from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from percorso.errors import Sorry
from percorso.suite import SERVICES
from percorso.trails.chain import Expected
from percorso.trails.faults import Trail

Heads = dict[str, list[tuple[int, Trail, Expected]]]
"""By source: incarnation, trail, head."""


class Found(NamedTuple):
    """An object with `number` and `head`: its place as a JSON pointer, what the objects around it say, itself."""

    at: str
    context: Mapping[str, Any]
    said: Mapping[str, Any]


def heads_in(file: Path) -> Heads:
    """The heads that a file holds: what `GET /trail`, `GET /trail/seals`, `GET /seals` or a payment list answered, or a list of
    {source, tenant, programme, incarnation, number, head}."""
    try:
        said = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as wrong:
        raise Sorry(f"{file} is no file of heads ({type(wrong).__name__}): it is JSON, as GET /seals answers it.") from None
    found: Heads = defaultdict(list)
    for one in _walked(said):
        source, tenant = one.context.get("source") or one.context.get("service"), one.context.get("tenant")
        if source not in SERVICES or not isinstance(tenant, str):
            raise Sorry(f"{file}: the head at {one.at or '/'} does not say of which source and tenant it is.")
        programme = one.said.get("programme") or ""
        if not isinstance(programme, str):
            raise Sorry(f"{file}: the programme at {one.at}/programme is no text.")
        found[source].append((_count(file, one.at, "incarnation", one.context.get("incarnation", 1)), (tenant, programme), Expected(
            _count(file, one.at, "number", one.said["number"]), _hash(file, one.at, one.said["head"]), 0, f"the head in {file.name}")))
    if not found:
        raise Sorry(f"{file} holds no head.")
    return found


def _count(file: Path, at: str, name: str, value: Any) -> int:
    """A whole number from 1 on, as a number or as text."""
    digits = str(value)
    if not (digits.isascii() and digits.isdecimal() and len(digits) < 20 and int(digits)):
        raise Sorry(f"{file}: the {name} of the head at {at or '/'} is not a whole number from 1 on.")
    return int(digits)


def _hash(file: Path, at: str, value: Any) -> bytes:
    try:
        found = bytes.fromhex(value)
    except (ValueError, TypeError):
        found = b""
    if len(found) != 32:
        raise Sorry(f"{file}: the head at {at}/head is not a SHA-256 in hexadecimal.")
    return found


def _walked(said: Any, at: str = "", context: Mapping[str, Any] = {}) -> Iterator[Found]:
    """Every object with `number` and `head`."""
    if isinstance(said, list):
        for place, one in enumerate(said):
            yield from _walked(one, f"{at}/{place}", context)
    if isinstance(said, dict):
        about = {**context, **{name: said[name] for name in ("source", "service", "tenant", "incarnation") if said.get(name)}}
        if "head" in said and "number" in said:
            yield Found(at, about, said)
        for name, one in said.items():
            if name != "stored":
                yield from _walked(one, f"{at}/{name}", about)
