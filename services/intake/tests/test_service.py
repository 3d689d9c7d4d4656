"""Intake as it is put together: over HTTP, with its store, sealing and claims, on what it has heard of programme 002."""
from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator, Callable
from datetime import date
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_OID, uuid5

import httpx
import pytest

from chassis.clock import WallClock
from chassis.database import open_database
from chassis.decide import Heard
from chassis.execute import Executor
from chassis.issuer import Issuer
from chassis.loader import Loader
from chassis.log import Log
from chassis.record import Codec
from chassis.schema import migrate
from chassis.settings import Settings
from chassis.vault import Vault
from chassis.web.app import create_app
from chassis.writer import Writer
from intake.adapters.reads import TABLES
from intake.service import DECLARED

ANNA: dict[str, Any] = {"given_name": "Anna", "family_name": "Rossini", "tax_code": "rssnna85t55x000w", "birth_date": "1985-12-15",
                        "gender": "F"}
REFERRED = {**ANNA, "programme_id": "002", "source": "EEMM_ADI", "protocol_no": "SYN-002-1", "received_on": "2024-09-09",
            "declared_categories": ["ADI_HOUSEHOLD", "SOCIOECON_DISADV"], "attachments": ["doc-1"]}
DAY = "2024-09-11"


def known_as(name: str) -> str:
    return str(uuid5(NAMESPACE_OID, name))


class Intake:
    """The parts of the service that commands need, over one SQLite file; what it heard is given."""

    def __init__(self, settings: Settings, heard: dict[str, list[Heard]]) -> None:
        self.declared, self.settings, self.clock = DECLARED, settings, WallClock()
        self.database = open_database(settings.database_url, service="intake")
        migrate(self.database, TABLES)
        self.log, self.vault = Log(self.database), Vault(self.database, settings.master_key)
        codec = Codec("intake", DECLARED.kinds, DECLARED.spoken, DECLARED.silent, self.vault)
        self.writer = Writer(self.log, self.clock.now)
        self.executor = Executor(DECLARED, self.log, codec, self.writer, Loader(self.log, codec), self.clock.now)
        self.executor.heard_about = lambda tenant, about: heard.get(about, [])

    async def start(self, *parts: str) -> None: ...

    async def stop(self) -> None:
        self.executor.close()
        self.database.close()


class Desk:
    """Somebody who asks, in one role at a time."""

    def __init__(self, intake: Intake, client: httpx.AsyncClient, issuer: Issuer, heard: dict[str, list[Heard]]) -> None:
        self.intake, self.client, self.issuer, self.heard, self.keys = intake, client, issuer, heard, 0

    def headers(self, role: str, tenant: str) -> dict[str, str]:
        self.keys += 1
        token = self.issuer.mint(role=role, tenant=tenant, org="comune-bari", sub=f"{role}@bari")
        return {"authorization": f"Bearer {token}", "idempotency-key": f"key-{self.keys:08}"}

    async def does(self, path: str, body: Any, status: int = 201, *, role: str = "CASE_MANAGER", tenant: str = "bari") -> Any:
        answer = await self.client.post(path, json=body, headers=self.headers(role, tenant))
        assert answer.status_code == status, answer.text
        return answer.json()

    async def reads(self, path: str, *, role: str, tenant: str = "bari") -> Any:
        answer = await self.client.get(path, headers=self.headers(role, tenant))
        assert answer.status_code == 200, answer.text
        return answer.json()

    def facts(self) -> list[dict[str, Any]]:
        return [json.loads(entry.parts.fact) for entry in self.intake.log.read(0, 100)]


@pytest.fixture
async def desk(tmp_path: Path, configured: Callable[..., Heard]) -> AsyncIterator[Desk]:
    settings = Settings(service="intake", database_url=f"sqlite:///{tmp_path}/intake.sqlite", bus="local:///bus", actor_key=b"a" * 32,
                        master_key=base64.b64encode(b"m" * 32).decode(), issuer_key_file=tmp_path / "issuer" / "key.pem")
    heard = {"002": [configured()]}
    intake = Intake(settings, heard)
    app = create_app(intake)  # type: ignore[arg-type]
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport, base_url="http://intake") as client:
        yield Desk(intake, client, Issuer.at(tmp_path / "issuer" / "key.pem"), heard)


