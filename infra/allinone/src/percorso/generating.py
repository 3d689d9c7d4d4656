"""Histories of any length, made of a scenario: its facts told again of other people, as their services would have spoken them."""
from __future__ import annotations

import re
import sqlite3
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count, islice
from pathlib import Path
from typing import Any

import orjson

from chassis.bus import partition_of
from chassis.clock import stamp
from chassis.database import Database
from chassis.relay import key_of
from chassis.wire import Added, joined, parted, trail_next, trail_start
from percorso.connect import embedded
from percorso.data import open_data
from percorso.errors import Sorry
from percorso.scenario.player import Player
from percorso.screen import Watch
from reporting import archive, completeness, generations

AT_A_TIME = 20
"""People whose facts come between one another's; they share hosts and commitments."""
PAGE = 10_000
FIRST, STEP = datetime(2026, 1, 1, tzinfo=UTC), timedelta(milliseconds=100)
UUID = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
TIME = re.compile(rb'(?<=,"time":")[^"]+(?=")')
ONCE = ("programme", "instrument")
"""Aggregates that all people share."""
SAID_OF_A_LOG = ".TrailSealed.v1", ".LogReadmitted.v1"
Trail = tuple[str, str, str]
"""Source, tenant, programme or ""."""


async def told(scenario: Path) -> list[bytes]:
    """The facts of a scenario as they are stored, in the order in which they were spoken; seals of its trails left out."""
    with tempfile.TemporaryDirectory() as folder:
        data = open_data(Path(folder))
        async with embedded(data) as suite:
            await Player(suite, scenario, uuid.uuid4()).run()
        with closing(sqlite3.connect(data.folder / "bus.sqlite")) as bus:
            values = [value for (value,) in bus.execute("SELECT value FROM record ORDER BY seq")]
    stored = [parted(value)[0] for value in values]
    return [one for one in stored if not orjson.loads(one)["type"].endswith(SAID_OF_A_LOG)]


class Template:
    """A fact with holes for its ids and for when it was recorded."""

    def __init__(self, stored: bytes) -> None:
        said: dict[str, Any] = orjson.loads(stored)
        self.once = said["aggregatetype"] in ONCE
        self.of_a_person = bool(said.get("case") or said.get("subject"))
        self.trail: Trail = (said["source"], said["tenant"], said.get("programme", ""))
        self.key = key_of(said)
        self.person = {one.encode() for one in (said.get("case"), said.get("subject")) if one}
        self._before, self._after = (UUID.split(part) for part in TIME.split(stored, maxsplit=1))
        self.ids = UUID.findall(stored)

    def filled(self, ids: dict[bytes, bytes], recorded: bytes) -> bytes:
        found, parts = iter(self.ids), []
        for side in (self._before, self._after):
            parts += [piece for text in side[:-1] for piece in (text, ids[next(found)])] + [side[-1]]
            parts.append(recorded)
        return b"".join(parts[:-1])


@dataclass
class Spoken:
    """How far the logs are that tell: positions, ends of partitions, heads of trails."""

    positions: dict[str, int] = field(default_factory=dict)
    ends: dict[tuple[str, int], int] = field(default_factory=dict)
    heads: dict[Trail, tuple[int, bytes, str]] = field(default_factory=dict)

    def value(self, template: Template, stored: bytes, key: bytes, recorded: str) -> bytes:
        """The record of a fact that is spoken next."""
        source, part = template.trail[0], partition_of(key)
        position = self.positions[source] = self.positions.get(source, 0) + 1
        number, head, _ = self.heads.get(template.trail) or (0, trail_start(source, 1, *template.trail[1:]), "")
        head = trail_next(head, number + 1, position, stored)
        value = joined(stored, Added(1, position, self.ends.get((source, part), 0), number + 1, head.hex()))
        self.ends[source, part] = position
        self.heads[template.trail] = (number + 1, head, recorded)
        return value


def values(stored: Sequence[bytes], spoken: Spoken) -> Iterator[bytes]:
    """Records without end: twenty people at a time live through the scenario, step by step."""
    templates = [Template(one) for one in stored]
    once, common = ({found for one in templates if one.once is is_once and not one.of_a_person for found in one.ids}
                    for is_once in (True, False))
    of_people = {one for template in templates for one in template.person}  # a commitment may name the case that it was made for
    once, common = once - of_people, common - of_people
    ids, ticks = sorted({found for one in templates for found in one.ids}), count()
    for group in count():
        shared = {one: one if one in once else _other(one, group) for one in once | common}
        people = [{one: _other(one, group * AT_A_TIME + n) for one in ids} | shared for n in range(AT_A_TIME)]
        for template in templates:
            if not template.once or not group:
                for person in people if template.of_a_person else people[:1]:
                    recorded = stamp(FIRST + next(ticks) * STEP)
                    yield spoken.value(template, template.filled(person, recorded.encode()), _key(template.key, person), recorded)


def _key(key: bytes, ids: dict[bytes, bytes]) -> bytes:
    return ids.get(key, key)


def _other(name: bytes, number: int) -> bytes:
    """Another UUID of the same form; the first is the scenario's own."""
    return name[:24] + format(int(name[24:], 16) ^ number, "012x").encode()


def fill(database: Database, stored: Sequence[bytes], facts: int, watch: Watch) -> None:
    """Put so many facts into an empty archive, in bulk, and what is known of their trails; the views are where a rebuild begins."""
    with database.reading() as tx:
        if archive.head(tx):
            raise Sorry("Facts are generated into an empty archive only, and this one has facts: take another data folder or database.")
    spoken = Spoken()
    made, done = values(stored, spoken), 0
    while done < facts:
        page = list(islice(made, min(PAGE, facts - done)))
        with database.transaction() as tx:
            archive.load(tx, done, page, stamp(datetime.now(UTC)))
        done += len(page)
        watch("facts generated", done, facts)
    with database.transaction() as tx:
        completeness.HEADS.insert(tx, _heads(spoken.heads))
        generations.ensure(tx, database.dialect)
        generations.move(tx, facts)
        for table in ("archive", "archive_about", "archive_of_no_case"):
            tx.execute(f"ANALYZE {table}")


def _heads(heads: dict[Trail, tuple[int, bytes, str]]) -> list[tuple[Any, ...]]:
    return [(tenant, source, 1, programme, number, recorded, head.hex(), number, recorded)
            for (source, tenant, programme), (number, head, recorded) in heads.items()]


