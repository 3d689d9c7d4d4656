"""A reporting database in memory, a projector on it, and the whole service behind HTTP."""
from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from case_told import tell
from facts_made import Speaker
from views_seen import Reader, fresh, hear, projector_on, settings_in

from chassis.database import Database
from chassis.issuer import Issuer
from chassis.service import migrate
from chassis.web.app import create_app
from reporting.projector import Projector
from reporting.service import DECLARED, build


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
    settings = settings_in(tmp_path)
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