async def entered(desk: Desk) -> tuple[str, str]:
    """P-002 on her way in, up to her case manager; the ids of case and person."""
    ids = (await desk.does(f"/referrals/{known_as('R-1')}", REFERRED))["ids"]
    case, person = ids["case_id"], ids["subject_id"]
    await desk.does(f"/referrals/{known_as('R-1')}/acceptance", {"accepted_on": DAY})
    await desk.does(f"/subjects/{person}", {**ANNA, "residence": "072006", "registered_on": DAY, "household_ref": "HH-002"})
    await desk.does(f"/cases/{case}/privacy-notice",
                    {"notice_version": "v1", "language": "it", "channel": "IN_PERSON", "delivered_on": DAY})
    await desk.does(f"/cases/{case}/opening", {"territorial_unit": "MUNICIPIO_3", "opened_on": DAY})
    await desk.does(f"/cases/{case}/case-manager",
                    {"operator_id": known_as("op-cm-02"), "operator_role": "CASE_MANAGER", "assigned_on": DAY}, role="PARTNER_ADMIN")
    return case, person


async def admitted(desk: Desk) -> tuple[str, str]:
    case, person = await entered(desk)
    for category, to in (("ADI_HOUSEHOLD", "2025-06-30"), ("SOCIOECON_DISADV", None)):
        await desk.does(f"/cases/{case}/categories/{known_as(category)}", {
            "category": category, "evidence_doc": "doc-adi", "valid_from": "2024-01-01", "valid_to": to, "attested_on": "2024-09-13"})
    await desk.does(f"/cases/{case}/eligibility", {"confirmed_on": "2024-09-13"})
    return case, person


async def test_p_002_enters_and_leaves_as_the_case_file_says(desk):
    case, person = await admitted(desk)
    await desk.does(f"/cases/{case}/closing", {"reason": "COMPLETED", "closed_on": "2025-12-30"})
    facts = desk.facts()
    assert [fact["type"].split(".")[1] for fact in facts] == [
        "ReferralReceived", "ReferralAccepted", "ParticipantRegistered", "PrivacyNoticeDelivered", "CaseOpened", "CaseManagerAssigned",
        "TargetCategoryAttested", "TargetCategoryAttested", "EligibilityConfirmed", "CaseClosed"]
    assert {fact["subject"] for fact in facts} == {person}
    of_case = [fact for fact in facts if fact["aggregatetype"] != "subject"]
    assert {(fact["case"], fact["programme"]) for fact in of_case} == {(case, "002")}
    registered = facts[2]
    assert "case" not in registered
    assert "programme" not in registered
    assert registered["data"] == {"subject_id": person, "household_ref": "HH-002"}
    assert facts[8]["data"] == {
        "case_id": case, "age_band": "ADULT", "max_months": 6, "quota_exempt": False, "rule_version": "002-1",
        "gates": [{"rule": rule, "result": True} for rule in ("SOURCE", "RESIDENCE", "AGE", "CATEGORY")]}


async def test_nothing_that_says_who_she_is_is_spoken(desk):
    await admitted(desk)
    said = json.dumps(desk.facts()).lower()
    for private in ("anna", "rossini", "rssnna85t55x000w", "1985-12-15", "072006", "syn-002-1"):
        assert private not in said


async def test_a_second_referral_of_the_same_person_is_received_and_its_acceptance_refused_until_the_case_closes(desk):
    case, person = await admitted(desk)
    again = await desk.does(f"/referrals/{known_as('R-2')}", {**REFERRED, "source": "MUNICIPIO_3", "received_on": "2024-09-12"})
    assert again["ids"]["subject_id"] == person
    assert again["ids"]["case_id"] != case
    no = await desk.does(f"/referrals/{known_as('R-2')}/acceptance", {"accepted_on": "2024-09-12"}, 409)
    assert no["code"] == "CASE_ALREADY_OPEN"
    await desk.does(f"/cases/{case}/closing", {"reason": "COMPLETED", "closed_on": "2025-12-30"})
    await desk.does(f"/referrals/{known_as('R-2')}/acceptance", {"accepted_on": "2025-12-30"})


