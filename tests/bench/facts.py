"""Facts to hear: case 002 played once, and told again of as many persons as are wanted, each as its services would speak it."""
from __future__ import annotations

import re
import sqlite3
import tempfile
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from functools import cache
from pathlib import Path

import orjson

from chassis.bus import Message
from chassis.log import Entry
from chassis.parts import Parts
from chassis.relay import compose
from chassis.saved import Place
from chassis.topics import source_of
from chassis.wire import parted
from percorso.connect import embedded
from percorso.data import open_data
from percorso.scenario.player import Player

SCENARIOS = Path(__file__).parents[1] / "scenarios"
Facts = Mapping[str, Sequence[bytes]]
"""Of each service."""
UUID = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


async def of_a_case(name: str) -> Facts:
    """The stored bytes of each service's facts, in the order of its log, once a scenario was played embedded."""
    found: dict[str, list[bytes]] = {}
    with tempfile.TemporaryDirectory() as folder:
        data = open_data(Path(folder))
        async with embedded(data) as suite:
            await Player(suite, SCENARIOS / name, uuid.uuid4()).run()
        with closing(sqlite3.connect(data.folder / "bus.sqlite")) as bus:
            for topic, value in bus.execute("SELECT name, value FROM record JOIN topic USING (topic_id) ORDER BY seq"):
                found.setdefault(source_of(topic), []).append(parted(value)[0])
    return found


def told_again(of: Facts, persons: int, names: Mapping[str, str]) -> Iterator[tuple[str, Mapping[int, Sequence[Message]]]]:
    """(service, records by partition) of so many persons; hosts, commitments and programmes stay the same. `names`: who a service is."""
    shared = {found for facts in of.values() for fact in facts if not _of_a_person(fact) for found in UUID.findall(fact)}
    for service, facts in of.items():
        said = [_renamed(fact, person, shared) for fact in facts for person in range(persons if _of_a_person(fact) else 1)]
        entries = [Entry(at, "", 0, "", Parts(_of(fact, service, names[service]), b"", b"", b"")) for at, fact in enumerate(said, 1)]
        yield names[service], compose(names[service], entries, Place(), "").messages


def _of_a_person(fact: bytes) -> bool:
    said = orjson.loads(fact)
    return bool(said.get("case") or said.get("subject"))


def _renamed(fact: bytes, person: int, shared: set[bytes]) -> bytes:
    return UUID.sub(lambda found: found[0] if found[0] in shared else _other(found[0], person), fact) if person else fact


@cache
def _other(name: bytes, person: int) -> bytes:
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{name.decode()}{person}")).encode()


def _of(fact: bytes, service: str, name: str) -> bytes:
    return fact.replace(f'"source":"{service}"'.encode(), f'"source":"{name}"'.encode())
