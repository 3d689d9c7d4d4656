"""One internship's stipend, told fact by fact; and the figures that come of it."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from facts_made import Speaker

from contracts.policyref import policy_ref
from reporting.explain.figure import Figure
from reporting.explain.formula import explained
from reporting.explain.payments import figures_of_case
from reporting.verifier.expressions import Values
from reporting.views.fact import Fact, read_fact

POLICY = {"policy_id": "P", "stipend": {"mode": "FLAT_THRESHOLD", "monthly_amount": 60000, "threshold": "0.70", "below": "PRO_RATA"}}
ABOUT = {"case": "c1", "programme": "002", "subject": "s1"}


class Case:
    """One internship of two months, told fact by fact."""

    def __init__(self, policy: dict[str, Any] = POLICY) -> None:
        self.speaker, self.ref = Speaker(), policy_ref(policy)
        self.say("reporting.ProgrammeActivated", "programme", "002", {"config": {"policies": [policy]}}, case="")
        self.say("placement.InternshipPlanned", "internship", "i1", {"internship_id": "i1", "start": "2024-10-14", "weekly_hours": "30"})
        self.say("stipend.StipendEntitlementOpened", "entitlement", "e1", {"entitlement_id": "e1", "internship_id": "i1"})

    def say(self, kind: str, of: str, key: str, data: dict[str, Any], **more: str) -> str:
        about = {name: value for name, value in {**ABOUT, "policyref": self.ref, **more}.items() if value}
        return self.speaker.say(kind, of, key, data, **about)

    def accrue(self, hours: str, cents: int, number: int = 1) -> None:
        validated = self.say("placement.AttendancePeriodValidated", "internship", "i1", {
            "internship_id": "i1", "number": number, "starts": f"2024-1{number}-14", "planned_full": "120", "planned_hours": "120",
            "recognised_hours": hours})
        self.say("stipend.StipendAccrued", "entitlement", "e1", {
            "entitlement_id": "e1", "accrual_id": f"a{number}", "period": number, "planned_hours": "120", "recognised_hours": hours,
            "amount_cents": cents, "validated_fact": validated})

    def correct(self, hours: str, delta: int, cents: int) -> None:
        self.say("placement.AttendanceCorrected", "internship", "i1", {"internship_id": "i1", "period": 1, "recognised_hours": hours})
        self.say("stipend.StipendAdjusted", "entitlement", "e1", {
            "entitlement_id": "e1", "accrual_id": "a1", "delta_cents": delta, "new_amount_cents": cents, "recognised_hours": hours,
            "reason": "REGISTER_CORRECTED"})

    def approve(self, cents: int) -> None:
        self.say("stipend.StipendApproved", "entitlement", "e1", {
            "entitlement_id": "e1", "accrual_id": "a1", "act_no": "SYN-1", "amount_cents": cents, "approved_by": "op-2"}, policyref="")

    def order(self, order: str, cents: int, **more: str) -> None:
        self.say(f"stipend.{'PaymentReissued' if more else 'PaymentOrderIssued'}", "payment", "e1", {
            "entitlement_id": "e1", "order_id": order, "accrual_id": "a1", "amount_cents": cents, "end_to_end_id": f"E-{order}", **more})

    def bank(self, name: str, order: str, cents: int = 0) -> None:
        self.say(f"stipend.{name}", "payment", "e1", {"entitlement_id": "e1", "order_id": order, "accrual_id": "a1", "amount_cents": cents})

    def facts(self) -> list[Fact]:
        return [read_fact(said.value) for said in self.speaker.spoken]

    def figures(self) -> list[Figure]:
        facts = self.facts()
        return figures_of_case(facts, [fact for fact in facts if fact.source == "reporting"])

    def comes_to(self) -> list[tuple[str, int, str | None]]:
        """Kind, value and what its facts come to, of each figure."""
        values = values_of(self.facts())
        return [(one.kind, one.value, explained(one.expression, values)[1]) for one in self.figures()]


def values_of(facts: Sequence[Fact]) -> Values:
    return Values({fact.place: {"data": dict(fact.data or {})} for fact in facts}.__getitem__, {}, {})
