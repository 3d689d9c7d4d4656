"""The first month of case 002 through the service: over HTTP, by reactions, with the refusals tried on the way."""
from __future__ import annotations

import asyncio
import json
from datetime import date
from typing import Any
from uuid import uuid4

import httpx
import pytest

from chassis.decide import Refused
from chassis.declare import Wait
from chassis.topics import topic_of
from stipend.adapters.payment_list import Asked, listed, names_at
from stipend.service import DECLARED

from .conftest import SYSTEM, Desk
from .person import IBAN, POLICY, Story


@pytest.fixture
def story(desk: Desk) -> Story:
    return Story(desk)


async def test_the_first_month_of_the_case_is_paid_once(desk: Desk, story: Story) -> None:
    first = story.validated(1, "116", date(2024, 11, 18))
    assert isinstance(desk.found(first), Wait)
    await story.open()
    assert [t for _, t in (await desk.react(first)).events] == ["stipend.StipendAccrued.v1", "stipend.Private.v1"]
    assert desk.found(first) is None
    read = await desk.read(story.at)
    (accrual,) = read["accruals"]
    assert (accrual["number"], accrual["amount_cents"], read["owed_cents"]) == (1, 60000, 60000)
    assert await desk.code(f"{story.at}/accruals/{uuid4()}", period=1) == "PERIOD_ALREADY_ACCRUED"
    assert await desk.code(f"{story.at}/accruals/{uuid4()}", period=2) == "REGISTER_NOT_VALIDATED"
    await desk.done(f"{story.at}/accruals/{accrual['accrual_id']}/approval", act_no="SYN-LIQ-1", approved_on="2024-11-20")
    order, batch = str(uuid4()), str(uuid4())
    asked = {"accrual_id": accrual["accrual_id"], "amount_cents": 60000, "rail": "OPI", "issued_on": "2024-11-21", "mandate_no": "SYN-M-1"}
    at = f"{story.at}/orders/{order}"
    assert await desk.code(at, "PAYMENT_APPROVER", who="PAYMENT_OFFICER", **asked) == "SAME_APPROVER"
    await desk.done(at, "PAYMENT_APPROVER", **asked)
    printed = listed(desk.office.executor.asking(SYSTEM), Asked.model_validate(
        {"orders": [{"entitlement_id": story.entitlement, "order_id": order}]}), lambda subject: "Rossini Anna")
    (line,) = printed.lines
    assert (line.payee, line.iban, line.reason) == ("Rossini Anna", IBAN, "Indennita rif 002-A1-1 CUP F74H24002780007")
    await desk.done(f"/payment-batches/{batch}", "PAYMENT_APPROVER", msg_id="B-1", file_digest=printed.file_digest,
                    orders=[{"entitlement_id": story.entitlement, "order_id": order}], transmitted_on="2024-11-22")
    await desk.done(f"{at}/acceptance", "SYSTEM", accepted_on="2024-11-25", bank_ref="CRO 1")
    assert await desk.done(f"{at}/execution", "SYSTEM", executed_on="2024-11-26") == ["stipend.StipendPaid.v1"]
    assert await desk.code(f"{story.at}/orders/{uuid4()}", "PAYMENT_APPROVER", **asked) == "OVERPAYMENT"
    statement = str(uuid4())
    journal: dict[str, Any] = {
        "format": "GIORNALE_CASSA", "msg_id": "GC-1", "starts": "2024-11-01", "ends": "2024-11-27", "file_sha256": "f" * 64,
        "lines": [{"line": 1, "amount_cents": 60000, "booked_on": "2024-11-26", "end_to_end_id": "002-A1-1"},
                  {"line": 2, "amount_cents": 100, "booked_on": "2024-11-26"}]}
    await desk.done(f"/statements/{statement}", **journal)
    assert await desk.code(f"/statements/{uuid4()}", **journal) == "STATEMENT_ALREADY_IMPORTED"
    fact = desk.hear("stipend.BankStatementImported", date(2024, 11, 27), {"statement_id": statement}, aggregate=statement)
    assert [t for _, t in (await desk.react(fact)).events] == ["stipend.PaymentReconciled.v1"]
    paid = (await desk.read("/payments/002-A1-1"))["order"]
    assert (paid["state"], paid["reconciled"]) == ("EXECUTED", True)
    assert [n["line"] for n in await desk.read(f"/statements/{statement}/open-lines")] == [2]


