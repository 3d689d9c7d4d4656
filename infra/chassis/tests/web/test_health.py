"""What operators, and the player of scenarios, ask of a service; and several services on one port."""
from datetime import datetime
from typing import Any

import httpx

from chassis.errors import StoreAway
from chassis.web.host import host


async def test_alive_and_ready_need_no_token(desk: Any) -> None:
    assert (await desk.client.get("/health/live")).status_code == 200
    assert (await desk.client.get("/health/ready")).json() == {"ready": True, "reasons": []}
    desk.office.why_not = ["the keys destroyed before the restore are not destroyed again yet"]
    answer = await desk.client.get("/health/ready")
    assert (answer.status_code, answer.json()["reasons"]) == (503, desk.office.why_not)


async def test_without_its_database_a_service_is_not_ready_and_still_counts(desk: Any) -> None:
    def away() -> Any:
        raise StoreAway("SQLite: gone")

    desk.office.ready = desk.office.status = away
    assert (await desk.client.get("/health/ready")).json()["reasons"] == ["the database does not answer"]
    assert "percorso_http_seconds" in (await desk.client.get("/metrics")).text
    answer = await desk.client.get("/status", headers={"authorization": f"Bearer {desk.token()}"})
    assert (answer.status_code, answer.json()["code"]) == (503, "STORE_AWAY")


async def test_status_and_me_are_for_anyone_with_a_token(desk: Any) -> None:
    headers = {"authorization": f"Bearer {desk.token('ANYONE')}"}
    assert (await desk.client.get("/status", headers=headers)).json()["heard"] == {"shops": {"0": [1, 7]}}
    me = (await desk.client.get("/me", headers=headers)).json()
    assert (me["role"], me["tenant"], len(me["operator_id"])) == ("ANYONE", "bari", 36)
    assert (await desk.client.get("/status")).status_code == 401


async def test_the_scenarios_clock_is_set_forward_and_never_goes_back(told: Any) -> None:
    headers = {"authorization": f"Bearer {told.token()}"}

    async def put(now: str) -> Any:
        return (await told.client.put("/clock", json={"now": now}, headers=headers)).json()

    assert (await put("2024-09-09T09:00:00+02:00"))["now"] == "2024-09-09T07:00:00.000000Z"
    assert (await put("2024-01-01T00:00:00Z"))["now"] == "2024-09-09T07:00:00.000000Z"
    assert told.office.executor.now() == datetime.fromisoformat("2024-09-09T07:00:00Z")
    assert (await put("2024-09-09T09:00:00"))["errors"][0]["at"] == "/now"


async def test_with_the_wall_clock_there_is_no_clock_to_set(desk: Any) -> None:
    answer = await desk.client.put("/clock", json={"now": "2024-09-09T09:00:00Z"}, headers={"authorization": f"Bearer {desk.token()}"})
    assert answer.status_code == 404


async def test_a_host_starts_its_services_and_answers_under_their_names(desk: Any) -> None:
    await desk.office.start()
    root = host({"tickets": desk.app})
    async with httpx.AsyncClient(transport=httpx.ASGITransport(root), base_url="http://all") as client:
        headers = {"authorization": f"Bearer {desk.token()}"}
        assert (await client.get("/health/ready")).json() == {"ready": True, "reasons": []}
        assert (await client.get("/tickets/me", headers=headers)).status_code == 200
        assert [(await client.get(path)).json()["code"] for path in ("/none", "/tickets/none")] == ["NOT_FOUND"] * 2
        desk.office.why_not = ["not yet"]
        assert (await client.get("/health/ready")).json()["reasons"] == ["not yet"]
    async with root.router.lifespan_context(root):
        assert desk.office.running == ("relay", "consume", "deadlines")
    assert desk.office.running == ()
