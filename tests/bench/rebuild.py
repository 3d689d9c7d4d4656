"""Rows 6 to 8: rebuilding all views, against the library's projection runner, and against COPY of the same rows; facts that come late."""
from __future__ import annotations

import asyncio
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import psycopg

from bench import runner
from bench.facts import SCENARIOS
from bench.machine import cores
from bench.place import Place
from bench.row import Ratio, Sizes, paired
from chassis import schema
from chassis.database import Database, open_database
from percorso.generating import Spoken, fill, told, values
from reporting import generations
from reporting.archive import Archive
from reporting.projector import Projector
from reporting.rebuild import Rebuilds
from reporting.service import TABLES
from reporting.views.fact import read_fact

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Said:
    value: bytes


_STORED: dict[str, list[bytes]] = {}


async def stored(case: str) -> list[bytes]:
    """The scenario's facts, played once."""
    if case not in _STORED:
        _STORED[case] = await told(SCENARIOS / case)
    return _STORED[case]


@contextmanager
def fresh(place: Place) -> Iterator[tuple[str, Database]]:
    with place.database() as url:
        database = open_database(url, service="reporting")
        schema.migrate(database, TABLES)
        try:
            yield url, database
        finally:
            database.close()


class Filled:
    """Databases with so many facts in their archives, each filled once and kept for the rows that follow."""

    def __init__(self) -> None:
        self._there: dict[tuple[str, int], tuple[str, Database]] = {}
        self._stack = ExitStack()

    async def __call__(self, place: Place, case: str, facts: int) -> tuple[str, Database]:
        if (case, facts) not in self._there:
            some = await stored(case)
            url, database = self._stack.enter_context(fresh(place))
            await asyncio.to_thread(fill, database, some, facts, lambda *_: None)
            sys.stderr.write(f"  {facts:,} facts are there\n")
            self._there[case, facts] = url, database
        return self._there[case, facts]

    def close(self) -> None:
        self._there.clear()
        self._stack.close()


filled = Filled()


async def library(place: Place, sizes: Sizes) -> Ratio:
    """Facts a second of a rebuild, all of it: shared out, loaded, joined, indexed, compared, switched."""
    sample = [read_fact(value) for value in islice(values(await stored(sizes.case), Spoken()), sizes.sample)]
    _, database = await filled(place, sizes.case, sizes.rebuilt)
    url, _ = await filled(place, sizes.case, sizes.sample)
    pairs = await paired(sizes.rebuilds, lambda: rebuilt(database, sizes.rebuilt), lambda: runner.projected(url, sample))
    return Ratio("rebuild against the library's runner", "facts/s", 40, pairs, {"facts": sizes.rebuilt, "sample": sizes.sample})


async def copied(place: Place, sizes: Sizes) -> Ratio:
    url, database = await filled(place, sizes.case, sizes.rebuilt)
    pairs = await paired(sizes.rebuilds, lambda: rebuilt(database, sizes.rebuilt), lambda: copy(url, database, sizes.rebuilt))
    return Ratio("rebuild against COPY of its rows", "facts/s", 0.4, pairs, {"facts": sizes.rebuilt})


async def rebuilt(database: Database, facts: int) -> float:
    begun = time.perf_counter()
    report = await asyncio.to_thread(Rebuilds(database, cores()).run)
    took = time.perf_counter() - begun
    assert report.facts == facts
    return facts / took


async def copy(url: str, database: Database, facts: int) -> float:
    """The rows that a rebuild made, loaded into tables like theirs: nothing read, folded, indexed or compared."""
    with database.reading() as tx:
        generation = max(generations.served(tx).values())
    with psycopg.connect(url) as connection, tempfile.TemporaryDirectory() as folder:
        files = {table: Path(folder) / table for table in (generations.keys_of(generation), generations.rows_of(generation))}
        for table, file in files.items():
            _out(connection, table, file)
        begun = time.perf_counter()
        for table, file in files.items():
            connection.execute(f"CREATE TABLE copy_of_{table} (LIKE {table})")
            _in(connection, f"copy_of_{table}", file)
        connection.commit()
        took = time.perf_counter() - begun
        for table in files:
            connection.execute(f"DROP TABLE copy_of_{table}")
    return facts / took


def _out(connection: psycopg.Connection[Any], table: str, file: Path) -> None:
    with connection.cursor().copy(f"COPY {table} TO STDOUT (FORMAT BINARY)") as copying, file.open("wb") as out:
        for some in copying:
            out.write(some)


def _in(connection: psycopg.Connection[Any], table: str, file: Path) -> None:
    with connection.cursor().copy(f"COPY {table} FROM STDIN (FORMAT BINARY)") as copying, file.open("rb") as source:
        while some := source.read(1 << 20):
            copying.write(some)


async def late(place: Place, sizes: Sizes) -> Ratio:
    """Facts a second into views that are there, by the projector: one in twenty later than facts that sort after it, against none."""
    made = list(islice(values(await stored(sizes.case), Spoken()), sizes.arriving))
    ordered = sorted(made, key=_order)
    pairs = await paired(sizes.arrivals, lambda: arrived(place, displaced(ordered)), lambda: arrived(place, ordered))
    return Ratio("late facts, 1 in 20, against facts in order", "facts/s", 0.5, pairs, {"facts": sizes.arriving})


@cache
def _order(value: bytes) -> bytes:
    return read_fact(value).order


def displaced(some: Sequence[bytes]) -> list[bytes]:
    """One in twenty comes up to a twentieth of all later."""
    chance = random.Random(7)
    at = [(n + (chance.random() * len(some) / 20 if n % 20 == 0 else 0), value) for n, value in enumerate(some)]
    return [value for _, value in sorted(at, key=lambda one: one[0])]


async def arrived(place: Place, some: Sequence[bytes]) -> float:
    """The first half is there; the rate is that of the second."""
    with fresh(place) as (_, database):
        projector, half = Projector(database, Archive(lambda: NOW)), len(some) // 2
        _hear(projector, some[:half])
        projector.catch_up()
        _hear(projector, some[half:])
        begun = time.perf_counter()
        count = await asyncio.to_thread(projector.catch_up)
        return count / (time.perf_counter() - begun)


def _hear(projector: Projector, some: Sequence[bytes]) -> None:
    with projector.database.transaction() as tx:
        projector.archive(tx, [Said(value) for value in some])
    with projector.database.transaction() as tx:
        for table in ("archive", "archive_about", "archive_of_no_case"):
            tx.execute(f"ANALYZE {table}")
