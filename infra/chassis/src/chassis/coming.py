"""A record as it comes: parted, parsed, and told apart: can it be heard, is its type listed, what is it about."""
from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import orjson

from chassis.bus import Record
from chassis.decide import Heard
from chassis.topics import source_of
from chassis.wire import Added, Unreadable, parted
from contracts.envelope import OPTIONAL, Envelope

_REQUIRED = tuple(name for name, info in Envelope.model_fields.items() if info.is_required())
NUL = "\0"
"""No text in PostgreSQL holds it."""
_RECORDED = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


@dataclass
class Came:
    """`why` says why it cannot be heard; then `fact` may be None. `added` is None where even its end cannot be read."""

    record: Record
    source: str
    key: str
    added: Added | None = None
    stored: bytes = b""
    fact: Mapping[str, Any] = field(default_factory=dict)
    why: str = ""
    listed: bool = False

    @property
    def place(self) -> tuple[int, int]:
        """(incarnation, position)."""
        assert self.added is not None
        return self.added.incarnation, self.added.position

    @property
    def value(self) -> bytes:
        return self.record.value


class Listed:
    """The types that a service lists. Another version of one of them is known by name, and cannot be heard."""

    def __init__(self, types: Iterable[str]) -> None:
        self.types = frozenset(types)
        self._names = frozenset(name.rpartition(".v")[0] for name in self.types)

    @property
    def sources(self) -> frozenset[str]:
        return frozenset(name.partition(".")[0] for name in self.types)

    def other_version(self, name: str) -> bool:
        return name not in self.types and name.rpartition(".v")[0] in self._names


def read(record: Record, listed: Listed) -> Came:
    """Read a record. Never raises: what is wrong is said in `why`."""
    came = Came(record, source_of(record.topic), record.key.decode("utf-8", "replace").replace(NUL, "\ufffd"))
    try:
        came.stored, came.added = parted(record.value)
        came.fact = _fact(came.stored, came.source)
    except (Unreadable, ValueError) as wrong:
        came.why = f"it does not parse: {wrong}" if not isinstance(wrong, orjson.JSONDecodeError) else "it does not parse: not JSON"
        return came
    if listed.other_version(came.fact["type"]):
        came.why = f"{came.fact['type']} is a version that is not known here"
    came.listed = came.fact["type"] in listed.types
    return came


def _fact(stored: bytes, source: str) -> Mapping[str, Any]:
    fact = orjson.loads(stored)
    if not isinstance(fact, dict):
        raise ValueError("not an object")
    if b"\\u0000" in stored and _has_nul(fact):
        raise ValueError("a text holds the character NUL")
    if wrong := [name for name in _REQUIRED if not isinstance(fact.get(name), str)]:
        raise ValueError(f"attributes are missing: {', '.join(wrong)}")
    if wrong := [name for name in OPTIONAL if not isinstance(fact.get(name, ""), str)]:
        raise ValueError(f"attributes are not strings: {', '.join(wrong)}")
    if fact["source"] != source:
        raise ValueError(f"{fact['source']} speaks on the topic of {source}")
    if not isinstance(fact.get("data", {}), dict) or not fact["sequence"].isdecimal() or not _RECORDED.fullmatch(fact["time"]):
        raise ValueError("data, sequence or time has not its form")
    date.fromisoformat(fact["occurred"])
    return fact


def _has_nul(value: Any) -> bool:
    if isinstance(value, dict):
        return any(NUL in name or _has_nul(inner) for name, inner in value.items())
    return any(map(_has_nul, value)) if isinstance(value, list) else isinstance(value, str) and NUL in value


def heard_of(fact: Mapping[str, Any]) -> Heard:
    """A fact as folds and reactions see it."""
    return Heard(fact["type"], fact["id"], fact["source"], fact["aggregate"], date.fromisoformat(fact["occurred"]), fact["time"],
                 fact.get("case"), fact.get("programme"), fact.get("subject"), fact.get("policyref"), fact["actor"], fact["actorrole"],
                 fact.get("data", {}))


def abouts(fact: Mapping[str, Any]) -> set[str]:
    """The ids that a fact is about: case, subject, aggregate, and the top-level fields of its data that end in `_id`."""
    named = [fact.get("case"), fact.get("subject"), fact.get("aggregate")]
    named += [value for name, value in fact.get("data", {}).items() if name.endswith("_id")]
    return {value for value in named if isinstance(value, str) and value}


def about_key(tenant: str, about: str) -> str:
    return f"{tenant}/{about}"
