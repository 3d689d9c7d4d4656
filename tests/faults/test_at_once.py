"""Real services, two processes of each on one PostgreSQL: what many ask for at once happens as often as it should."""
import asyncio
import subprocess
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from spine import until
from spine.payee import IBAN, Payee, Voices
from spine.served import Deployed, Served

from chassis.database import open_database
from chassis.log import Log

ANNA: dict[str, Any] = {"given_name": "Anna", "family_name": "Rossini", "tax_code": "RSSNNA85T55X000W", "birth_date": "1985-12-15",
                        "gender": "F"}
INTAKE = {"parameters": {"backdate_limit_days": 36500},
          "sources": [{"code": f"S{n}", "kind": "SOCIAL_SERVICE"} for n in range(10)], "policies": [],
          "eligibility": {"rule_version": "1", "all_of": [], "any_of": [], "min_age": 16, "residence": []}}


class Suite:
    """A service, its database, and what is stored there."""

    def __init__(self, service: str, url: str, folder: Path) -> None:
        self.url, self.deployed = url, Deployed(service, url, f"local://{folder}/bus.sqlite", folder)
        assert self.deployed.migrating().wait() == 0

    def stored(self) -> Counter[str]:
        """How many events of each type."""
        database = open_database(self.url, service=self.deployed.service)
        found = Counter(entry.name for entry in Log(database).read(0, 10**6))
        database.close()
        return found


@pytest.fixture
async def two(request: pytest.FixtureRequest, postgres_url: str, tmp_path: Path) -> AsyncIterator[tuple[Suite, list[Served]]]:
    """Two processes of a service, which has heard what the test says."""
    service, records = request.param
    suite = Suite(service, postgres_url, tmp_path)
    await asyncio.to_thread(suite.deployed.hear, records)
    with suite.deployed.running("api") as one, suite.deployed.running("api") as other:
        yield suite, [one, other]
        await one.close()
        await other.close()


def voices(payees: Sequence[Payee]) -> Voices:
    said = Voices()
    said.activate()
    for payee in payees:
        payee.told(said)
    return said


async def outcomes(asked: Sequence[Awaitable[httpx.Response]]) -> Counter[Any]:
    """How many of each: 201, 200 where nothing was left to do, or the code of the refusal."""
    return Counter(answer.json().get("code", answer.status_code) for answer in await asyncio.gather(*asked))


PAYEE, MANY = Payee(), [Payee() for _ in range(8)]


@pytest.mark.parametrize("two", [("stipend", voices([PAYEE]).records)], indirect=True, ids=["stipend"])
async def test_the_same_command_a_hundred_times_in_parallel_gives_one_payment_and_two_officers_at_once_too(
        two: tuple[Suite, list[Served]]) -> None:
    suite, both = two
    await until(lambda: all(here.ready() for here in both), 60)
    commitment, accrual, at = str(uuid4()), str(uuid4()), f"/entitlements/{PAYEE.entitlement}"
    await prepared(both[0], commitment, accrual)
    order: dict[str, Any] = {
        "accrual_id": accrual, "amount_cents": 60000, "rail": "OPI", "issued_on": "2024-11-21", "mandate_no": "SYN-M-1"}
    path, key = f"{at}/orders/{uuid4()}", str(uuid4())
    answers = await asyncio.gather(*(both[n % 2].asks(path, "PAYMENT_APPROVER", key, **order) for n in range(100)))
    assert {(answer.status_code, answer.text) for answer in answers} == {(201, answers[0].text)}
    others = [both[n % 2].asks(f"{at}/orders/{uuid4()}", "PAYMENT_APPROVER", sub=f"officer-{n}", **order) for n in range(20)]
    assert await outcomes(others) == {"OVERPAYMENT": 20}
    assert suite.stored()["stipend.PaymentOrderIssued.v1"] == 1
    assert [(o["amount_cents"], o["attempt"]) for o in both[1].reads(at).json()["orders"]] == [(60000, 1)]


async def prepared(here: Served, commitment: str, accrual: str) -> None:
    """All that comes before the order."""
    at, details = f"/entitlements/{PAYEE.entitlement}", f"/subjects/{PAYEE.subject}/bank-details/{uuid4()}"
    await registered(here, commitment, 360000)
    for path, role, body in (
        (f"/plans/{PAYEE.plan}/tax-treatment", "PAYMENT_OFFICER", {
            "case_id": PAYEE.case, "plan_version": 1, "treatment": "EXEMPT_ART34", "motivation": "x", "decided_on": "2024-09-27"}),
        (at, "PAYMENT_OFFICER", opening(PAYEE, commitment)),
        (details, "PAYMENT_OFFICER", {"iban": IBAN, "holder_role": "PARTICIPANT", "registered_on": "2024-10-07"}),
        (f"{details}/verification", "PAYMENT_APPROVER", {"method": "BANK_LETTER", "verified_on": "2024-10-08"}),
        (f"{at}/accruals/{accrual}", "PAYMENT_OFFICER", {"period": 1}),
        (f"{at}/accruals/{accrual}/approval", "PAYMENT_OFFICER", {"act_no": "SYN-LIQ-1", "approved_on": "2024-11-20"}),
    ):
        answer = await here.asks(path, role, **body)
        assert answer.status_code == 201, answer.text


