"""Stipend over one SQLite file, with the facts it has heard put in by hand, and people who ask it over HTTP."""
from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from chassis.bus_local import LocalBus
from chassis.decide import Actor, Heard
from chassis.declare import Do, Reaction
from chassis.execute import Answer, Call
from chassis.issuer import Issuer
from chassis.service import Service, migrate
from chassis.settings import Settings
from chassis.topics import topic_of
from chassis.web.app import create_app
from stipend.service import DECLARED, build

SYSTEM = Actor("system", "SYSTEM", "percorso", "bari")


def _about(fact: Heard) -> set[Any]:
    return {fact.case, fact.subject, fact.aggregate, *(v for n, v in fact.data.items() if n.endswith("_id"))}


class Desk:
    """People of a municipality, each with a token of their own."""

    def __init__(self, office: Service, issuer: Issuer, client: httpx.AsyncClient) -> None:
        self.office, self.issuer, self.client = office, issuer, client
        self.heard: list[Heard] = []
        office.executor.heard_about = lambda tenant, about: [f for f in self.heard if about in _about(f)]

    def token(self, role: str, who: str) -> str:
        return f"Bearer {self.issuer.mint(role=role, tenant='bari', org='comune-bari', sub=who)}"

    async def post(self, path: str, role: str = "PAYMENT_OFFICER", who: str = "", **body: Any) -> httpx.Response:
        headers = {"authorization": self.token(role, who or role), "idempotency-key": str(uuid4())}
        return await self.client.post(path, json=body, headers=headers)

    async def done(self, path: str, role: str = "PAYMENT_OFFICER", **body: Any) -> list[str]:
        answer = await self.post(path, role, **body)
        assert answer.status_code == 201, answer.text
        return [said["type"] for said in answer.json()["events"]]

    async def code(self, path: str, role: str = "PAYMENT_OFFICER", who: str = "", **body: Any) -> str:
        answer = await self.post(path, role, who, **body)
        assert answer.status_code in (404, 409, 422), answer.text
        return str(answer.json()["code"])

    async def read(self, path: str, role: str = "PAYMENT_OFFICER") -> Any:
        answer = await self.client.get(path, headers={"authorization": self.token(role, role)})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def hear(self, name: str, on: date, data: dict[str, Any], **envelope: Any) -> Heard:
        source = name.partition(".")[0]
        fact = Heard(f"{name}.v1", str(uuid4()), source, envelope.pop("aggregate", "x"), on, f"{on}T08:00:00.000000Z", data=data,
                     **envelope)
        self.heard.append(fact)
        return fact

    def found(self, fact: Heard) -> Any:
        """What the reaction to this fact says to do."""
        reaction: Reaction = next(r for r in DECLARED.reactions if r.on == fact.type)
        return reaction.react(fact, self.office.executor.asking(SYSTEM))

    async def react(self, fact: Heard) -> Answer:
        do, executor = self.found(fact), self.office.executor
        assert isinstance(do, Do), do
        call = Call(f"reaction:{fact.id}", b"", str(uuid4()), fact.id, fact.occurred)
        return await executor.carry_out(executor.by_decision(do.decision), do.args, SYSTEM, call)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    settings = Settings(
        service="stipend", database_url=f"sqlite:///{tmp_path}/stipend.sqlite", bus=f"local://{tmp_path}/bus.sqlite", actor_key=b"a" * 32,
        seal_key=b"s" * 32, master_key=base64.b64encode(b"m" * 32).decode(), issuer_key_file=tmp_path / "issuer" / "key.pem",
        peers={"intake": "http://127.0.0.1:1"})
    migrate(DECLARED, settings)
    bus = LocalBus(f"{tmp_path}/bus.sqlite")
    bus.create(topic_of("intake"))
    office = build(settings, bus=bus)
    app = create_app(office, ())
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport, base_url="http://stipend") as client:
        assert settings.issuer_key_file
        yield Desk(office, Issuer.at(settings.issuer_key_file), client)
    await bus.stop()
