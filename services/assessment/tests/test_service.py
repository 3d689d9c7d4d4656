"""Assessment as it is put together: case 002 over HTTP and a real store, on what it has heard."""
from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_OID, uuid5

import httpx
import pytest

from assessment.service import DECLARED, build
from chassis.bus_local import LocalBus
from chassis.decide import Heard
from chassis.issuer import Issuer
from chassis.service import Service, migrate
from chassis.settings import Settings
from chassis.topics import topic_of
from chassis.web.app import create_app

CONFIG: dict[str, Any] = {
    "sources": [{"code": "EEMM_ADI", "kind": "SOCIAL_SERVICE"}],
    "teams": [{"phase": "EVALUATION", "template_version": 1, "roles": ["CASE_MANAGER", "ORIENTATORE"]}],
    "plan_signatures": ["PARTICIPANT", "CASE_MANAGER", "ORIENTATORE"],
    "action_plan": {"offered": True, "grace_days": 15, "stabilising_contracts": ["PERMANENT"]},
    "policies": [{"policy_id": "PUGLIA-LR26-2023-TIS", "valid_from": "2023-11-28"}],
    "parameters": {"backdate_limit_days": 36500},
}


def known_as(name: str) -> str:
    return str(uuid5(NAMESPACE_OID, name))


CASE, EVALUATION, PLAN, STEPS = known_as("C-002"), known_as("E-002"), known_as("PL-002"), known_as("AP-002")
GOALS = [{"goal_id": known_as("G1"), "text": "a job she can keep"}]


class Desk:
    def __init__(self, service: Service, client: httpx.AsyncClient, issuer: Issuer) -> None:
        self.service, self.client, self.issuer, self.keys = service, client, issuer, 0
        self.heard: dict[str, list[Heard]] = {}
        service.executor.heard_about = lambda tenant, about: self.heard.get(about, [])
        self.hears("reporting.ProgrammeActivated.v1", "002", None, date(2024, 7, 1), config_version=1, config=CONFIG)

    def hears(self, type: str, about: str = CASE, case: str | None = CASE, occurred: date = date(2024, 9, 11), **data: Any) -> None:
        fact = Heard(type, type, type.partition(".")[0], about, occurred, "", case, "002", case and "S-002", data=data)
        self.heard.setdefault(about, []).append(fact)

    async def says(self, path: str, body: dict[str, Any], role: str) -> httpx.Response:
        self.keys += 1
        token = self.issuer.mint(role=role, tenant="bari", org="comune-bari", sub=f"{role}@bari")
        return await self.client.post(path, json=body, headers={"authorization": f"Bearer {token}",
                                                                "idempotency-key": f"key-{self.keys:08}"})

    async def does(self, path: str, body: dict[str, Any], role: str, *codes: str) -> Any:
        answer = await self.says(path, body, role)
        said = answer.json()
        if codes:
            assert answer.status_code == 409, answer.text
            assert [said["code"], *(also["code"] for also in said.get("also", []))] == list(codes)
        else:
            assert answer.is_success, answer.text
        return said


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    settings = Settings(service="assessment", database_url=f"sqlite:///{tmp_path}/a.sqlite", bus=f"local:///{tmp_path}/bus.sqlite",
                        actor_key=b"a" * 32, master_key=base64.b64encode(b"m" * 32).decode(), issuer_key_file=tmp_path / "i" / "key.pem")
    migrate(DECLARED, settings)
    bus = LocalBus(f"{tmp_path}/bus.sqlite")
    bus.create(topic_of("intake"))
    app = create_app(service := build(settings, bus=bus), parts=())
    async with app.router.lifespan_context(app), httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://assessment") as client:
        assert settings.issuer_key_file
        yield Desk(service, client, Issuer.at(settings.issuer_key_file))
    await bus.stop()


def operator(role: str) -> str:
    return known_as(f"operator {role}")


async def convene(desk: Desk, *codes: str) -> None:
    members = [{"operator": operator(role), "role": role, "org": "comune-bari"} for role in ("CASE_MANAGER", "ORIENTATORE")]
    await desk.does(f"/evaluations/{EVALUATION}/team", {"case_id": CASE, "members": members, "on": "2024-09-11"}, "CASE_MANAGER", *codes)


