"""Placement as it is put together: case 002 over HTTP, with its store, sealing and claims, on what it has heard."""
from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest

from chassis.clock import WallClock
from chassis.database import open_database
from chassis.decide import Actor, Heard
from chassis.execute import Call, Executor
from chassis.issuer import Issuer
from chassis.loader import Loader
from chassis.log import Log
from chassis.record import Codec
from chassis.schema import migrate
from chassis.settings import Settings
from chassis.vault import Vault
from chassis.web.app import create_app
from chassis.writer import Writer
from contracts.policyref import policy_ref
from placement.adapters.deadlines import DEADLINES
from placement.domain.hire import ask_for_action_plan
from placement.service import DECLARED

from .story import DAYS, ITEMS, attended, known_as
from .test_heard import CONFIG, POLICY

POLICY_2 = {**POLICY, "internship_types": ["INCLUSIONE_SOCIALE", "FORMATIVO_ORIENTAMENTO"], "host_requirements": list(ITEMS),
            "suspension": {"min_days": {"COMPANY_CLOSURE": 15}}}
CASE, PERSON, PLAN, GOAL = known_as("C-002"), known_as("P-002"), known_as("PL-002"), known_as("G-1")
HOST, UNIT, OPPORTUNITY, MATCH, INTERNSHIP = (known_as(name) for name in ("H-002", "U1", "O-002", "M-002", "I-002"))
PARTIES = ["PROMOTER", "HOST", "PARTICIPANT", "TUTOR_PROMOTORE", "TUTOR_AZIENDALE"]
PLANNED = {
    "match_id": MATCH, "agreement_id": known_as("A-002"), "type": "INCLUSIONE_SOCIALE", "start": "2024-10-14",
    "planned_end": "2025-04-13", "weekly_hours": "30", "goal_ids": [GOAL],
    "promoter_tutor": known_as("op-tp-02"), "host_tutor": known_as("ht-02"),
    "calendar": [{"day": day.isoformat(), "hours": "6", "starts_at": "09:00", "ends_at": "15:00"} for day in DAYS],
    "pfi_digest": "a" * 64, "pfi_key": "secret-key", "pfi_signed_on": "2024-10-04", "signatures": PARTIES,
    "no_prior_relationship": True, "amount_cents": 60000, "on": "2024-10-04"}


LATER = [{"day": "2025-06-16", "hours": "6"}]


def fact(type: str, case: str, *, on: str = "2024-09-11", **data: Any) -> Heard:
    return Heard(type, known_as(type + on), type.partition(".")[0], case, date.fromisoformat(on), "", case, "002",
                 PERSON if case == CASE else known_as(case), data.pop("policyref", None), "", "", data)


def heard_of(case: str, internship: str) -> list[Heard]:
    return [
        fact("intake.CaseOpened.v1", case, case_id=case), fact("intake.PrivacyNoticeDelivered.v1", case),
        fact("intake.CaseManagerAssigned.v1", case, operator_id="op-cm-02"),
        fact("intake.TargetCategoryAttested.v1", case, category="ADI_HOUSEHOLD"),
        fact("assessment.PlanAgreed.v1", case, on="2024-09-27", plan_id=PLAN, version=1, goal_ids=[GOAL], valid_to="2025-09-26",
             policyref=policy_ref(POLICY_2)),
        fact("stipend.StipendEntitlementOpened.v1", case, on="2024-10-04", internship_id=internship)]


class Placement:
    """The parts of the service that commands need, over one SQLite file; what it heard is given."""

    def __init__(self, settings: Settings) -> None:
        self.declared, self.settings, self.clock = DECLARED, settings, WallClock()
        self.database = open_database(settings.database_url, service="placement")
        migrate(self.database, ())
        self.log = Log(self.database)
        codec = Codec("placement", DECLARED.kinds, DECLARED.spoken, DECLARED.silent, Vault(self.database, settings.master_key))
        self.writer = Writer(self.log, self.clock.now)
        self.executor = Executor(DECLARED, self.log, codec, self.writer, Loader(self.log, codec), self.clock.now)
        self.heard: dict[str, list[Heard]] = {"002": [fact(
            "reporting.ProgrammeActivated.v1", "002", on="2024-07-01", programme_id="002", start="2024-07-01", end="2026-12-31",
            config={**CONFIG, "policies": [POLICY_2]})]}
        self.executor.heard_about = lambda tenant, about: self.heard.get(about, [])

    async def start(self, *parts: str) -> None: ...

    async def stop(self) -> None:
        self.executor.close()
        self.database.close()

    def facts(self) -> list[dict[str, Any]]:
        return [json.loads(entry.parts.fact) for entry in self.log.read(0, 1000)]