async def test_no_name_no_iban_and_no_reason_is_ever_spoken(desk: Desk, story: Story) -> None:
    await story.open()
    spoken = b"".join(entry.parts.fact + entry.parts.home for entry in desk.office.log.read(0, 100))
    assert IBAN.encode() not in spoken
    assert b"assistenziale" not in spoken


async def test_a_commitment_a_cent_short_opens_nothing(story: Story) -> None:
    with pytest.raises(AssertionError, match="BUDGET_NOT_AVAILABLE"):
        await story.open(359999)


async def test_months_below_and_above_the_threshold_leave_what_they_should(desk: Desk, story: Story) -> None:
    await story.open()
    for number, recognised in enumerate(("116", "118", "110", "72", "104", "112"), 1):
        await desk.react(story.validated(number, recognised, date(2025, 4, 16)))
    read = await desk.read(story.at)
    assert [(a["number"], a["amount_cents"]) for a in read["accruals"]] == [
        (1, 60000), (2, 60000), (3, 60000), (4, 36000), (5, 60000), (6, 60000)]
    assert (read["owed_cents"], (await desk.read(f"/commitments/{story.commitment}"))["left_cents"]) == (336000, 24000)


async def test_what_is_owed_is_what_the_project_was_signed_with(desk: Desk) -> None:
    bounded = {**POLICY["stipend"], "min_monthly": 50000, "max_monthly": 70000}
    story = await Story(desk, {**POLICY, "stipend": bounded}, 55000).open(330000)
    await desk.react(story.validated(1, "116", date(2024, 11, 18)))
    assert ((await desk.read(story.at))["owed_cents"], (await desk.read(f"/commitments/{story.commitment}"))["left_cents"]) == (55000, 0)


async def test_a_guardian_is_paid_for_who_was_admitted_as_a_minor(desk: Desk, story: Story) -> None:
    details = f"/subjects/{story.subject}/bank-details/{uuid4()}"
    guardian = {"iban": IBAN, "holder_role": "GUARDIAN", "holder": "Rossini Ada", "registered_on": "2024-10-07"}
    assert await desk.code(details, **guardian) == "HOLDER_NOT_ELIGIBLE"
    story.hear("intake.EligibilityConfirmed", date(2024, 9, 13), {"age_band": "UNDER_18"})
    assert await desk.done(details, **guardian) == ["stipend.BankDetailsRegistered.v1"]


async def test_a_name_in_the_place_of_an_act_s_number_is_refused_and_not_repeated(desk: Desk, story: Story) -> None:
    answer = await desk.post(f"/commitments/{uuid4()}", programme_id="002", act_no="Rossini Anna 1", act_date="2024-10-04",
                             amount_cents=1, binding=True)
    assert (answer.status_code, answer.json()["code"]) == (422, "INPUT_INVALID")
    assert "Rossini" not in answer.text


async def test_accruals_of_many_people_at_once_have_numbers_of_their_own(desk: Desk) -> None:
    stories = [await Story(desk).open() for _ in range(5)]
    facts = [story.validated(1, "120", date(2024, 11, 18)) for story in stories]
    await asyncio.gather(*(desk.react(fact) for fact in facts))
    numbers = [(await desk.read(story.at))["accruals"][0]["number"] for story in stories]
    assert sorted(numbers) == [1, 2, 3, 4, 5]


async def test_a_correction_after_the_validation_adjusts_the_accrual(desk: Desk, story: Story) -> None:
    await story.open()
    await desk.react(story.validated(1, "116", date(2024, 11, 18)))
    corrected = story.corrected(1, "80", date(2024, 11, 19))
    assert [t for _, t in (await desk.react(corrected)).events] == ["stipend.StipendAdjusted.v1", "stipend.Private.v1"]
    assert (await desk.read(story.at))["owed_cents"] == 40000
    adjusted = next(entry.parts.fact for entry in desk.office.log.read(0, 100) if b"StipendAdjusted" in entry.parts.fact)
    said = json.loads(adjusted)["data"]
    assert (said["rule"], said["ratio"], said["planned_hours"], said["base_cents"]) == ("PRO_RATA", "0.6667", "120", 60000)
    assert said["corrected_fact"] == corrected.id


