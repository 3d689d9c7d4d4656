"""Row 7: what `trail verify` computes again of a log a second, against SHA-256 over the same rows, a chunk each, as hashlib does it."""
from __future__ import annotations

import asyncio
import json
import sqlite3
import tempfile
import time
from base64 import b64decode
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import cycle
from pathlib import Path

from bench.place import Place
from bench.row import Ratio, Sizes, paired
from chassis.clock import stamp
from chassis.database import open_database
from chassis.parts import pack, stamp_at, stamped, unpack
from chassis.schema import migrate
from percorso.trails.stores import LogStore
from percorso.trails.verify import Asked, verify_log

SERVICE = "placement"
GOLDEN = Path(__file__).parents[2] / "contracts/golden" / SERVICE
BEGAN = datetime(2024, 1, 1, tzinfo=UTC)


async def measure(place: Place, sizes: Sizes) -> Ratio:
    with log(sizes.verified) as (store, states):
        octets = sum(map(len, states))
        per = octets / len(states)

        async def ours() -> float:
            return sizes.verified * per / await asyncio.to_thread(_verified, store, sizes.verified) / 1e6

        async def theirs() -> float:
            return octets / await asyncio.to_thread(_hashed, states) / 1e6

        pairs = await paired(sizes.rounds, ours, theirs)
    return Ratio("trail verify", "MB/s", 0.25, pairs, {"facts": sizes.verified, "octets_each": round(per)})


def _verified(store: LogStore, facts: int) -> float:
    began = time.perf_counter()
    result = verify_log(store, Asked())
    assert (result.facts, result.faults) == (facts, [])
    return time.perf_counter() - began


def _hashed(states: Sequence[bytes]) -> float:
    began = time.perf_counter()
    for state in states:
        sha256(state).digest()
    return time.perf_counter() - began


@contextmanager
def log(facts: int) -> Iterator[tuple[LogStore, list[bytes]]]:
    """A log in an SQLite file, of so many facts; and the first hundred thousand of its rows' bytes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log.sqlite"
        database = open_database(f"sqlite:///{path}", service=SERVICE)
        migrate(database)
        with closing(sqlite3.connect(path)) as db:
            db.executemany("INSERT INTO stored_events (originator_id, originator_version, topic, state) VALUES (?, ?, ?, ?)", rows(facts))
            db.commit()
            states = [state for state, in db.execute("SELECT state FROM stored_events LIMIT 100000")]
        try:
            yield LogStore(SERVICE, database), states
        finally:
            database.close()


def rows(facts: int) -> Iterator[tuple[str, int, str, bytes]]:
    """One event of every type of a service, over and over, each of an aggregate of its own."""
    samples = [json.loads(file.read_text("utf-8")) for file in sorted(GOLDEN.glob("*.json"))]
    stored = [(sample["name"], unpack(b64decode(sample["stored"])), json.loads(sample["value"])) for sample in samples
              if len(json.loads(sample["value"])["aggregate"]) == 36]
    for made, (name, parts, said) in zip(range(facts), cycle(stored), strict=False):
        key = f"{made:08d}{said['aggregate'][8:]}"
        fact = parts.fact.replace(said["aggregate"].encode(), key.encode())
        fact = stamped(fact, stamp_at(fact), stamp(BEGAN + timedelta(microseconds=made)))
        yield f"{said['tenant']}/{said['aggregatetype']}/{key}", 1, name, pack(parts._replace(fact=fact))
