"""What a test looks at: all rows of the live views, and all that is kept of keys, without the generation."""
from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import orjson

from chassis.database import Database
from making import Said
from reporting.projector import LIVE, Projector


def rows(database: Database) -> dict[tuple[str, str, str, bytes], Any]:
    with database.reading() as tx:
        found = tx.execute(f"SELECT view, tenant, key, part, within, line FROM view_row WHERE generation = {LIVE}")
    return {(r["view"], r["tenant"], r["key"], bytes(r["part"])): (r["within"], orjson.loads(r["line"])) for r in found}


def keys(database: Database) -> dict[tuple[str, str, str], Any]:
    with database.reading() as tx:
        found = tx.execute(f"SELECT view, tenant, key, state, last, facts, digest FROM view_key WHERE generation = {LIVE}")
    return {(r["view"], r["tenant"], r["key"]): (orjson.loads(r["state"]), bytes(r["last"]), r["facts"], r["digest"]) for r in found}


def of(database: Database, view: str) -> list[Any]:
    return [row for (name, *_), (_, row) in sorted(rows(database).items()) if name == view]


def hear(projector: Projector, spoken: Sequence[Said]) -> None:
    with projector.database.locked() as tx:
        projector.archive(tx, spoken)


def interleaved(spoken: Sequence[Said], seed: int) -> list[Said]:
    """Some order of arrival, with repetitions."""
    chance = random.Random(seed)
    some = [*spoken, *chance.choices(spoken, k=len(spoken) // 3)]
    chance.shuffle(some)
    return some