class Desk:
    """Somebody who asks, in one role at a time."""

    def __init__(self, placement: Placement, client: httpx.AsyncClient, issuer: Issuer) -> None:
        self.placement, self.client, self.issuer, self.keys = placement, client, issuer, 0

    async def does(self, path: str, body: Any, status: int = 201, *, role: str = "TUTOR_PROMOTORE") -> Any:
        self.keys += 1
        token = self.issuer.mint(role=role, tenant="bari", org="comune-bari", sub=f"{role}@bari")
        headers = {"authorization": f"Bearer {token}", "idempotency-key": f"key-{self.keys:08}"}
        answer = await self.client.post(path, json=body, headers=headers)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def operator(self, role: str) -> str:
        token = self.issuer.mint(role=role, tenant="bari", org="comune-bari", sub=f"{role}@bari")
        found: str = (await self.client.get("/me", headers={"authorization": f"Bearer {token}"})).json()["operator_id"]
        return found

    async def refused(self, path: str, body: Any, code: str, *, status: int = 409, role: str = "TUTOR_PROMOTORE") -> None:
        assert (await self.does(path, body, status, role=role))["code"] == code


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    settings = Settings(service="placement", database_url=f"sqlite:///{tmp_path}/p.sqlite", bus="local:///bus", actor_key=b"a" * 32,
                        master_key=base64.b64encode(b"m" * 32).decode(), issuer_key_file=tmp_path / "issuer" / "key.pem")
    placement = Placement(settings)
    app = create_app(placement)  # type: ignore[arg-type]
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport, base_url="http://placement") as client:
        yield Desk(placement, client, Issuer.at(tmp_path / "issuer" / "key.pem"))


async def tutors(desk: Desk) -> dict[str, str]:
    return {"promoter_tutor": await desk.operator("TUTOR_PROMOTORE"), "host_tutor": await desk.operator("TUTOR_AZIENDALE")}


async def a_host(desk: Desk, places: int = 1, tutors: list[str] | None = None) -> None:
    await desk.does(f"/hosts/{HOST}", {
        "tutors": tutors or [],
        "name": "Cartolibreria Sintetica", "vat_number": "99999010293", "ateco": "47.62", "ateco_version": "2007", "risk_class": "LOW",
        "legal_nature": "PRIVATE", "units": [{"unit_id": UNIT, "istat": "072006", "employees_open_ended": 4}], "on": "2024-09-16"})
    await desk.does(f"/hosts/{HOST}/requirements", {
        "checklist": [{"item": item, "met": True} for item in ITEMS], "signatory": "Titolare", "declared_on": "2024-09-19",
        "valid_to": "2025-09-18"}, role="TUTOR_AZIENDALE")
    await desk.does(f"/opportunities/{OPPORTUNITY}", {
        "host_id": HOST, "unit_id": UNIT, "tasks": "addetto alla vendita", "places": places, "weekly_hours": "30",
        "starts": "2024-10-14", "on": "2024-09-20"}, role="ORIENTATORE")
    await desk.does(f"/agreements/{PLANNED['agreement_id']}", {
        "host_id": HOST, "promoter": "comune-bari", "kind": "CONVENZIONE", "signed_on": "2024-10-04", "valid_to": "2025-10-03",
        "document_digest": "b" * 64})


async def matched(desk: Desk, match: str = MATCH, case: str = CASE) -> None:
    await desk.does(f"/matches/{match}", {
        "case_id": case, "opportunity_id": OPPORTUNITY, "criteria": [{"name": "SALES", "score": "0.80", "weight": "1"}],
        "on": "2024-09-23"}, role="ORIENTATORE")
    for party, role in (("PARTICIPANT", "ORIENTATORE"), ("HOST", "TUTOR_AZIENDALE"), ("TEAM", "CASE_MANAGER")):
        await desk.does(f"/matches/{match}/acceptances", {"accepted_by": party, "on": "2024-09-25"}, role=role)


async def trained(desk: Desk, case: str = CASE) -> None:
    for module in ("SAFETY_GENERAL", "SAFETY_SPECIFIC_LOW"):
        enrolment = known_as(case + module)
        await desk.does(f"/cases/{case}/trainings/{enrolment}", {"module_code": module, "hours": "4", "on": "2024-09-30"})
        await desk.does(f"/trainings/{enrolment}/completion", {
            "hours_attended": "4", "outcome": "PASSED", "certificate_no": "SYN-CERT-1", "on": "2024-10-03"})