async def test_a_correction_makes_due_what_was_not(desk: Desk) -> None:
    story = await Story(desk, {**POLICY, "stipend": {**POLICY["stipend"], "below": "ZERO"}}).open()
    not_due = await desk.react(story.validated(1, "72", date(2024, 11, 18)))
    assert [t for _, t in not_due.events] == ["stipend.StipendNotDue.v1", "stipend.Private.v1"]
    with pytest.raises(Refused, match="PERIOD_ALREADY_ACCRUED"):
        await desk.react(story.corrected(1, "80", date(2024, 11, 19)))
    answer = await desk.react(story.corrected(1, "90", date(2024, 11, 20)))
    assert [t for _, t in answer.events] == ["stipend.StipendAccrued.v1", "stipend.Private.v1", "stipend.Private.v1"]
    read = await desk.read(story.at)
    assert (read["owed_cents"], read["not_due"]) == (60000, [])
    assert (await desk.read(f"/commitments/{story.commitment}"))["left_cents"] == 0


async def test_an_order_that_a_correction_left_too_high_is_replaced_and_the_lower_one_is_paid(desk: Desk, story: Story) -> None:
    await story.open()
    accrual = await story.approved()
    wrong = await story.ordered(accrual)
    corrected = await desk.react(story.corrected(1, "72", date(2024, 11, 21)))
    assert "stipend.RecoveryRequested.v1" not in [t for _, t in corrected.events], "nothing was paid yet"
    file: dict[str, Any] = {"msg_id": "B-1", "file_digest": "0" * 64, "transmitted_on": "2024-11-22"}
    assert await desk.code(f"/payment-batches/{uuid4()}", "PAYMENT_APPROVER", **file, orders=[
        {"entitlement_id": story.entitlement, "order_id": wrong}]) == "OVERPAYMENT"
    await desk.done(f"{story.at}/stop", reason="WRONG_AMOUNT", stopped_on="2024-11-22", order_id=wrong)
    await story.sent(await story.ordered(accrual, 36000))
    orders = (await desk.read(story.at))["orders"]
    assert [(order["state"], order["amount_cents"]) for order in orders] == [("STOPPED", 60000), ("TRANSMITTED", 36000)]


async def test_each_reason_of_a_stop_is_kept_and_lifted_by_itself(desk: Desk, story: Story) -> None:
    await story.open()
    for reason in ("ACCOUNT_FAULT", "UNDER_INVESTIGATION"):
        assert await desk.done(f"{story.at}/stop", reason=reason, stopped_on="2024-11-21") == ["stipend.StipendStopped.v1"]
    await desk.done(f"{story.at}/stop/lift", "PAYMENT_APPROVER", reason="CLEARED", lifted_on="2024-11-22", stopped_for="ACCOUNT_FAULT")
    assert (await desk.read(story.at))["stopped"] == [{"what": "entitlement", "reason": "UNDER_INVESTIGATION"}]


async def test_a_payment_is_reconciled_though_the_statement_came_first(desk: Desk, story: Story) -> None:
    await story.open()
    at, statement = await story.sent(await story.ordered(await story.approved())), str(uuid4())
    await desk.done(f"/statements/{statement}", format="GIORNALE_CASSA", msg_id="GC-1", starts="2024-11-01", ends="2024-11-27",
                    file_sha256="f" * 64, lines=[{"line": 1, "amount_cents": 60000, "booked_on": "2024-11-26",
                                                  "end_to_end_id": "002-A1-1"}])
    came = desk.hear("stipend.BankStatementImported", date(2024, 11, 27), {"statement_id": statement}, aggregate=statement)
    assert [t for _, t in (await desk.react(came)).events] == ["stipend.Private.v1"]
    assert [n["line"] for n in await desk.read(f"/statements/{statement}/open-lines")] == [1]
    await desk.done(f"{at}/execution", "SYSTEM", executed_on="2024-11-28")
    paid = story.hear("stipend.StipendPaid", date(2024, 11, 28), {"entitlement_id": story.entitlement, "order_id": at[-36:]})
    assert [t for _, t in (await desk.react(paid)).events] == ["stipend.PaymentReconciled.v1"]
    assert await desk.read(f"/statements/{statement}/open-lines") == []


async def test_a_statement_of_ten_thousand_lines_is_imported_and_closes_an_order_of_its_last(desk: Desk, story: Story) -> None:
    await story.open()
    at, statement = await story.sent(await story.ordered(await story.approved())), str(uuid4())
    await desk.done(f"{at}/execution", "SYSTEM", executed_on="2024-11-26")
    lines: list[dict[str, Any]] = [{"line": n, "amount_cents": 60000, "booked_on": "2024-11-26", "end_to_end_id": f"002-A{n}-9"}
                                   for n in range(1, 10001)]
    lines[-1]["end_to_end_id"] = "002-A1-1"
    assert await desk.done(f"/statements/{statement}", format="GIORNALE_CASSA", msg_id="GC-1", starts="2024-11-01", ends="2024-11-27",
                           file_sha256="f" * 64, lines=lines) == ["stipend.BankStatementImported.v1"] * 10
    came = desk.hear("stipend.BankStatementImported", date(2024, 11, 27), {"statement_id": statement, "part": 10}, aggregate=statement)
    assert [t for _, t in (await desk.react(came)).events] == ["stipend.PaymentReconciled.v1"]
    assert len(await desk.read(f"/statements/{statement}/open-lines")) == 9999


