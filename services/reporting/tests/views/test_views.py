"""The views follow from the set of facts: whatever the order in which they come, however often, in whatever batches."""
from __future__ import annotations

from typing import Any

import pytest
from case_told import CASE, SUBJECT, tell
from facts_made import Said, Speaker
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from views_seen import fresh, hear, interleaved, keys, of, projector_on, rows

from chassis.database import Database
from reporting.projector import Projector

TYPES = [
    ("stipend.StipendAccrued", "entitlement"), ("stipend.StipendApproved", "entitlement"),
    ("stipend.StipendAdjusted", "entitlement"), ("stipend.StipendNotDue", "entitlement"),
    ("stipend.StipendEntitlementOpened", "entitlement"), ("stipend.StipendStopped", "entitlement"),
    ("stipend.StipendStopLifted", "entitlement"), ("stipend.PaymentOrderIssued", "payment"), ("stipend.StipendPaid", "payment"),
    ("stipend.PaymentReturned", "payment"), ("stipend.PaymentReissued", "payment"), ("stipend.PaymentReconciled", "payment"),
    ("stipend.PaymentBatchTransmitted", "payment"), ("stipend.CommitmentRegistered", "commitment"),
    ("stipend.StipendProjected", "entitlement"), ("reporting.ParticipationEntered", "participation"),
    ("reporting.ParticipationExited", "participation"), ("reporting.ImmediateResultRecorded", "participation"),
    ("reporting.SixMonthResultRecorded", "participation"), ("reporting.ProgrammeActivated", "programme"),
    ("placement.HostRegistered", "host"), ("placement.InternshipPlanned", "internship"),
    ("placement.AgreementSigned", "agreement"), ("placement.TaskRaised", "task"), ("placement.Unheard", "thing"),
    ("intake.CaseOpened", "case")]
IDS = st.sampled_from(["x1", "x2", "x3"])
PAYLOADS = st.fixed_dictionaries({}, optional={
    "accrual_id": IDS, "order_id": IDS, "entitlement_id": IDS, "commitment_id": IDS, "host_id": IDS, "number": st.integers(1, 9),
    "period": st.integers(1, 9), "attempt": st.integers(1, 3), "amount_cents": st.integers(1, 900), "new_amount_cents": st.integers(1, 900),
    "base_cents": st.integers(1, 900), "projected_cents": st.integers(1, 900), "share_cents": st.integers(1, 900),
    "orders": st.lists(IDS, max_size=2), "starts": st.dates().map(str), "binding": st.booleans(),
    "codes": st.lists(st.just("EECR02"), max_size=1), "kind": st.just("K"), "role": st.just("R"), "due": st.just("2025-01-01"),
    "cause": IDS, "reason": st.sampled_from(["R1", "R2"]), "stopped_for": st.sampled_from(["R1", "R2"]),
    "done_by": st.sampled_from(["intake.CaseOpened.v1", "stipend.StipendPaid.v1"])})
ATTRIBUTES = st.fixed_dictionaries({}, optional={"case": st.sampled_from(["c1", "c2"]), "subject": st.sampled_from(["s1", "s2"]),
                                                 "programme": st.sampled_from(["002", "003"])})
FACTS = st.tuples(st.sampled_from(TYPES), IDS, PAYLOADS, st.sampled_from(["2025-01-01", "2025-01-02", "2025-01-03"]), ATTRIBUTES)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(FACTS, min_size=1, max_size=40), st.integers(0, 2**32), st.integers(1, 12), st.integers(1, 12))
def test_any_interleaving_and_repetition_of_facts_gives_the_same_rows(facts: list[Any], seed: int, heard: int, folded: int) -> None:
    spoken = said(facts)
    straight, mixed = fresh(), fresh()
    try:
        first, second = projector_on(straight), projector_on(mixed, batch=folded)
        hear(first, spoken)
        first.catch_up()
        some = interleaved(spoken, seed)
        for start in range(0, len(some), heard):
            hear(second, some[start:start + heard])
            second.step()
        hear(second, spoken)
        second.catch_up()
        assert rows(mixed) == rows(straight)
        assert keys(mixed) == keys(straight)
    finally:
        straight.close()
        mixed.close()


def said(facts: list[Any]) -> list[Said]:
    speaker = Speaker()
    for (kind, of_kind), aggregate, data, occurred, attributes in facts:
        speaker.say(kind, of_kind, aggregate, data, occurred=occurred, **attributes)
    return speaker.spoken


