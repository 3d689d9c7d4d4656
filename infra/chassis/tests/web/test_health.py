"""What operators, and the player of scenarios, ask of a service; and several services on one port."""
import asyncio
from datetime import datetime
from typing import Any
from uuid import uuid4

import httpx

from chassis.declare import Declared
from chassis.errors import StoreAway
from chassis.metrics import Metrics
from chassis.service import build, migrate
from chassis.settings import Settings
from chassis.topics import topic_of
from chassis.web.app import create_app
from chassis.web.host import host


async def test_alive_and_ready_need_no_token(desk: Any) -> None:
    assert (await desk.client.get("/health/live")).status_code == 200
    assert (await desk.client.get("/health/ready")).json() == {"ready": True, "reasons": []}
    await desk.halt("the topic is not this log's")
    answer = await desk.client.get("/health/ready")
    assert (answer.status_code, answer.json()["reasons"]) == (503, ["the topic is not this log's"])


async def test_without_its_database_a_service_is_not_ready_and_still_counts(desk: Any) -> None:
    def away() -> Any:
        raise StoreAway("SQLite: gone")

    desk.service.ready = desk.service.status = away
    assert (await desk.client.get("/health/ready")).json()["reasons"] == ["the database does not answer"]
    assert "percorso_http_seconds" in (await desk.client.get("/metrics")).text
    answer = await desk.client.get("/status", headers={"authorization": f"Bearer {desk.token()}"})
    assert (answer.status_code, answer.json()["code"]) == (503, "STORE_AWAY")


async def test_status_and_me_are_for_anyone_with_a_token(desk: Any) -> None:
    headers = {"authorization": f"Bearer {desk.token('ANYONE')}"}
    status = (await desk.client.get("/status", headers=headers)).json()
    assert (status["service"], status["log"], status["halted"]) == ("tickets", 0, None)
    me = (await desk.client.get("/me", headers=headers)).json()
    assert (me["role"], me["tenant"], len(me["operator_id"])) == ("ANYONE", "bari", 36)
    assert (await desk.client.get("/status")).status_code == 401


async def test_the_scenarios_clock_is_set_forward_and_never_goes_back(told: Any) -> None:
    headers = {"authorization": f"Bearer {told.token()}"}

    async def put(now: str) -> Any:
        return (await told.client.put("/clock", json={"now": now}, headers=headers)).json()

    assert (await put("2024-09-09T09:00:00+02:00"))["now"] == "2024-09-09T07:00:00.000000Z"
    assert (await put("2024-01-01T00:00:00Z"))["now"] == "2024-09-09T07:00:00.000000Z"
    assert told.service.executor.now() == datetime.fromisoformat("2024-09-09T07:00:00Z")
    assert (await put("2024-09-09T09:00:00"))["errors"][0]["at"] == "/now"


async def test_with_the_wall_clock_there_is_no_clock_to_set(desk: Any) -> None:
    answer = await desk.client.put("/clock", json={"now": "2024-09-09T09:00:00Z"}, headers={"authorization": f"Bearer {desk.token()}"})
    assert answer.status_code == 404


async def test_a_host_answers_for_its_services_under_their_names(desk: Any) -> None:
    root = host({"tickets": desk.app})
    async with httpx.AsyncClient(transport=httpx.ASGITransport(root), base_url="http://all") as client:
        headers = {"authorization": f"Bearer {desk.token()}", "idempotency-key": "my-own-key"}
        assert (await client.get("/health/ready")).json() == {"ready": True, "reasons": []}
        assert (await client.get("/tickets/me", headers=headers)).status_code == 200
        assert (await client.post(f"/tickets/tickets/{uuid4()}/closing", headers=headers)).json()["code"] == "TICKET_UNKNOWN"
        assert [(await client.get(path)).json()["code"] for path in ("/none", "/tickets/none")] == ["NOT_FOUND"] * 2
        desk.service.executor.halt("not yet")
        assert (await client.get("/health/ready")).json()["reasons"] == ["not yet"]


async def test_a_host_starts_and_stops_the_parts_of_its_services(settings: Settings, declared: Declared) -> None:
    migrate(declared, settings)
    app = create_app(service := build(declared, settings))
    service.bus.create(topic_of("tickets"))  # type: ignore[attr-defined]
    root = host({"tickets": app})
    async with root.router.lifespan_context(root), asyncio.timeout(10):
        while not service.relay.taken:
            await asyncio.sleep(0)
    assert not service.relay.taken


def test_metrics_show_how_far_each_source_is_heard() -> None:
    status = {"log": 9, "relayed": (1, 7), "heard": {"shops": {0: (1, 7)}}, "views": {"behind": 2}, "halted": "why"}
    shown = Metrics().render(status).decode()
    for line in ('percorso_heard_position{partition="0",source="shops"} 7.0', "percorso_relay_lag 2.0", "percorso_views_behind 2.0",
                 "percorso_halted 1.0"):
        assert line in shown