@pytest.mark.parametrize("who", ["RSSNNA85T55X000W", "anna@example.org", known_as("OP").upper()])
async def test_an_operator_is_named_by_a_pseudonym_only(desk: Desk, who: str) -> None:
    members = [{"operator": who, "role": "CASE_MANAGER", "org": "comune-bari"}]
    said = await desk.says(f"/evaluations/{EVALUATION}/team", {"case_id": CASE, "members": members, "on": "2024-09-11"}, "CASE_MANAGER")
    assert (said.status_code, said.json()["code"]) == (422, "OPERATOR_ID_INVALID")
    assert who not in said.text


@pytest.mark.parametrize(("back", "codes"), [(10, ()), (11, ("DATE_TOO_FAR_BACK",))])
async def test_a_fact_lies_no_further_back_than_the_programme_lets_it(desk: Desk, back: int, codes: tuple[str, ...]) -> None:
    desk.hears("reporting.ProgrammeConfigurationVersioned.v1", "002", None, date(2024, 8, 1), config_version=2,
               config=CONFIG | {"parameters": {"backdate_limit_days": 10}})
    for type in ("ReferralAccepted", "PrivacyNoticeDelivered", "CaseOpened"):
        desk.hears(f"intake.{type}.v1")
    desk.hears("intake.CaseManagerAssigned.v1", operator_id=operator("CASE_MANAGER"))
    day = desk.service.executor.today() - timedelta(days=back)
    members = [{"operator": operator(role), "role": role, "org": "comune-bari"} for role in ("CASE_MANAGER", "ORIENTATORE")]
    await desk.does(f"/evaluations/{EVALUATION}/team", {"case_id": CASE, "members": members, "on": day.isoformat()}, "CASE_MANAGER",
                    *codes)


async def test_no_work_on_a_case_not_heard_of_nor_before_the_privacy_notice(desk: Desk) -> None:
    await convene(desk, "CASE_NOT_HEARD_YET")
    desk.hears("intake.ReferralAccepted.v1")
    await convene(desk, "PRIVACY_NOTICE_MISSING", "NO_CASE_MANAGER")