def told(projector: Projector) -> Database:
    speaker = Speaker()
    tell(speaker)
    hear(projector, speaker.spoken)
    projector.catch_up()
    return projector.database


def test_a_month_below_the_threshold_is_explained_line_by_line(projector: Projector) -> None:
    line = of(told(projector), "payment_ledger")[1]
    assert (line["recognised_hours"], line["planned_hours"], line["base_cents"], line["amount_cents"]) == ("72", "120", 60000, 36000)
    assert (line["act_no"], line["approved_by"], line["mandate_no"], line["end_to_end_id"]) == ("SYN-LIQ-2", "op-2", "SYN-M-2", "002-A2-1")
    assert (line["status"], line["paid_cents"], line["executed_on"], line["policyref"]) == ("EXECUTED", 36000, "2024-12-13", "P@1")
    assert set(line["facts"]) == {"hours", "accrued", "approved", "issued", "transmitted", "paid"}


def lines(projector: Projector, *facts: tuple[str, str, dict[str, Any]]) -> list[Any]:
    """The payment ledger of a case of which these facts are told: type, kind of aggregate, payload."""
    speaker = Speaker()
    for name, of_kind, data in facts:
        speaker.say(f"stipend.{name}", of_kind, "e1", {"entitlement_id": "e1"} | data, case=CASE, programme="002")
    hear(projector, speaker.spoken)
    projector.catch_up()
    return of(projector.database, "payment_ledger")


ACCRUED = ("StipendAccrued", "entitlement", {"accrual_id": "a1", "number": 1, "period": 1, "starts": "2024-10-14", "amount_cents": 60000})
ORDER = ("PaymentOrderIssued", "payment", {"order_id": "o1", "accrual_id": "a1", "attempt": 1, "amount_cents": 60000})


BELOW = ("StipendAccrued", "entitlement", ACCRUED[2] | {"planned_hours": "120", "recognised_hours": "72", "ratio": "0.6000",
                                                        "rule": "PRO_RATA", "base_cents": 60000, "amount_cents": 36000})


def adjustment(delta: int, amount: int, hours: str, **computed: Any) -> tuple[str, str, dict[str, Any]]:
    return "StipendAdjusted", "entitlement", {
        "accrual_id": "a1", "delta_cents": delta, "new_amount_cents": amount, "recognised_hours": hours, **computed}


def test_an_adjusted_accrual_is_explained_as_it_is_now_and_as_it_was_at_first(projector: Projector) -> None:
    line, = lines(projector, BELOW, adjustment(4000, 40000, "80", rule="PRO_RATA", ratio="0.6667", base_cents=60000),
                  adjustment(20000, 60000, "84", rule="FLAT_THRESHOLD", ratio="0.7000", base_cents=60000, corrected_fact="f9"))
    assert (line["recognised_hours"], line["ratio"], line["rule"], line["base_cents"]) == ("84", "0.7000", "FLAT_THRESHOLD", 60000)
    assert (line["amount_cents"], line["adjusted_cents"]) == (60000, 24000)
    assert line["first"] == {"recognised_hours": "72", "ratio": "0.6000", "rule": "PRO_RATA", "base_cents": 60000, "amount_cents": 36000}
    assert set(line["facts"]) == {"hours", "accrued", "adjusted_1", "adjusted", "corrected"}
    assert line["facts"]["corrected"] == "f9"


def test_an_adjustment_that_did_not_say_its_rule_does_not_keep_the_one_before(projector: Projector) -> None:
    line, = lines(projector, BELOW, adjustment(24000, 60000, "84"))
    assert (line["recognised_hours"], line["amount_cents"], line["first"]["rule"]) == ("84", 60000, "PRO_RATA")
    assert not {"rule", "ratio", "base_cents"} & set(line)


def stop(reason: str, **what: str) -> tuple[str, str, dict[str, Any]]:
    return "StipendStopped", "payment", {"reason": reason, **what}


def lift(**what: str) -> tuple[str, str, dict[str, Any]]:
    return "StipendStopLifted", "payment", {"reason": "CLEARED", **what}