async def test_a_case_stays_open_while_an_internship_runs(desk):
    case, _ = await admitted(desk)
    started = {"internship_id": "I-1"}
    desk.heard[case] = [Heard("placement.InternshipStarted.v1", "f-2", "placement", "I-1", date(2024, 10, 14), "x", data=started)]
    no = await desk.does(f"/cases/{case}/closing", {"reason": "COMPLETED", "closed_on": "2025-12-30"}, 409)
    assert no["code"] == "OPEN_INTERNSHIP"


@pytest.mark.parametrize(("changed", "status", "code"), [
    ({"source": "PRIVATE_SCHOOL"}, 409, "SOURCE_NOT_CONFIGURED"), ({"programme_id": "999"}, 409, "PROGRAMME_NOT_HEARD_YET"),
    ({"tax_code": "RSSNNA85T55X000A"}, 422, "CF_CHECKSUM"), ({"birth_date": "1985-02-30"}, 422, "INPUT_INVALID"),
    ({"source": "two words"}, 422, "CODE_INVALID"), ({"nickname": "Nina"}, 422, "INPUT_INVALID"),
    ({"declared_categories": ["RICH"]}, 422, "INPUT_INVALID")])
async def test_a_referral_that_is_not_right_stores_nothing(desk, changed, status, code):
    no = await desk.does(f"/referrals/{known_as('R-1')}", {**REFERRED, **changed}, status)
    assert no["code"] == code
    assert desk.facts() == []


async def test_another_tenant_knows_neither_the_case_nor_the_person(desk):
    case, person = await entered(desk)
    closing = {"reason": "COMPLETED", "closed_on": DAY}
    assert (await desk.does(f"/cases/{case}/closing", closing, 404, tenant="lecce"))["code"] == "CASE_UNKNOWN"
    asked = f"/subjects/{person}/identity-readings"
    assert (await desk.does(asked, {"purpose": "CASEWORK"}, 404, tenant="lecce"))["code"] == "SUBJECT_UNKNOWN"


async def test_a_name_is_read_for_a_purpose_and_the_reading_is_on_record(desk):
    _, person = await entered(desk)
    path = f"/subjects/{person}/identity-readings"
    before = len(desk.facts())
    read = await desk.does(path, {"purpose": "PAYMENT_ORDER"}, role="PAYMENT_OFFICER")
    assert (read["given_name"], read["family_name"], read["tax_code"]) == ("Anna", "Rossini", "RSSNNA85T55X000W")
    await desk.does(path, {"purpose": "AGREEMENT"}, role="TUTOR_PROMOTORE")
    first = await desk.reads(f"{path}?limit=1", role="DPO")
    second = await desk.reads(f"{path}?limit=1&after={first['next']}", role="AUDITOR")
    assert [(r["role"], r["purpose"]) for r in first["items"] + second["items"]] == [
        ("PAYMENT_OFFICER", "PAYMENT_ORDER"), ("TUTOR_PROMOTORE", "AGREEMENT")]
    assert first["items"][0]["reading_id"] == read["reading_id"]
    assert "next" not in second
    assert (await desk.reads(path, role="DPO", tenant="lecce"))["items"] == []
    assert len(desk.facts()) == before
    whole = [first["items"][0], second["items"][0]]
    for asked, found in (("", whole), (f"?subject_id={person}", whole), (f"?reader={whole[1]['reader']}", whole[1:]),
                         (f"?reader={person}", []), ("?read_until=2000-01-01T00:00:00Z", []), (f"?read_from={whole[0]['read_at']}", whole)):
        assert (await desk.reads(f"/identity-readings{asked}", role="DPO"))["items"] == found, asked
    assert (await desk.reads("/identity-readings", role="DPO", tenant="lecce"))["items"] == []
    backwards = await desk.client.get("/identity-readings?read_from=2024-01-02T00:00:00Z&read_until=2024-01-01T00:00:00Z",
                                      headers=desk.headers("DPO", "bari"))
    assert (backwards.status_code, backwards.json()["code"]) == (422, "PERIOD_INVALID")