async def ready(desk: Desk, internship: str = INTERNSHIP, **otherwise: Any) -> str:
    """Planned, insured and communicated; its path."""
    path = f"/internships/{internship}"
    await desk.does(path, {**PLANNED, **await tutors(desk), **otherwise})
    await desk.does(f"{path}/insurance", {"inail_position": "1", "rct_policy": "2", "valid_from": "2024-10-14",
                                          "valid_to": "2025-12-31", "on": "2024-10-04"})
    await desk.does(f"{path}/communications", {
        "kind": "START", "protocol": "SYN-COB-1", "effective_on": "2024-10-14",
        "internship_type": otherwise.get("type", "INCLUSIONE_SOCIALE"), "sent_on": "2024-10-11"})
    return path


async def test_p_002s_way_from_match_to_attestation_as_the_case_file_says(desk):
    desk.placement.heard[CASE] = heard_of(CASE, INTERNSHIP)
    await a_host(desk)
    await matched(desk)
    await trained(desk)
    await desk.refused(f"/internships/{INTERNSHIP}", {**PLANNED, "planned_end": "2025-05-13"}, "EXTENSION_VALIDATION_MISSING")
    path = await ready(desk)
    await desk.does(f"/cases/{CASE}/external-registrations/{known_as('R')}", {"system": "GEPI", "reference": "SYN-GEPI-1",
                                                                              "on": "2024-10-11"}, role="CASE_MANAGER")
    await desk.does(f"{path}/start", {"started_on": "2024-10-14"})
    for day in DAYS:
        hours, kind = attended(day)
        await desk.does(f"{path}/attendance", {"day": day.isoformat(), "hours": str(hours), "kind": kind, "note": "figlia malata"},
                        role="TUTOR_AZIENDALE")
    await desk.does(f"{path}/visits/{known_as('V')}", {"met": "PARTICIPANT", "minutes": 45, "topics": "orari", "on": "2024-11-06"})
    await desk.does(f"{path}/issues/{known_as('X')}", {"severity": "MEDIUM", "category": "ATTENDANCE", "description": "nido",
                                                       "on": "2025-01-27"}, role="TUTOR_AZIENDALE")
    await desk.does(f"{path}/issues/{known_as('X')}/resolution", {"measure": "orario flessibile", "on": "2025-02-20"})
    await desk.does(f"{path}/completion", {"ended_on": "2025-04-13"})
    both = [{"operator": await desk.operator(role), "role": role} for role in ("TUTOR_AZIENDALE", "TUTOR_PROMOTORE")]
    for number, on in enumerate(("2024-11-18", "2024-12-16", "2025-01-16", "2025-02-18", "2025-03-18", "2025-04-16"), 1):
        await desk.does(f"{path}/periods/{number}/validation", {"validators": both, "on": on}, role="TUTOR_AZIENDALE")
    await desk.does(f"{path}/attestation", {"attestation_no": "SYN-ATT-1", "competences": ["SALES"], "on": "2025-04-24"})
    assert_as_in_the_case_file(desk.placement)


def assert_as_in_the_case_file(placement: Placement) -> None:
    facts = placement.facts()
    of_case = [one for one in facts if one["aggregatetype"] not in ("host", "opportunity", "agreement")]
    assert {(one.get("case"), one.get("programme"), one.get("subject")) for one in of_case} == {(CASE, "002", PERSON)}
    validated = [one["data"] for one in facts if one["type"] == "placement.AttendancePeriodValidated.v1"]
    assert [one["recognised_hours"] for one in validated] == ["116", "118", "110", "72", "104", "112"]
    completed = next(one["data"] for one in facts if one["type"] == "placement.InternshipCompleted.v1")
    assert completed == {"internship_id": INTERNSHIP, "ended_on": "2025-04-13", "total_planned": "720", "total_recognised": "632",
                         "ratio": "0.8778"}
    task, = [one for one in facts if one["type"] == "placement.TaskRaised.v1"]
    assert (task["data"]["kind"], task["occurred"], task["data"]["due"]) == ("GEPI_REGISTRATION", "2024-10-04", "2024-10-14")
    planned = next(one for one in facts if one["type"] == "placement.InternshipPlanned.v1")
    assert planned["policyref"] == policy_ref(POLICY_2)
    assert "calendar" not in planned["data"]
    spoken = json.dumps(facts)
    for secret in ("malata", "nido", "orari", "99999010293", "SYN-", "Titolare", "secret-key", "vendita"):
        assert secret not in spoken