async def test_case_002_from_the_instrument_to_the_closed_action_plan(desk: Desk) -> None:
    for type in ("ReferralAccepted", "PrivacyNoticeDelivered", "CaseOpened"):
        desk.hears(f"intake.{type}.v1")
    desk.hears("intake.CaseManagerAssigned.v1", operator_id=operator("CASE_MANAGER"))
    await desk.does("/instruments/PROFILO-002/versions", {
        "programme_id": "002", "version": 1, "items": [{"code": "Q1"}, {"code": "Q2", "mandatory": False}],
        "needs": [{"code": "CHILDCARE"}, {"code": "INCOME"}, {"code": "THERAPY", "special": True}], "competences": ["SALES", "STOCK"],
        "shared_with": ["EEMM_ADI"], "on": "2024-08-28"}, "PROFILER")
    await convene(desk)
    await desk.does(f"/profiles/{known_as('F-002')}", {
        "case_id": CASE, "instrument_code": "PROFILO-002", "version": 1, "answers": [{"item": "Q1", "value": 2}],
        "needs": ["CHILDCARE", "INCOME", "THERAPY"], "competences": ["SALES", "STOCK"], "on": "2024-09-18"}, "ORIENTATORE")
    completion = {"domains": ["WORK", "FAMILY"], "risk_factors": ["DISABILITY_SITUATION"], "on": "2024-09-20"}
    both, alone = ["CASE_MANAGER", "ORIENTATORE"], ["CASE_MANAGER"]
    await desk.does(f"/evaluations/{EVALUATION}/completion", completion | {"present_roles": alone, "signed_by": alone}, "CASE_MANAGER",
                    "TEAM_QUORUM_MISSING:ORIENTATORE")
    await desk.does(f"/evaluations/{EVALUATION}/completion", completion | {"present_roles": both, "signed_by": both}, "CASE_MANAGER")
    await desk.does(f"/plans/{PLAN}", {"case_id": CASE, "evaluation_id": EVALUATION, "goals": GOALS, "policy_id": "PUGLIA-LR26-2023-TIS",
                                       "on": "2024-09-26"}, "CASE_MANAGER")
    signed = [{"party": party, "method": "HANDWRITTEN", "on": "2024-09-27"} for party in ("PARTICIPANT", *both)]
    agreement = {"version": 1, "signatures": signed, "valid_to": "2025-09-26", "coherent": True, "on": "2024-09-27"}
    await desk.does(f"/plans/{PLAN}/agreement", agreement | {"signatures": signed[1:]}, "CASE_MANAGER", "SIGNATURE_MISSING:PARTICIPANT")
    await desk.does(f"/plans/{PLAN}/agreement", agreement, "CASE_MANAGER")
    await desk.does(f"/plans/{PLAN}/revisions", {"from_version": 1, "reason": "CRITICAL_ISSUE", "goals": GOALS,
                                                 "changes": "flexible schedule", "on": "2025-02-20"}, "CASE_MANAGER")
    await desk.does(f"/plans/{PLAN}/agreement", agreement | {"version": 2, "on": "2025-02-20"}, "CASE_MANAGER")
    desk.hears("placement.InternshipPlanned.v1", internship_id="I-002")
    await desk.does(f"/action-plans/{STEPS}", {"case_id": CASE, "on": "2025-04-28"}, "ORIENTATORE", "INTERNSHIP_NOT_ENDED")
    desk.hears("placement.InternshipStarted.v1", internship_id="I-002")
    desk.hears("placement.InternshipCompleted.v1", internship_id="I-002", ended_on="2025-04-13")
    await desk.does(f"/action-plans/{STEPS}", {"case_id": CASE, "on": "2025-04-27"}, "ORIENTATORE", "GRACE_DAYS_RUNNING")
    await desk.does(f"/action-plans/{STEPS}", {"case_id": CASE, "on": "2025-04-28"}, "ORIENTATORE")
    steps = [{"step_id": known_as(f"S{n}"), "by_when": "2025-06-01", "text": "write to three shops"} for n in range(5)]
    await desk.does(f"/action-plans/{STEPS}/agreement", {"steps": steps, "on": "2025-05-06"}, "ORIENTATORE")
    await desk.does(f"/action-plans/{STEPS}/closing", {"outcome": "STEPS_DONE_NO_JOB", "on": "2025-06-30"}, "ORIENTATORE")
    facts = [entry.parts.fact for entry in desk.service.log.read(0, 100)]
    spoken = [json.loads(fact) for fact in facts]
    assert [fact["type"].split(".")[1] for fact in spoken] == [
        "InstrumentVersionPublished", "TeamConvened", "ProfileCompleted", "MultidimensionalEvaluationCompleted", "PlanDrafted",
        "PlanAgreed", "PlanRevised", "PlanAgreed", "ActionPlanOffered", "ActionPlanAgreed", "ActionPlanClosed"]
    assert {(fact.get("case"), fact["programme"], fact.get("subject")) for fact in spoken[1:]} == {(CASE, "002", "S-002")}
    assert spoken[5]["policyref"] == spoken[7]["policyref"]
    assert spoken[7]["data"]["goal_ids"] == [known_as("G1")]
    assert not [word for word in (b"THERAPY", b"DISABILITY_SITUATION", b"a job she can keep", b"flexible", b"three shops", b'"Q1"')
                if any(word in fact for fact in facts)]


async def test_the_document_names_what_a_command_may_be_refused_with(desk: Desk) -> None:
    document = (await desk.client.get("/openapi.json")).json()
    refusals = document["paths"]["/plans/{plan_id}/agreement"]["post"]["x-refusals"]
    assert {"SIGNATURE_MISSING", "PLAN_NOT_COHERENT", "STALE_VERSION", "CASE_NOT_HEARD_YET", "PRIVACY_NOTICE_MISSING"} <= set(refusals)
