"""A line of the ledger against its facts: what is shown is recomputed from them alone, and said not to be equal where it is not."""
from __future__ import annotations

import json
from typing import Any

from stipend_told import POLICY, Case
from views_seen import fresh, hear, projector_on

from reporting import generations
from reporting.explain.found import of_line
from reporting.projector import Projector


def shown(case: Case) -> Projector:
    projector = projector_on(fresh())
    hear(projector, case.speaker.spoken)
    projector.catch_up()
    return projector


def explained(projector: Projector, line: str) -> Any:
    with projector.database.reading() as tx:
        return of_line(tx, "bari", line)


def amounts(projector: Projector, line: str) -> dict[str, tuple[int, int, bool]]:
    return {one["name"]: (one["shown"], one["recomputed"], one["equal"]) for one in explained(projector, line)["amounts"]}


def corrected() -> Case:
    case = Case()
    case.accrue("72", 36000)
    case.correct("66", -3000, 33000)
    case.approve(33000)
    case.order("o1", 33000)
    case.bank("StipendPaid", "o1", 33000)
    return case


def test_a_corrected_accrual_is_the_accrual_and_its_adjustment() -> None:
    projector = shown(corrected())
    same = {"amount_cents": (33000, 33000, True), "order_cents": (33000, 33000, True), "paid_cents": (33000, 33000, True)}
    assert [amounts(projector, line) for line in ("a1", "o1", "E-o1")] == [same] * 3
    formula = explained(projector, "a1")["amounts"][0]["formula"]
    assert "× 72 ÷ 120" in formula
    assert "× 66 ÷ 120" in formula
    assert explained(projector, "a1")["act"]["act_no"] == "SYN-1"


def test_a_payment_that_came_back_comes_to_nothing() -> None:
    case = corrected()
    case.bank("PaymentReturned", "o1", 33000)
    assert amounts(shown(case), "o1")["paid_cents"] == (0, 0, True)


def test_a_period_that_is_not_due_is_explained_too() -> None:
    case = Case({"policy_id": "P", "stipend": {**POLICY["stipend"], "below": "ZERO"}})  # type: ignore[dict-item]
    validated = case.say("placement.AttendancePeriodValidated", "internship", "i1", {
        "internship_id": "i1", "number": 1, "starts": "2024-10-14", "planned_full": "120", "planned_hours": "120",
        "recognised_hours": "10"})
    case.say("stipend.StipendNotDue", "entitlement", "e1", {
        "entitlement_id": "e1", "period": 1, "starts": "2024-10-14", "reason": "BELOW_THRESHOLD_ZERO", "validated_fact": validated})
    assert amounts(shown(case), "not due e1 2024-10-14") == {"amount_cents": (0, 0, True)}


def test_a_line_that_its_facts_do_not_come_to_is_said_not_to_be_equal() -> None:
    projector = shown(corrected())
    with projector.database.transaction() as tx:
        table = generations.rows_of(generations.served(tx)["payment_ledger"])
        row, = tx.execute(f"SELECT line FROM {table} WHERE view = 'payment_ledger'")
        tx.execute(f"UPDATE {table} SET line = %s WHERE view = 'payment_ledger'",
                   (json.dumps({**json.loads(row["line"]), "amount_cents": 99000}),))
    assert amounts(projector, "a1")["amount_cents"] == (99000, 33000, False)


def test_what_was_never_accrued_has_no_line() -> None:
    assert explained(shown(corrected()), "a9") is None
