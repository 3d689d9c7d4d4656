"""Reporting's commands over HTTP and a real store: a programme, a participation to its results, the dates it sets."""
from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_OID, uuid5

import httpx
import pytest

from chassis.bus_local import LocalBus
from chassis.clock import ScenarioClock
from chassis.decide import Heard
from chassis.issuer import Issuer
from chassis.service import Service, migrate
from chassis.settings import Settings
from chassis.topics import topic_of
from chassis.web.app import create_app
from reporting.service import DECLARED, build

CASE, PARTICIPATION = str(uuid5(NAMESPACE_OID, "C-002")), str(uuid5(NAMESPACE_OID, "PT-002"))
CONFIG: dict[str, Any] = {"sources": [], "eligibility": {"rule_version": "1"}, "teams": [], "plan_signatures": [], "policies": [],
                          "catalogue": {"version": "1", "indicators": []}}
PROGRAMME = {"title": "Bari", "fund": "PN_METRO_PLUS", "cup": "Z99Z99000000002", "start": "2024-07-01", "end": "2026-12-31",
             "config_version": 1, "config": CONFIG}
ENTRY = {"case_id": CASE, "birth_date": "1985-12-15", "gender": "F", "labour_status": "UNEMPLOYED", "unemployment_months": 30, "isced": 2,
         "in_education": False, "third_country": False, "foreign_background": False, "homeless": False, "degurba": 1,
         "disability": "N", "on": "2024-09-16"}


class Desk:
    def __init__(self, service: Service, clock: ScenarioClock, client: httpx.AsyncClient, issuer: Issuer) -> None:
        self.service, self.clock, self.client, self.issuer, self.keys = service, clock, client, issuer, 0

    def hears_of_the_case(self) -> None:
        opened = Heard("intake.CaseOpened.v1", "1", "intake", CASE, date(2024, 9, 11), "", CASE, "002", "S-002")
        self.service.executor.heard_about = lambda tenant, about: [opened] if about == CASE else []

    async def does(self, path: str, body: dict[str, Any], status: int = 201) -> Any:
        self.keys += 1
        token = self.issuer.mint(role="REPORTING_OFFICER", tenant="bari", org="comune-bari", sub="officer")
        answer = await self.client.post(path, json=body, headers={"authorization": f"Bearer {token}",
                                                                  "idempotency-key": f"key-{self.keys:08}"})
        assert answer.status_code == status, answer.text
        return answer.json()

    async def comes(self, year: int, month: int, day: int) -> None:
        """Noon in Rome of that day."""
        self.clock.set(datetime(year, month, day, 11, tzinfo=UTC))
        await self.service.deadlines.catch_up()

    def said(self) -> list[dict[str, Any]]:
        return [json.loads(entry.parts.fact) for entry in self.service.log.read(0, 100)]


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    settings = Settings(service="reporting", database_url=f"sqlite:///{tmp_path}/r.sqlite", bus=f"local:///{tmp_path}/bus.sqlite",
                        actor_key=b"a" * 32, master_key=base64.b64encode(b"m" * 32).decode(), issuer_key_file=tmp_path / "i" / "key.pem")
    migrate(DECLARED, settings)
    bus = LocalBus(f"{tmp_path}/bus.sqlite")
    bus.create(topic_of("intake"))
    clock = ScenarioClock(datetime(2024, 7, 1, 10, tzinfo=UTC))
    app = create_app(service := build(settings, clock, bus), parts=())
    async with app.router.lifespan_context(app), httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://reporting") as client:
        assert settings.issuer_key_file
        yield Desk(service, clock, client, Issuer.at(settings.issuer_key_file))
    await bus.stop()


async def left(desk: Desk) -> None:
    """Anna took part, and left on 30 June."""
    desk.hears_of_the_case()
    await desk.does("/programmes/002/activation", PROGRAMME)
    await desk.comes(2024, 9, 16)
    await desk.does(f"/participations/{PARTICIPATION}", ENTRY)
    await desk.comes(2025, 6, 30)
    await desk.does(f"/participations/{PARTICIPATION}/exit", {"exit_reason": "COMPLETED", "on": "2025-06-30"})


async def test_the_same_programme_twice_is_one_and_a_wrong_one_is_told_where(desk: Desk) -> None:
    await desk.does("/programmes/002/activation", PROGRAMME)
    assert (await desk.does("/programmes/002/activation", PROGRAMME, 200))["events"] == []
    assert (await desk.does("/programmes/002/configurations", PROGRAMME, 200))["events"] == []
    wrong = await desk.does("/programmes/002/configurations", PROGRAMME | {"config": CONFIG | {"teams": [{"phase": "EVALUATION"}]}}, 422)
    assert "teams.0.roles" in json.dumps(wrong)
    assert "CUP_INVALID" in json.dumps(await desk.does("/programmes/003/activation", PROGRAMME | {"cup": "1"}, 422))


async def test_a_participation_waits_for_its_case_and_tells_only_what_is_counted(desk: Desk) -> None:
    await desk.does("/programmes/002/activation", PROGRAMME)
    await desk.comes(2024, 9, 16)
    assert (await desk.does(f"/participations/{PARTICIPATION}", ENTRY, 409))["code"] == "CASE_NOT_HEARD_YET"
    desk.hears_of_the_case()
    await desk.does(f"/participations/{PARTICIPATION}", ENTRY)
    other = f"/participations/{uuid5(NAMESPACE_OID, 'other')}"
    assert (await desk.does(other, ENTRY, 409))["code"] == "PARTICIPATION_EXISTS"
    entered = desk.said()[-1]
    assert (entered["case"], entered["programme"], entered["subject"], entered["occurred"]) == (CASE, "002", "S-002", "2024-09-16")
    assert (entered["data"]["age"], entered["data"]["complete"]) == (38, True)
    assert not {"birth_date", "disability", "minority"} & set(entered["data"])


async def test_with_no_result_in_28_days_unknown_is_recorded_on_day_29_and_a_task_is_raised_after_six_months(desk: Desk) -> None:
    await left(desk)
    await desk.comes(2025, 7, 28)
    assert desk.said()[-1]["type"] == "reporting.ParticipationExited.v1"
    await desk.comes(2025, 12, 30)
    unknown, task = desk.said()[-2:]
    assert (unknown["type"], unknown["occurred"], unknown["actorrole"]) == ("reporting.ImmediateResultRecorded.v1", "2025-07-29", "SYSTEM")
    assert unknown["data"] == {"participation_id": PARTICIPATION, "status": "UNKNOWN", "codes": []}
    assert (task["type"], task["occurred"], task["case"]) == ("reporting.TaskRaised.v1", "2025-12-30", CASE)
    assert task["data"]["done_by"] == "reporting.SixMonthResultRecorded.v1"


async def test_case_002_in_training_after_two_weeks_and_not_employed_after_six_months(desk: Desk) -> None:
    await left(desk)
    await desk.comes(2025, 7, 14)
    result = {"status": "EDUCATION", "codes": ["EECR02"], "source": "REGISTER", "observed_on": "2025-07-14"}
    await desk.does(f"/participations/{PARTICIPATION}/immediate-results", result)
    await desk.comes(2025, 12, 30)
    await desk.does(f"/participations/{PARTICIPATION}/six-month-results", {"status": "NONE", "source": "COB", "on": "2025-12-30"})
    assert [fact["type"].split(".")[1] for fact in desk.said()[2:]] == [
        "ParticipationExited", "ImmediateResultRecorded", "TaskRaised", "SixMonthResultRecorded"]
