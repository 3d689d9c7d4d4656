"""From a command, over the bus, into archive and views; a restart goes on where it was."""
from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
from views_seen import Reader, settings_in

from chassis.bus_local import LocalBus
from chassis.issuer import Issuer
from chassis.service import migrate
from chassis.topics import topic_of
from chassis.web.app import create_app
from reporting.projector import Projector
from reporting.service import DECLARED, build

CONFIG: dict[str, Any] = {"sources": [], "eligibility": {"rule_version": "1"}, "teams": [], "plan_signatures": [], "policies": [],
                          "catalogue": {"version": "1", "indicators": []}}


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[Reader]:
    settings = settings_in(folder)
    migrate(DECLARED, settings)
    bus = LocalBus(str(folder / "bus.sqlite"))
    bus.create(*map(topic_of, Projector.sources))
    service = build(settings, bus=bus)
    app = create_app(service)
    async with app.router.lifespan_context(app), httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://reporting") as client:
        yield Reader(service, client, Issuer.at(folder / "issuer.pem"))
    await bus.stop()


async def activate(reader: Reader, programme: str) -> None:
    token = reader.issuer.mint(role="PARTNER_ADMIN", tenant="bari", org="comune", sub="admin")
    answer = await reader.client.post(
        f"/programmes/{programme}/activation", json={"title": "Bari", "fund": "PN", "config_version": 1, "config": CONFIG},
        headers={"authorization": f"Bearer {token}", "idempotency-key": f"activation-{programme}"})
    assert answer.status_code == 201, answer.text


async def shown(reader: Reader, programme: str) -> list[Any]:
    async with asyncio.timeout(20):
        while (answer := await reader.asks(f"/programmes/{programme}/facts")).status_code == 404:
            await asyncio.sleep(0.02)
    items: list[Any] = answer.json()["items"]
    return items


async def test_what_a_command_stores_is_shown_soon_after_and_after_a_restart(tmp_path: Path) -> None:
    async with running(tmp_path) as reader:
        await activate(reader, "002")
        first = await shown(reader, "002")
        assert [(line["type"], line["trail_number"]) for line in first] == [("reporting.ProgrammeActivated.v1", 1)]
    async with running(tmp_path) as reader:
        assert await shown(reader, "002") == first
        await activate(reader, "003")
        assert (await shown(reader, "003"))[0]["trail_number"] == 1
        assert (await reader.reads("/rebuilds", method="POST"))["equal"]
