"""A made-up service: tickets, opened and closed at a counter. Its store is a real one, in an SQLite file."""
import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, NewType

import httpx
import pytest
from fastapi import APIRouter, FastAPI

from chassis.decide import Actor, NewId, OccurredOn, Private, Refused, Today, refuse
from chassis.declare import Ask, Command, Declared
from chassis.issuer import Issuer
from chassis.kinds import Kind
from chassis.service import Service, build, migrate
from chassis.settings import Settings
from chassis.web.app import create_app
from chassis.web.auth import allowed
from contracts.classes import Code, Day, Id, Number
from contracts.envelope import Fact, spoken

Plate = NewType("Plate", str)


@dataclass(frozen=True)
class Item:
    name: str
    weight: Decimal
    plate: Plate | None = None


@dataclass(frozen=True)
class TicketOpened:
    ticket_id: str
    receipt_id: str
    colour: str
    weight: Decimal
    on: date
    by: str
    note: Annotated[str, Private("notes")]


@dataclass(frozen=True)
class TicketClosed:
    ticket_id: str


@dataclass(frozen=True)
class Ticket:
    open: bool = False
    closed: bool = False
    receipt_id: str | None = None

    def must_be_open(self) -> None:
        refuse(Refused("TICKET_UNKNOWN", "open the ticket first") if not self.open else None,
               Refused("TICKET_CLOSED", "it is closed") if self.closed else None)


def evolve(state: Ticket, event: Any) -> Ticket:
    match event:
        case TicketOpened(receipt_id=receipt):
            return replace(state, open=True, receipt_id=receipt)
        case _:
            return replace(state, closed=True)


@dataclass(frozen=True)
class Shop:
    shut: bool = False


def open_ticket(state: Ticket, *, ticket_id: str, colour: Literal["RED", "BLUE"], weight: Decimal, on: OccurredOn, receipt_id: NewId,
                actor: Actor, today: Today, shop: Shop, note: Annotated[str, Private("notes")] = "", items: tuple[Item, ...] = (),
                plate: Plate | None = None, count: int = 1, shelf_id: str = "A-1", urgent: bool = False) -> list[Any]:
    """Open a ticket (scontrino)."""
    if shop.shut:
        raise Refused("SHOP_SHUT", "the shop is shut")
    if state.open:
        return []
    _heavy(weight)
    return [TicketOpened(ticket_id, receipt_id, colour, weight, on, actor.user, note)]


def _heavy(weight: Decimal) -> None:
    if weight > 100:
        raise Refused("TOO_HEAVY", "at most 100", about="weight")


def close_ticket(state: Ticket, *, ticket_id: str) -> list[Any]:
    """Close a ticket."""
    state.must_be_open()
    return [TicketClosed(ticket_id)]


def call_home(state: Ticket, *, ticket_id: str) -> list[Any]:
    """Ask about what was never heard."""
    raise Refused("SHOP_NOT_HEARD_YET", "its facts are on their way")


def burn(state: Ticket, *, ticket_id: str) -> list[Any]:
    """Fail, as no decision should."""
    raise RuntimeError("secret RSSMRA80A01H501U")


def plate(text: str) -> str:
    if not text.isalnum():
        raise Refused("PLATE_INVALID", "a plate is letters and digits")
    return text.upper()


def shop(ask: Ask) -> Shop:
    return ask.known("shop", Shop(), lambda known, fact: known, missing=None)


TICKET = Kind("ticket", "ticket_id", TicketOpened | TicketClosed, Ticket, evolve)
PATH = "POST /tickets/{ticket_id}"
CLERK = ("CLERK",)


class TicketOpenedV1(Fact):
    colour: Code
    receipt_id: Id
    weight: Number
    on: Day


TicketOpenedV1.__name__ = "TicketOpened"


def routes(service: Any) -> APIRouter:
    router = APIRouter()

    @router.get("/tickets", operation_id="tickets", dependencies=[allowed("READER")])
    async def tickets(limit: int = 10) -> dict[str, int]:
        return {"limit": limit}

    return router


COMMANDS = (
    Command(TICKET, PATH, open_ticket, CLERK), Command(TICKET, PATH + "/closing", close_ticket, CLERK, parked=True),
    Command(TICKET, PATH + "/call", call_home, CLERK), Command(TICKET, PATH + "/fire", burn, CLERK))
DECLARED = Declared(
    "tickets", (TICKET,), spoken("tickets", TicketOpenedV1), (TicketClosed,), COMMANDS, {Shop: shop}, words={Plate: plate},
    routes=routes, codes=frozenset({"shelf_id"}))


class Desk:
    """One who asks, with a token."""

    def __init__(self, app: FastAPI, service: Service, issuer: Issuer, client: httpx.AsyncClient) -> None:
        self.app, self.service, self.issuer, self.client, self.keys = app, service, issuer, client, 0

    def token(self, role: str = "CLERK", **more: Any) -> str:
        return self.issuer.mint(**{"role": role, "tenant": "bari", "org": "shop", "sub": "RSSMRA80A01H501U", **more})

    async def halt(self, reason: str) -> None:
        """As a relay halts: what stands in the store is seen by every process of the service."""
        with self.service.database.transaction() as tx:
            tx.execute("INSERT INTO relay_place (one, position, halted) VALUES (1, 0, %s)", (reason,))
        async with asyncio.timeout(30):
            while self.service.executor.halted != reason:
                await asyncio.sleep(0.01)

    async def post(self, path: str, json: Any = None, *, role: str = "CLERK", headers: dict[str, str] | None = None,
                   content: bytes | None = None) -> httpx.Response:
        self.keys += 1
        sent = {"authorization": f"Bearer {self.token(role)}", "idempotency-key": f"key-{self.keys:08}", **(headers or {})}
        if content is not None:
            sent = {"content-type": "application/json"} | sent
            return await self.client.post(path, content=content, headers=sent)
        return await self.client.post(path, json=json, headers=sent)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(service="tickets", database_url=f"sqlite:///{tmp_path}/tickets.sqlite", bus=f"local:///{tmp_path}/bus.sqlite",
                    actor_key=b"a" * 32, master_key=base64.b64encode(b"m" * 32).decode(), issuer_key_file=tmp_path / "issuer" / "key.pem")


@asynccontextmanager
async def counter(settings: Settings) -> AsyncIterator[Desk]:
    """The service, none of its parts running, and its app."""
    migrate(DECLARED, settings)
    app = create_app(service := build(DECLARED, settings), parts=())
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport, base_url="http://tickets") as client:
        assert settings.issuer_key_file
        yield Desk(app, service, Issuer.at(settings.issuer_key_file), client)


@pytest.fixture
async def desk(settings: Settings) -> AsyncIterator[Desk]:
    async with counter(settings) as made:
        yield made


@pytest.fixture
async def told(settings: Settings) -> AsyncIterator[Desk]:
    """A desk with the scenario's clock."""
    async with counter(settings.model_copy(update={"clock": "scenario"})) as made:
        yield made


@pytest.fixture
def declared() -> Declared:
    return DECLARED