async def test_the_action_plan_is_asked_for_at_its_deadline_unless_she_was_hired(desk):
    desk.placement.heard[CASE] = heard_of(CASE, INTERNSHIP)
    await a_host(desk)
    await matched(desk)
    await trained(desk)
    path = await ready(desk)
    await desk.does(f"{path}/start", {"started_on": "2024-10-14"})
    await desk.does(f"{path}/completion", {"ended_on": "2025-04-13"})
    executor, system = desk.placement.executor, Actor("system", "SYSTEM", "placement", "bari")
    stored = [executor.codec.read(entry.name, entry.parts) for entry in desk.placement.log.read(0, 100)
              if entry.name == "placement.InternshipCompleted.v1"]
    asked = DEADLINES[0].do(stored[0])
    answer = await executor.carry_out(executor.by_decision(ask_for_action_plan), asked.args, system,
                                      Call("deadline:1", b"", "c", occurred=date(2025, 4, 28)))
    assert [type for _, type in answer.events] == ["placement.TaskRaised.v1"]
    assert desk.placement.facts()[-1]["occurred"] == "2025-04-28"
    for number in (1, 2):
        await desk.does(f"/cases/{CASE}/hires/{known_as(str(number))}", {
            "employer_id": HOST, "same_host": True, "contract": "PERMANENT", "starts": "2025-05-01", "weekly_hours": "36",
            "on": "2025-05-01"}, role="CASE_MANAGER")
    assert [event.first_stabilising for event in (executor.codec.read(e.name, e.parts) for e in desk.placement.log.read(0, 100)
                                                  if e.name == "placement.HireRecorded.v1")] == [True, False]


async def test_an_ordinary_unit_of_four_has_one_intern_at_a_time_and_a_place_is_filled_once(desk):
    others = [known_as(f"C-{n}") for n in (1, 2)]
    matches, internships = [known_as(f"M-{n}") for n in (1, 2)], [known_as(f"I-{n}") for n in (1, 2)]
    await a_host(desk, places=2)
    paths = []
    for case, match, internship in zip(others, matches, internships, strict=True):
        desk.placement.heard[case] = heard_of(case, internship)
        await matched(desk, match, case)
        await trained(desk, case)
        paths.append(await ready(desk, internship, match_id=match, type="FORMATIVO_ORIENTAMENTO"))
    await desk.refused(f"/matches/{known_as('M-3')}", {"case_id": others[0], "opportunity_id": OPPORTUNITY, "criteria": [],
                                                       "on": "2024-09-23"}, "NO_PLACES")
    await desk.does(f"{paths[0]}/start", {"started_on": "2024-10-14"})
    await desk.refused(f"{paths[1]}/start", {"started_on": "2024-10-14"}, "HOST_QUOTA_EXCEEDED")
    await desk.does(f"{paths[0]}/suspension", {"reason": "COMPANY_CLOSURE", "suspended_from": "2024-10-21", "expected_to": "2024-11-10",
                                               "evidence": "fattura"})
    await desk.does(f"{paths[0]}/resumption", {"resumed_on": "2024-11-11"})
    await desk.does(f"{paths[0]}/extension", {"new_end": "2025-06-30", "calendar": LATER, "reason_code": "GOALS", "on": "2024-11-12",
                                              "validation_kind": "CPI_VALIDATION", "validation_document": "doc-cpi"})
    await desk.does(f"{paths[0]}/withdrawal", {"last_day": "2024-11-12", "reason_code": "PERSONAL", "note": "si trasferisce"})
    await desk.does(f"{paths[1]}/start", {"started_on": "2024-10-14"})
    kinds = [one["data"]["kind"] for one in desk.placement.facts() if one["type"] == "placement.TaskRaised.v1"]
    assert kinds == ["GEPI_REGISTRATION", "GEPI_REGISTRATION", "COB_EXTENSION", "COB_EXTENSION", "COB_TERMINATION"]
    assert "fattura" not in json.dumps(desk.placement.facts())