async def test_a_person_matches_only_a_line_of_a_statement_that_was_imported(desk: Desk, story: Story) -> None:
    await story.open()
    at, statement = await story.sent(await story.ordered(await story.approved())), str(uuid4())
    await desk.done(f"{at}/execution", "SYSTEM", executed_on="2024-11-26")
    by_hand = {"statement_id": statement, "line": 2, "reconciled_on": "2024-11-27"}
    assert await desk.code(f"{at}/reconciliation", **by_hand) == "INVALID_TRANSITION"
    await desk.done(f"/statements/{statement}", format="GIORNALE_CASSA", msg_id="GC-1", starts="2024-11-01", ends="2024-11-27",
                    file_sha256="f" * 64, lines=[{"line": n, "amount_cents": cents, "booked_on": "2024-11-26"}
                                                 for n, cents in ((1, 100), (2, 60000))])
    assert await desk.code(f"{at}/reconciliation", **by_hand | {"line": 1}) == "INVALID_TRANSITION"
    assert await desk.done(f"{at}/reconciliation", **by_hand) == ["stipend.PaymentReconciled.v1"]


async def test_every_account_on_a_printed_list_is_a_reading_on_record(desk: Desk) -> None:
    one, other = await Story(desk).open(holder="Rossini Anna"), await Story(desk).open(holder="Sannini Paola")
    orders = [{"entitlement_id": story.entitlement, "order_id": await story.ordered(await story.approved())} for story in (one, other)]
    for asked in (orders, orders[:1]):
        answer = await desk.post("/payment-lists", "PAYMENT_APPROVER", orders=asked)
        assert [line["payee"] for line in answer.json()["lines"]] == ["Rossini Anna", "Sannini Paola"][:len(asked)]
    log = (await desk.read("/account-readings", "DPO"))["items"]
    assert sorted(reading["order_id"] for reading in log) == sorted(order["order_id"] for order in (*orders, orders[0]))
    assert {(reading["role"], reading["org"]) for reading in log} == {("PAYMENT_APPROVER", "comune-bari")}
    assert len({reading["list_id"] for reading in log}) == 2
    first = await desk.read(f"/account-readings?entitlement_id={one.entitlement}&limit=1", "AUDITOR")
    rest = await desk.read(f"/account-readings?entitlement_id={one.entitlement}&after={first['next']}", "AUDITOR")
    assert [reading["order_id"] for page in (first, rest) for reading in page["items"]] == [orders[0]["order_id"]] * 2
    assert "next" not in rest
    reader, last = log[0]["reader"], log[-1]["read_at"]
    for asked, found in ((f"reader={reader}", log), (f"reader={one.entitlement}", []), ("read_until=2000-01-01T00:00:00Z", []),
                         (f"read_from={last}", [reading for reading in log if reading["read_at"] >= last])):
        assert (await desk.read(f"/account-readings?{asked}", "DPO"))["items"] == found, asked
    backwards = await desk.client.get("/account-readings?read_from=2024-01-02T00:00:00Z&read_until=2024-01-01T00:00:00Z",
                                      headers={"authorization": desk.token("DPO", "x")})
    assert (backwards.status_code, backwards.json()["code"]) == (422, "PERIOD_INVALID")
    refused = await desk.client.get("/account-readings", headers={"authorization": desk.token("PAYMENT_OFFICER", "x")})
    assert refused.status_code == 403


