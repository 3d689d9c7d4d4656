"""A played case, years later: its person is erased, and what is left of it in five stores."""
from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import orjson

from chassis.database import Database, open_database
from chassis.log import Log
from chassis.parts import Parts
from chassis.record import ERASED, Codec
from chassis.vault import Vault
from percorso.data import Data, open_data
from percorso.scenario.histories import told
from percorso.scenario.player import Played
from percorso.scenario.settle import settled
from percorso.suite import SERVICES, Suite
from scenarios import Play

CLOSED, KEPT, FREE = "2025-12-31T12:00:00+01:00", "2030-12-31T12:00:00+01:00", "2031-01-01T12:00:00+01:00"
"""After the case was closed; the last day of the five years that its programme keeps it; the day after."""


@dataclass
class Left:
    """What a suite tells of a play besides its facts."""

    told: dict[str, list[Any]]
    figures: dict[str, Any]


RESTS_ON = ("complete", "basis", "basis_token")
"""What an answer says of the facts that were there, the erasure's too."""


def person_of(played: Played) -> str:
    """The subject of the first case."""
    return str(next(said["ids"]["subject_id"] for _, said in played.answers if "subject_id" in said.get("ids", {})))


def copied(play: Play, folder: Path) -> Data:
    """The files of a play, to be changed."""
    shutil.copytree(play.data.folder, folder, dirs_exist_ok=True)
    return open_data(folder)


class Guardian:
    """Who asks, of one played suite."""

    def __init__(self, suite: Suite, played: Played) -> None:
        self.suite, self.played, self.person, self.asked = suite, played, person_of(played), 0

    def headers(self, role: str) -> dict[str, str]:
        self.asked += 1
        return {**self.suite.headers(role, "COMUNE_BARI", role.lower(), self.played.tenant), "Idempotency-Key": f"erasing-{self.asked:04}"}

    async def not_ready(self, service: str) -> list[str]:
        """Why the service is not ready."""
        answer = await self.suite.http.get(f"{self.suite.urls[service]}/health/ready")
        return list(answer.json()["reasons"])

    async def at(self, instant: str) -> None:
        await self.suite.set_clock(instant, self.headers("AUDITOR"))
        await settled(self.suite, self.headers("AUDITOR"), clock=instant)

    async def does(self, operation: str, role: str = "DPO", **fields: Any) -> tuple[int, Any]:
        """The status, and what was answered."""
        answer = await self.suite.carry_out(await self.suite.operation("intake", operation), fields, self.headers(role))
        return answer.status_code, answer.json()

    async def erases(self, day: str) -> tuple[int, Any]:
        return await self.does("eraseSubject", subject_id=self.person, legal_ground="NO_LONGER_NECESSARY", erased_on=day)

    async def refuses_what_is_pending(self) -> None:
        """The second referral of the person, which nobody has decided."""
        referral = self.played.value("second_referral")
        status, said = await self.does("refuseReferral", "CASE_MANAGER", referral_id=referral, reason_code="DUPLICATE",
                                       refused_on="2025-12-31")
        assert status == 201, said

    async def left(self) -> Left:
        auditor = self.headers("AUDITOR")
        found = {name: await self.suite.read("reporting", name, {"programme_id": "002"}, auditor)
                 for name in ("programmeLedger", "indicators", "participations", "commitments")}
        return Left(await told(self.suite, self.played), {name: {key: value for key, value in said.items() if key not in RESTS_ON}
                                                         for name, said in found.items()})


@contextmanager
def store(service: str, database: Database, master: bytes) -> Iterator[tuple[Log, Codec]]:
    """A service's log, and what reads it, beside the service."""
    its = import_module(f"{service}.service").DECLARED
    try:
        yield Log(database), Codec(its.name, its.kinds, its.spoken, its.silent, Vault(database, master))
    finally:
        database.close()


def readable(service: str, database: Database, master: bytes, people: set[str], cases: set[str]) -> tuple[list[str], list[str]]:
    """The types of stored events of these people or cases with something sealed: those that can be read, those that are erased."""
    can, cannot = list[str](), list[str]()
    with store(service, database, master) as (log, codec):
        for entry in log.read(0, 100_000):
            fact = orjson.loads(entry.parts.fact)
            if entry.parts.sealed and (fact.get("subject") in people or fact.get("case") in cases):
                (cannot if _is_erased(codec, entry.name, entry.parts) else can).append(entry.name)
    return can, cannot


def _is_erased(codec: Codec, name: str, parts: Parts) -> bool:
    event, private = codec.read(name, parts), codec.by_name[name].private
    purposes = set(orjson.loads(parts.sealed))
    return all(getattr(event, field) == ERASED for field, purpose in private.items() if purpose in purposes)


def keys(database: Database, person: str) -> int:
    """How many keys of the person a store has."""
    try:
        with database.reading() as tx:
            return int(tx.execute("SELECT count(*) AS n FROM vault_key WHERE subject = %s", (person,))[0]["n"])
    finally:
        database.close()


def databases(data: Data) -> Mapping[str, str]:
    return {service: data.database_url(service) for service in SERVICES}


def open_all(urls: Mapping[str, str]) -> Iterator[tuple[str, Database]]:
    for service, url in urls.items():
        yield service, open_database(url, service=service)