async def test_a_vat_number_is_checked_and_belongs_to_one_host(desk):
    await a_host(desk)
    other = {"name": "Altra", "vat_number": "99999010293", "ateco": "10.71", "ateco_version": "2007", "risk_class": "HIGH",
             "legal_nature": "PRIVATE", "units": [], "on": "2024-09-16"}
    await desk.refused(f"/hosts/{known_as('H-1')}", other, "HOST_ALREADY_REGISTERED")
    await desk.refused(f"/hosts/{known_as('H-1')}", {**other, "vat_number": "99999010294"}, "PIVA_INVALID", status=422)
    await desk.refused(f"/hosts/{known_as('H-1')}", {**other, "vat_number": "99999010996"}, "ROLE_NOT_ALLOWED", status=403,
                       role="CASE_MANAGER")


async def test_what_is_not_heard_yet_is_asked_for_again(desk):
    await a_host(desk)
    await desk.refused(f"/matches/{MATCH}", {"case_id": CASE, "opportunity_id": OPPORTUNITY, "criteria": [], "on": "2024-09-23"},
                       "CASE_NOT_HEARD_YET")
    await desk.refused(f"/internships/{INTERNSHIP}/start", {"started_on": "2024-10-14"}, "INVALID_TRANSITION")


async def test_what_is_planned_and_never_begins_gives_its_place_back(desk):
    desk.placement.heard[CASE] = heard_of(CASE, INTERNSHIP)
    await a_host(desk)
    await matched(desk)
    path = await ready(desk)
    other = (f"/matches/{known_as('M-3')}", {"case_id": CASE, "opportunity_id": OPPORTUNITY, "criteria": [], "on": "2024-10-12"})
    await desk.refused(*other, "NO_PLACES")
    await desk.refused(f"/matches/{MATCH}/rejection", {"rejected_by": "HOST", "reason_code": "SCHEDULE", "on": "2024-10-12"},
                       "INVALID_TRANSITION", role="TUTOR_AZIENDALE")
    await desk.refused(f"/internships/{known_as('I-3')}", {**PLANNED, **await tutors(desk)}, "INVALID_TRANSITION")
    await desk.does(f"{path}/withdrawal", {"last_day": "2024-10-12", "reason_code": "FOUND_JOB"})
    await desk.does(*other)
    await desk.refused(f"{path}/start", {"started_on": "2024-10-14"}, "INVALID_TRANSITION")
    types = [one["type"].split(".")[1] for one in desk.placement.facts()]
    assert types[-4:] == ["InternshipWithdrawn", "TaskRaised", "MatchRejected", "MatchProposed"]


async def test_a_tutor_speaks_for_his_own_host_only_and_a_visit_takes_time(desk):
    desk.placement.heard[CASE] = heard_of(CASE, INTERNSHIP)
    await a_host(desk, tutors=[await desk.operator("TUTOR_AZIENDALE")])
    await matched(desk)
    declaration = {"checklist": [], "signatory": "x", "declared_on": "2024-09-19", "valid_to": "2025-09-18"}
    other = known_as("H-1")
    await desk.does(f"/hosts/{other}", {
        "name": "Altra", "vat_number": "99999010996", "ateco": "10.71", "ateco_version": "2007", "risk_class": "HIGH",
        "legal_nature": "PRIVATE", "units": [], "on": "2024-09-16", "tutors": [known_as("ht-01")]})
    await desk.refused(f"/hosts/{other}/requirements", declaration, "OPERATOR_NOT_AUTHORISED", role="TUTOR_AZIENDALE")
    await desk.refused(f"/internships/{INTERNSHIP}/visits/{known_as('V')}", {"met": "HOST", "minutes": -30, "on": "2024-11-06"},
                       "INPUT_INVALID", status=422)


async def test_tutors_are_named_by_their_pseudonyms_and_a_plan_names_its_policy(desk):
    desk.placement.heard[CASE] = [*heard_of(CASE, INTERNSHIP)[:4], fact(
        "assessment.PlanAgreed.v1", CASE, on="2024-09-27", plan_id=PLAN, version=1, goal_ids=[GOAL], valid_to="2025-09-26")]
    await a_host(desk)
    await matched(desk)
    path = f"/internships/{INTERNSHIP}"
    for who in ("RSSNNA85T55X000W", "anna@example.org"):
        await desk.refused(path, {**PLANNED, "host_tutor": who}, "OPERATOR_ID_INVALID", status=422)
        await desk.refused(f"{path}/periods/1/validation", {"validators": [{"operator": who, "role": "TUTOR_AZIENDALE"}],
                                                            "on": "2024-11-18"}, "OPERATOR_ID_INVALID", status=422)
    await desk.refused(path, PLANNED, "PLAN_WITHOUT_POLICY")