async def test_the_newest_seal_leaves_the_house_on_the_printed_list(desk: Desk) -> None:
    story = await Story(desk).open(holder="Rossini Anna")
    orders = [{"entitlement_id": story.entitlement, "order_id": await story.ordered(await story.approved())}]
    assert (await desk.post("/payment-lists", "PAYMENT_APPROVER", orders=orders)).json()["heads"] == []
    desk.office.bus.create(topic_of("stipend"))
    await desk.office.relay.once()
    seal = (await desk.post("/trail/seals", "AUDITOR")).json()
    heads = (await desk.post("/payment-lists", "PAYMENT_APPROVER", orders=orders)).json()["heads"]
    assert [(head["source"], head["seal"], head["programme"], head["head"]) for head in heads] == [
        ("stipend", 1, head.get("programme") or "", head["head"]) for head in seal["heads"]]
    assert {head["programme"] for head in heads} == {"", "002"}
    assert {(head["position"], head["fingerprint"]) for head in heads} == {(seal["position"], seal["fingerprint"])}
    assert (await desk.post("/trail/seals", "AUDITOR")).json()["made"] is False
    assert (await desk.post("/trail/seals", "PAYMENT_OFFICER")).status_code == 403
    assert [one["number"] for one in (await desk.read("/trail/seals", "DPO"))["items"]] == [1]
    assert (await desk.read("/seals", "DPO"))["items"] == []
    trails = (await desk.read("/trail", "AUDITOR"))["trails"]
    assert {one["programme"]: one["unsealed"] for one in trails} == {None: 0, "002": 0}


async def test_a_withdrawal_frees_the_months_that_do_not_come(desk: Desk, story: Story) -> None:
    await story.open()
    left = story.hear("placement.InternshipWithdrawn", date(2024, 11, 20), {"internship_id": story.internship, "last_day": "2024-11-20"})
    await desk.react(left)
    assert (await desk.read(f"/commitments/{story.commitment}"))["left_cents"] == 240000


async def test_a_returned_payment_asks_a_person_for_new_bank_details(desk: Desk, story: Story) -> None:
    returned = story.hear("stipend.PaymentReturned", date(2024, 11, 28), {"entitlement_id": story.entitlement, "reason_code": "AC04"})
    assert [t for _, t in (await desk.react(returned)).events] == ["stipend.TaskRaised.v1"]
    assert desk.found(story.hear("stipend.PaymentReturned", date(2024, 11, 28), {"reason_code": "FOCR"})) is None


async def test_a_case_or_a_programme_that_was_not_heard_of_may_be_asked_again(desk: Desk, story: Story) -> None:
    assert await desk.code(f"/entitlements/{uuid4()}", case_id=str(uuid4()), internship_id=story.internship,
                           commitment_id=story.commitment, opened_on="2024-10-04") == "CASE_NOT_HEARD_YET"
    assert await desk.code(f"/commitments/{uuid4()}", programme_id="009", act_no="X 1", act_date="2024-10-04", amount_cents=1,
                           binding=True) == "PROGRAMME_NOT_HEARD_YET"
    assert await desk.code(f"/subjects/{uuid4()}/bank-details/{uuid4()}", iban=IBAN, holder_role="PARTICIPANT",
                           registered_on="2024-10-07") == "CASE_NOT_HEARD_YET"


async def test_a_wrong_iban_is_said_to_be_wrong_and_is_not_repeated(desk: Desk, story: Story) -> None:
    answer = await desk.post(f"/subjects/{story.subject}/bank-details/{uuid4()}", iban="IT84F9999999999000000000004",
                             holder_role="PARTICIPANT", registered_on="2024-10-07")
    assert (answer.status_code, answer.json()["code"]) == (422, "IBAN_INVALID")
    assert "99999" not in answer.text


async def test_without_intake_no_list_is_printed_and_the_caller_is_told_when_to_ask_again(desk: Desk, story: Story) -> None:
    await story.open()
    order = await story.ordered(await story.approved())
    answer = await desk.post("/payment-lists", orders=[{"entitlement_id": story.entitlement, "order_id": order}])
    assert (answer.status_code, answer.json()["code"], answer.headers["retry-after"]) == (503, "INTAKE_AWAY", "5")
    assert (await desk.post("/payment-lists", "AUDITOR", orders=[])).status_code in (403, 422)


def test_intake_is_asked_with_the_readers_token_and_for_a_purpose() -> None:
    def intake(request: httpx.Request) -> httpx.Response:
        assert (request.url.path, request.headers["authorization"]) == ("/subjects/S/identity-readings", "Bearer t")
        assert request.read() == b'{"purpose":"PAYMENT_ORDER"}'
        return httpx.Response(201, json={"given_name": "Anna", "family_name": "Rossini", "tax_code": "RSSNNA85T55X000W"})

    with httpx.Client(transport=httpx.MockTransport(intake), base_url="http://intake") as client:
        assert names_at(client, "Bearer t")("S") == "Rossini Anna"


def test_every_route_is_documented_and_declares_roles() -> None:
    assert all(command.by for command in DECLARED.commands)
    assert {command.decision.__name__ for command in DECLARED.commands if command.parked} == {
        "accrue_stipend", "approve_stipend", "issue_payment_order", "reissue_payment", "transmit_payment_batch"}
