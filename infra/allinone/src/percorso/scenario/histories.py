"""Histories of two plays, made comparable: ids by first appearance, and nothing that a play or a database chooses for itself."""
from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

import orjson

from percorso.scenario.player import Played
from percorso.suite import Suite

LEFT_OUT = frozenset({"rest", "incarnation", "position", "after", "trailnumber", "trailhash", "trail_number", "trail_hash"})
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")
DIGEST = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
SECONDS = re.compile(r"(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})\.\d+(Z|\+00:00)")
REACTION = re.compile(r"^(reaction:[^:]+:[^:]+):\d+:\d+$")
Rename = Callable[[str], str]


async def histories(suite: Suite, played: Played) -> dict[str, list[Any]]:
    """All that a play left, normalised: the history of each case (`case 1` …), and each programme's trail of facts."""
    return {name: normalised(rows) for name, rows in (await told(suite, played)).items()}


async def told(suite: Suite, played: Played) -> dict[str, list[Any]]:
    """The same as the service answers it."""
    headers = suite.headers("AUDITOR", "AUTORITA_DI_AUDIT", "percorso-histories", played.tenant)
    found = {}
    for n, case in enumerate(cases(played), 1):
        found[f"case {n}"] = await suite.rows("reporting", "caseHistory", {"case_id": case}, headers)
    for programme in programmes(played):
        found[f"programme {programme}"] = await suite.rows("reporting", "programmeTrail", {"programme_id": programme}, headers)
    return found


def cases(played: Played) -> list[str]:
    """The cases that a play began, in its order."""
    made = (said["ids"]["case_id"] for _, said in played.answers if "case_id" in ids_of(said))
    return list(dict.fromkeys(made))


def programmes(played: Played) -> list[str]:
    named = (planned.fields["programme_id"] for planned, _ in played.answers if "programme_id" in planned.fields)
    return list(dict.fromkeys(named))


def ids_of(said: Any) -> Mapping[str, str]:
    ids = said.get("ids") if isinstance(said, Mapping) else None
    return ids if isinstance(ids, Mapping) else {}


def normalised(facts: Sequence[Mapping[str, Any]]) -> list[Any]:
    """The facts of a history in its own order, with ids named `id-1`, `id-2` … as they first appear.

    Facts of one second of one day, whose order two services on two machines do not choose, come in the order of what they say.
    """
    names: dict[str, str] = {}
    found = []
    for _, together in groupby(facts, lambda fact: (fact.get("occurred"), SECONDS.sub(r"\1", str(fact.get("recorded"))))):
        for fact in _in_order(list(together), names):
            found.append(_plain(fact, lambda id_: names.setdefault(id_, f"id-{len(names) + 1}")))
    return found


def _in_order(facts: list[Mapping[str, Any]], names: dict[str, str]) -> Iterator[Mapping[str, Any]]:
    """The least by what it says, with the ids that have a name by now; and so on, as each names more of them."""
    while facts:
        least = min(facts, key=lambda fact: orjson.dumps(_plain(fact, lambda id_: names.get(id_, "id")), option=orjson.OPT_SORT_KEYS))
        facts.remove(least)
        yield least


def _plain(value: Any, rename: Rename) -> Any:
    match value:
        case Mapping():
            return {key: _plain(inner, rename) for key, inner in sorted(value.items()) if key not in LEFT_OUT}
        case list():
            return [_plain(inner, rename) for inner in value]
        case str():
            text = REACTION.sub(r"\1", SECONDS.sub(r"\1\2", DIGEST.sub("digest", value)))
            return ID.sub(lambda found: rename(found[0]), text)
        case _:
            return value


def first_difference(one: Sequence[Any], other: Sequence[Any]) -> str | None:
    """Where two normalised histories part; None if they are equal."""
    for n, (left, right) in enumerate(zip(one, other, strict=False), 1):
        if left != right:
            parts = [key for key in sorted({*left, *right}) if left.get(key) != right.get(key)]
            return f"fact {n} ({left.get('type')} / {right.get('type')}) differs in " + "; ".join(
                f"{key}: {left.get(key)!r} / {right.get(key)!r}" for key in parts)
    return None if len(one) == len(other) else f"{len(one)} facts against {len(other)}"


def difference(one: Mapping[str, Sequence[Any]], other: Mapping[str, Sequence[Any]]) -> str | None:
    """Where two plays' `histories` part: the history and the fact; None if they are equal."""
    for name in [*one, *(name for name in other if name not in one)]:
        if why := first_difference(one.get(name, []), other.get(name, [])):
            return f"{name}: {why}"
    return None