async def registered(here: Served, commitment: str, cents: int) -> None:
    answer = await here.asks(f"/commitments/{commitment}", "PAYMENT_OFFICER", programme_id="002", act_no="SYN-DET-1",
                             act_date="2024-10-04", amount_cents=cents, binding=True, cup="F74H24002780007")
    assert answer.status_code == 201, answer.text


def opening(payee: Payee, commitment: str) -> dict[str, str]:
    return {"case_id": payee.case, "internship_id": payee.internship, "commitment_id": commitment, "opened_on": "2024-10-04"}


@pytest.mark.parametrize("two", [("stipend", voices(MANY).records)], indirect=True, ids=["stipend"])
async def test_entitlements_and_accruals_asked_for_at_once_never_exceed_their_commitment(two: tuple[Suite, list[Served]]) -> None:
    suite, both = two
    await until(lambda: all(here.ready() for here in both), 60)
    commitment = str(uuid4())
    await registered(both[0], commitment, 3 * 360000 + 359999)
    opened = [both[n % 2].asks(f"/entitlements/{payee.entitlement}", "PAYMENT_OFFICER", **opening(payee, commitment))
              for n, payee in enumerate(MANY)]
    assert await outcomes(opened) == {201: 3, "BUDGET_NOT_AVAILABLE": 5}
    accrued = [here.asks(f"/entitlements/{payee.entitlement}/accruals/{uuid4()}", "PAYMENT_OFFICER", period=1)
               for payee in MANY for here in both for _ in range(2)]
    assert await outcomes(accrued) == {201: 3, "PERIOD_ALREADY_ACCRUED": 9, "INVALID_TRANSITION": 20}
    assert both[1].reads(f"/commitments/{commitment}").json()["left_cents"] == 359999
    stored = suite.stored()
    assert (stored["stipend.StipendEntitlementOpened.v1"], stored["stipend.StipendAccrued.v1"]) == (3, 3)


def configured() -> Voices:
    said = Voices()
    said.say("reporting.ProgrammeActivated", "2024-07-01", {
        "programme_id": "002", "start": "2024-07-01", "end": "2026-12-31", "config_version": 1, "config": INTAKE}, "002", programme="002")
    return said


@pytest.mark.parametrize("two", [("intake", configured().records)], indirect=True, ids=["intake"])
async def test_ten_referrals_of_one_person_accepted_and_opened_at_once_give_one_person_and_one_case(
        two: tuple[Suite, list[Served]]) -> None:
    suite, both = two
    await until(lambda: all(here.ready() for here in both), 60)
    referrals = [f"/referrals/{uuid4()}" for _ in range(10)]
    received = await asyncio.gather(*(both[n % 2].asks(path, "CASE_MANAGER", **{
        **ANNA, "programme_id": "002", "source": f"S{n}", "protocol_no": f"SYN-{n}", "received_on": "2024-09-09",
        "declared_categories": [], "attachments": []}) for n, path in enumerate(referrals)))
    assert [answer.status_code for answer in received] == [201] * 10, received[0].text
    ids = [answer.json()["ids"] for answer in received]
    assert (len({one["subject_id"] for one in ids}), len({one["case_id"] for one in ids})) == (1, 10)
    accepted = [both[n % 2].asks(f"{path}/acceptance", "CASE_MANAGER", accepted_on="2024-09-11") for n, path in enumerate(referrals)]
    assert await outcomes(accepted) == {201: 1, "CASE_ALREADY_OPEN": 9}
    await both[0].asks(f"/subjects/{ids[0]['subject_id']}", "CASE_MANAGER", **ANNA, residence="072006", registered_on="2024-09-11")
    await asyncio.gather(*(both[0].asks(f"/cases/{one['case_id']}/privacy-notice", "CASE_MANAGER", notice_version="v1", language="it",
                                        channel="IN_PERSON", delivered_on="2024-09-11") for one in ids))
    opened = [here.asks(f"/cases/{one['case_id']}/opening", "CASE_MANAGER", territorial_unit="M3", opened_on="2024-09-11")
              for one in ids for here in both for _ in range(2)]
    assert await outcomes(opened) == {201: 1, 200: 3, "REFERRAL_NOT_ACCEPTED": 36}
    assert suite.stored()["intake.CaseOpened.v1"] == 1


async def test_two_instances_boot_at_once_on_an_empty_database_and_both_serve(postgres_url: str, tmp_path: Path) -> None:
    service = Deployed("stipend", postgres_url, f"local://{tmp_path}/bus.sqlite", tmp_path)
    migrations: list[subprocess.Popen[bytes]] = [service.migrating() for _ in range(2)]
    assert [process.wait() for process in migrations] == [0, 0]
    with service.running() as one, service.running() as other:
        await until(lambda: one.ready() and other.ready(), 60)