@pytest.mark.parametrize(("said", "stopped"), [
    ([stop("ACCOUNT_FAULT"), stop("UNDER_INVESTIGATION"), lift(stopped_for="ACCOUNT_FAULT")], True),
    ([stop("ACCOUNT_FAULT"), stop("OTHER", accrual_id="a1"), lift(stopped_for="ACCOUNT_FAULT")], True),
    ([stop("ACCOUNT_FAULT"), lift(stopped_for="ACCOUNT_FAULT"), stop("ACCOUNT_FAULT")], True),
    ([stop("ACCOUNT_FAULT"), stop("UNDER_INVESTIGATION"), lift()], False),
    ([stop("OTHER", accrual_id="a1"), lift(accrual_id="a1")], False)])
def test_a_line_is_stopped_until_every_reason_is_lifted(projector: Projector, said: list[Any], stopped: bool) -> None:
    line, = lines(projector, ACCRUED, ORDER, *said)
    assert (line["stopped"], line["status"]) == (stopped, "ISSUED")


def test_an_order_that_was_stopped_is_at_its_end(projector: Projector) -> None:
    line, = lines(projector, ACCRUED, ORDER, stop("WRONG_AMOUNT", order_id="o1"))
    assert (line["status"], line["reason"], line["stopped"]) == ("STOPPED", "WRONG_AMOUNT", False)


def test_a_period_that_accrued_once_it_was_due_is_one_line(projector: Projector) -> None:
    not_due = ("StipendNotDue", "entitlement", {"period": 1, "starts": "2024-10-14", "reason": "BELOW_THRESHOLD_ZERO"})
    line, = lines(projector, not_due, ACCRUED)
    assert (line["status"], line["amount_cents"]) == ("ACCRUED", 60000)


def test_a_task_is_open_until_its_fact_is_recorded(projector: Projector) -> None:
    database = told(projector)
    speaker = Speaker()
    tell(speaker)
    speaker.say("stipend.TaskRaised", "task", "t2", {
        "kind": "NEW_BANK_DETAILS", "role": "PAYMENT_OFFICER", "due": "2025-01-20", "cause": "o1",
        "done_by": "stipend.BankDetailsVerified.v1"}, case=CASE, subject=SUBJECT)
    hear(projector, speaker.spoken)
    projector.catch_up()
    assert {row["task_id"]: row["state"] for row in of(database, "tasks")} == {"t1": "DONE", "t2": "OPEN"}
    speaker.say("stipend.BankDetailsVerified", "bank-details", SUBJECT, {"details_id": "d1"}, subject=SUBJECT)
    hear(projector, speaker.spoken)
    projector.catch_up()
    assert {row["state"] for row in of(database, "tasks")} == {"DONE"}


def test_a_result_observed_in_the_window_counts_though_unknown_came_later_by_date(projector: Projector) -> None:
    speaker = Speaker()
    about = {"case": CASE, "programme": "002"}
    speaker.say("reporting.ParticipationExited", "participation", "p1", {"exit_date": "2025-01-01"}, occurred="2025-01-01", **about)
    speaker.say("reporting.ImmediateResultRecorded", "participation", "p1", {"status": "UNKNOWN", "codes": []},
                occurred="2025-01-30", **about)
    speaker.say("reporting.ImmediateResultRecorded", "participation", "p1", {"status": "EDUCATION", "codes": ["EECR02"]},
                occurred="2025-01-20", **about)
    hear(projector, speaker.spoken)
    projector.catch_up()
    assert of(projector.database, "participations")[0]["immediate"]["status"] == "EDUCATION"


@pytest.mark.parametrize(("kind", "italian"), [
    ("stipend.StipendAccrued", "Indennità maturata: 360,00 € (72 ore su 120)"), ("intake.CaseOpened", "Fascicolo aperto: M3"),
    ("placement.InternshipPlanned", "Tirocinio progettato: dal 14/10/2024 al 13/12/2024, 30 ore settimanali")])
def test_a_history_says_a_fact_in_italian(projector: Projector, kind: str, italian: str) -> None:
    assert [row["it"] for row in of(told(projector), "case_history") if row["type"] == f"{kind}.v1"][-1] == italian


def test_a_type_that_nobody_knows_is_shown_as_unknown(projector: Projector) -> None:
    speaker = Speaker()
    speaker.say("intake.Astonished", "case", CASE, {}, case=CASE)
    hear(projector, speaker.spoken)
    projector.catch_up()
    line, = of(projector.database, "case_history")
    assert (line["known"], line["it"]) == (False, "Fatto sconosciuto a questa versione: intake.Astonished.v1")
