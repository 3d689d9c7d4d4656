"""What a test looks at: all rows of the live views, and all that is kept of keys, without the generation."""
from __future__ import annotations

import base64
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import orjson
from facts_made import Said

from chassis.database import Database, open_database
from chassis.issuer import Issuer
from chassis.schema import migrate
from chassis.settings import Settings
from reporting import generations
from reporting.archive import Archive
from reporting.projector import Projector
from reporting.service import TABLES

KEY = base64.b64encode(b"k" * 32).decode()
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def fresh(url: str = "sqlite://") -> Database:
    database = open_database(url, service="reporting")
    migrate(database, TABLES)
    return database


def projector_on(database: Database, batch: int = 1000) -> Projector:
    return Projector(database, Archive(lambda: NOW), batch=batch)


def settings_in(folder: Path) -> Settings:
    return Settings(service="reporting", database_url=f"sqlite:///{folder}/reporting.sqlite", bus=f"local:///{folder}/bus.sqlite",
                    master_key=KEY, actor_key=KEY, issuer_key_file=folder / "issuer.pem")


def rows(database: Database) -> dict[tuple[str, str, str, bytes], Any]:
    found = served(database, generations.rows_of, "view, tenant, key, part, within, line")
    return {(r["view"], r["tenant"], r["key"], bytes(r["part"])): (r["within"], orjson.loads(r["line"])) for r in found}


def keys(database: Database) -> dict[tuple[str, str, str], Any]:
    found = served(database, generations.keys_of, "view, tenant, key, state, last, facts, digest")
    return {(r["view"], r["tenant"], r["key"]): (orjson.loads(r["state"]), bytes(r["last"]), r["facts"], r["digest"]) for r in found}


def served(database: Database, table: Callable[[int], str], columns: str) -> list[Any]:
    with database.reading() as tx:
        return [row for view, generation in generations.served(tx).items()
                for row in tx.execute(f"SELECT {columns} FROM {table(generation)} WHERE view = %s", (view,))]


def table_of(database: Database, view: str, table: Callable[[int], str] = generations.rows_of) -> str:
    """The table that serves a view."""
    with database.reading() as tx:
        generation = generations.serving(tx, view)
    assert generation is not None
    return table(generation)


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


@dataclass
class Reader:
    """Somebody who reads over HTTP."""

    service: Any
    client: httpx.AsyncClient
    issuer: Issuer

    async def asks(self, path: str, *, role: str = "AUDITOR", tenant: str = "bari", method: str = "GET", accept: str = "*/*",
                   for_role: str = "", **query: Any) -> httpx.Response:
        """`for_role` is asked for as the query's own `role`."""
        token = self.issuer.mint(role=role, tenant=tenant, org="comune", sub=f"{role}@{tenant}")
        query |= {"role": for_role} if for_role else {}
        headers = {"authorization": f"Bearer {token}", "accept": accept}
        return await self.client.request(method, path, params=query or None, headers=headers)

    async def reads(self, path: str, **more: Any) -> Any:
        answer = await self.asks(path, **more)
        assert answer.status_code == 200, answer.text
        return answer.json()
