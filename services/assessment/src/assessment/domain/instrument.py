"""Instruments (strumenti di profilazione): questionnaires whose versions are published once and never changed."""
from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace

from assessment.domain.known import Programme
from chassis.decide import OccurredOn, Refused, refuse

_WORD = re.compile(r"[A-Z0-9][A-Z0-9_.-]{0,59}")


@dataclass(frozen=True)
class Item:
    """A question (item). Its wording stays with its publisher."""

    code: str
    mandatory: bool = True


@dataclass(frozen=True)
class Need:
    """A need (bisogno) that the instrument can find. `special`: it would reveal health, justice or origin, so it is never spoken."""

    code: str
    special: bool = False


@dataclass(frozen=True)
class Band:
    """A band (fascia): scores from `from_score` on, up to the next band."""

    code: str
    from_score: int


@dataclass(frozen=True)
class InstrumentVersionPublished:
    instrument_code: str
    programme_id: str
    version: int
    items: tuple[Item, ...]
    needs: tuple[Need, ...]
    competences: tuple[str, ...]
    bands: tuple[Band, ...]
    content_digest: str
    shared_with: tuple[str, ...]


Event = InstrumentVersionPublished


@dataclass(frozen=True)
class Instrument:
    programme_id: str | None = None
    versions: Mapping[int, InstrumentVersionPublished] = field(default_factory=dict)


def evolve(state: Instrument, event: Event) -> Instrument:
    return replace(state, programme_id=event.programme_id, versions={**state.versions, event.version: event})


def publish_instrument_version(state: Instrument, *, instrument_code: str, programme_id: str, programme: Programme, version: int,
                               items: tuple[Item, ...], needs: tuple[Need, ...] = (), competences: tuple[str, ...] = (),
                               bands: tuple[Band, ...] = (), shared_with: tuple[str, ...] = (), on: OccurredOn) -> list[Event]:
    """Publish a version of an instrument (pubblicazione dello strumento): what it asks, what it can find, with whom it is shared."""
    published = InstrumentVersionPublished(instrument_code, programme_id, version, items, needs, competences, bands,
                                           _digest(items, needs, competences, bands), shared_with)
    if state.versions.get(version) == published:
        return []
    sources = {source["code"] for source in programme.on(on).config.get("sources", [])}
    words = [*(i.code for i in items), *(n.code for n in needs), *competences, *(b.code for b in bands)]
    refuse(
        Refused("VERSION_IMMUTABLE", "publish the change under the next version") if version in state.versions else None,
        _unreadable(words, items),
        *(Refused("SOURCE_NOT_CONFIGURED", "share it with sources of the programme", about=s) for s in shared_with
          if s not in sources),
    )
    return [published]


def _unreadable(words: Iterable[str], items: tuple[Item, ...]) -> Refused | None:
    if items and all(_WORD.fullmatch(word) for word in words):
        return None
    return Refused("INSTRUMENT_INVALID", "an instrument has items; codes are capitals, digits, '_', '.', '-', at most 60 characters")


def _digest(items: tuple[Item, ...], needs: tuple[Need, ...], competences: tuple[str, ...], bands: tuple[Band, ...]) -> str:
    content = {"items": [asdict(i) for i in items], "needs": [asdict(n) for n in needs], "competences": list(competences),
               "bands": [asdict(b) for b in bands]}
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
