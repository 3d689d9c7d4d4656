"""A reporting database in memory, a projector on it, and the whole service behind HTTP."""
from __future__ import annotations

import base64
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from case_told import tell
from facts_made import Speaker
from views_seen import Reader, fresh, hear, projector_on

from chassis.database import Database
from chassis.issuer import Issuer
from chassis.service import migrate
from chassis.settings import Settings
from chassis.web.app import create_app
from reporting.projector import Projector
from reporting.service import DECLARED, build

KEY = base64.b64encode(b"k" * 32).decode()


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    made = fresh("sqlite://" if request.param == "sqlite" else request.getfixturevalue("postgres_url"))
    yield made
    made.close()


@pytest.fixture
def projector(database: Database) -> Projector:
    return projector_on(database)


@pytest.fixture
async def reader(tmp_path: Path) -> AsyncIterator[Reader]:
    """The service with the case told, and another tenant's, behind HTTP."""
    settings = Settings(service="reporting", database_url=f"sqlite:///{tmp_path}/reporting.sqlite", bus=f"local:///{tmp_path}/bus.sqlite",
                        master_key=KEY, actor_key=KEY, issuer_key_file=tmp_path / "issuer.pem")
    migrate(DECLARED, settings)
    service = build(settings)
    speaker = Speaker()
    tell(speaker)
    speaker.tenant = "venezia"
    tell(speaker, "00000000-0000-4000-8000-0000000000c9")
    hear(service.part, speaker.spoken)
    service.part.catch_up()
    issuer = Issuer.at(tmp_path / "issuer.pem")
    transport = httpx.ASGITransport(create_app(service, ()))
    async with httpx.AsyncClient(transport=transport, base_url="http://reporting") as client:
        yield Reader(service, client, issuer)
    await service.stop()