async def test_not_everyone_may_read_a_name(desk):
    _, person = await entered(desk)
    await desk.does(f"/subjects/{person}/identity-readings", {"purpose": "CASEWORK"}, 403, role="HOST")
    await desk.does(f"/subjects/{person}/identity-readings", {"purpose": "CURIOSITY"}, 422)


def kept_for(configured: Callable[..., Heard], years: int) -> Heard:
    return configured(config={**configured().data["config"], "parameters": {"retention_years": years, "backdate_limit_days": 36500}})


async def test_an_erased_person_has_no_name_takes_no_correction_and_is_another_when_referred_again(desk, configured):
    desk.heard["002"] = [kept_for(configured, 0)]
    case, person = await admitted(desk)
    erasing = {"legal_ground": "NO_LONGER_NECESSARY", "erased_on": "2026-01-01"}
    early = await desk.does(f"/subjects/{person}/erasure", erasing, 409, role="DPO")
    await desk.does(f"/cases/{case}/closing", {"reason": "COMPLETED", "closed_on": "2025-12-30"})
    done = await desk.does(f"/subjects/{person}/erasure", erasing, role="DPO")
    assert (early["code"], [event["type"] for event in done["events"]]) == ("RETENTION_ACTIVE", ["intake.SubjectErased.v1"])
    asked = await desk.does(f"/subjects/{person}/identity-readings", {"purpose": "CASEWORK"}, 410)
    corrected = await desk.does(f"/subjects/{person}/corrections", {
        "reason": "CHANGED", "evidence_doc": "doc-2", "corrected_on": DAY, "phone": "000"}, 410)
    assert (asked["code"], corrected["code"]) == ("SUBJECT_ERASED", "SUBJECT_ERASED")
    again = await desk.does(f"/referrals/{known_as('R-2')}", REFERRED)
    assert again["ids"]["subject_id"] != person
    assert await desk.does(f"/subjects/{person}/erasure", erasing, 200, role="RP")
    fact = next(fact for fact in desk.facts() if fact["type"] == "intake.SubjectErased.v1")
    assert fact["data"] == {"subject_id": person, "legal_ground": "NO_LONGER_NECESSARY", "erased_on": "2026-01-01",
                            "approved_by": fact["actor"]}
    with desk.intake.database.reading() as tx:
        assert not tx.execute("SELECT 1 AS some FROM vault_key WHERE subject = %s", (person,))
        assert not tx.execute("SELECT 1 AS some FROM claim WHERE kind = 'tax-code' AND owner = %s", (person,))


async def test_a_referral_received_meanwhile_is_not_overlooked(desk, configured):
    desk.heard["002"] = [kept_for(configured, 0)]
    case, person = await admitted(desk)
    await desk.does(f"/cases/{case}/closing", {"reason": "COMPLETED", "closed_on": "2025-12-30"})
    await desk.does(f"/referrals/{known_as('R-2')}", REFERRED)
    erasing = {"legal_ground": "OBJECTION", "erased_on": "2026-01-01"}
    assert (await desk.does(f"/subjects/{person}/erasure", erasing, 409, role="DPO"))["code"] == "RETENTION_ACTIVE"
    await desk.does(f"/referrals/{known_as('R-2')}/refusal", {"reason_code": "NO_PLACES", "refused_on": "2025-12-31"})
    await desk.does(f"/subjects/{person}/legal-holds/{known_as('H')}", {"reason": "AUDIT", "placed_on": "2025-12-31"}, role="RP")
    assert (await desk.does(f"/subjects/{person}/erasure", erasing, 409, role="DPO"))["code"] == "LEGAL_HOLD"
    await desk.does(f"/subjects/{person}/legal-holds/{known_as('H')}/release", {"released_on": "2026-01-01"}, role="DPO")
    await desk.does(f"/subjects/{person}/erasure", erasing, 403, role="CASE_MANAGER")
    await desk.does(f"/subjects/{person}/erasure", erasing, role="DPO")
    nobody = await desk.does(f"/subjects/{known_as('nobody')}/erasure", erasing, 404, role="DPO")
    assert nobody["code"] == "SUBJECT_UNKNOWN"
