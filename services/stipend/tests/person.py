"""One person's case as stipend meets it: what the others say of it, and what its own people do. It does not exist."""
from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import uuid4

from contracts.policyref import policy_ref

from .conftest import Desk

IBAN = "IT84E9999999999000000000004"
POLICY: dict[str, Any] = {
    "policy_id": "PUGLIA-LR26-2023-TIS", "stipend": {"mode": "FLAT_THRESHOLD", "monthly_amount": 60000, "threshold": "0.70"}}
PARAMETERS = {"household_registration": "ADI_HOUSEHOLD", "iban_cooling_days": 0, "backdate_limit_days": 36500}
STARTS = [date(2024, 10, 14), date(2024, 11, 14), date(2024, 12, 14), date(2025, 1, 14), date(2025, 2, 14), date(2025, 3, 14)]
ENDS = [date(2024, 11, 13), date(2024, 12, 13), date(2025, 1, 13), date(2025, 2, 13), date(2025, 3, 13), date(2025, 4, 13)]


class Story:
    """The ids of one person's case, and what the others say of it."""

    def __init__(self, desk: Desk, policy: Mapping[str, Any] = POLICY, monthly: int = 60000) -> None:
        self.desk = desk
        self.case, self.subject, self.plan, self.internship, self.entitlement, self.commitment = (str(uuid4()) for _ in range(6))
        desk.hear("reporting.ProgrammeActivated", date(2024, 7, 1), {
            "programme_id": "002", "config": {"policies": [policy], "parameters": PARAMETERS}}, aggregate="002")
        self.hear("intake.CaseOpened", date(2024, 9, 11), {})
        self.hear("intake.TargetCategoryAttested", date(2024, 9, 13), {"category": "ADI_HOUSEHOLD"})
        self.hear("assessment.PlanAgreed", date(2024, 9, 27), {"plan_id": self.plan, "version": 1})
        periods = [{"number": n, "starts": str(s), "ends": str(e), "hours": "120", "full": "120"}
                   for n, (s, e) in enumerate(zip(STARTS, ENDS, strict=True), 1)]
        self.hear("placement.InternshipPlanned", date(2024, 10, 4), {
            "internship_id": self.internship, "start": "2024-10-14", "planned_end": "2025-04-13", "weekly_hours": "30",
            "planned_hours_by_period": periods, "amount_cents": monthly}, policyref=policy_ref(policy))

    def hear(self, name: str, on: date, data: dict[str, Any], **more: Any) -> Any:
        return self.desk.hear(name, on, data, case=self.case, programme="002", subject=self.subject, **more)

    def corrected(self, number: int, recognised: str, on: date) -> Any:
        return self.hear("placement.AttendanceCorrected", on, {
            "internship_id": self.internship, "period": number, "recognised_hours": recognised, "validated": True})

    def validated(self, number: int, recognised: str, on: date) -> Any:
        return self.hear("placement.AttendancePeriodValidated", on, {
            "internship_id": self.internship, "number": number, "starts": str(STARTS[number - 1]), "ends": str(ENDS[number - 1]),
            "planned_full": "120", "planned_hours": "120", "recognised_hours": recognised})

    @property
    def at(self) -> str:
        return f"/entitlements/{self.entitlement}"

    async def open(self, amount: int = 360000, holder: str = "") -> Story:
        desk = self.desk
        await desk.done(f"/commitments/{self.commitment}", programme_id="002", act_no="SYN-DET-1", act_date="2024-10-04",
                        amount_cents=amount, binding=True, cup="F74H24002780007")
        await desk.done(f"/plans/{self.plan}/tax-treatment", case_id=self.case, plan_version=1, treatment="EXEMPT_ART34",
                        motivation="prevale la finalità assistenziale", decided_on="2024-09-27")
        await desk.done(self.at, case_id=self.case, internship_id=self.internship, commitment_id=self.commitment, opened_on="2024-10-04")
        details = f"/subjects/{self.subject}/bank-details/{uuid4()}"
        whose = {"holder_role": "DELEGATE", "holder": holder, "deed": "SYN-PROCURA-1"} if holder else {"holder_role": "PARTICIPANT"}
        await desk.done(details, iban=IBAN, registered_on="2024-10-07", **whose)
        await desk.done(f"{details}/verification", "PAYMENT_APPROVER", method="BANK_LETTER", verified_on="2024-10-08")
        self.hear("placement.ExternalRegistrationConfirmed", date(2024, 10, 11), {"system": "GEPI"})
        self.hear("placement.InternshipStarted", date(2024, 10, 14), {"internship_id": self.internship, "started_on": "2024-10-14"})
        return self

    async def approved(self, number: int = 1) -> str:
        """A month that has accrued in full and was approved; the accrual's id."""
        await self.desk.react(self.validated(number, "116", date(2024, 11, 18)))
        accrual_id = str((await self.desk.read(self.at))["accruals"][-1]["accrual_id"])
        await self.desk.done(f"{self.at}/accruals/{accrual_id}/approval", act_no="SYN-LIQ-1", approved_on="2024-11-20")
        return accrual_id

    async def ordered(self, accrual_id: str, amount: int = 60000) -> str:
        """An order of an approved accrual; its id."""
        order = str(uuid4())
        await self.desk.done(f"{self.at}/orders/{order}", "PAYMENT_APPROVER", accrual_id=accrual_id, amount_cents=amount, rail="OPI",
                             issued_on="2024-11-21")
        return order

    async def sent(self, order: str) -> str:
        """The order goes to the bank; where it is found."""
        await self.desk.done(f"/payment-batches/{uuid4()}", "PAYMENT_APPROVER", msg_id=f"B-{order[:8]}", file_digest="0" * 64,
                             orders=[{"entitlement_id": self.entitlement, "order_id": order}], transmitted_on="2024-11-22")
        return f"{self.at}/orders/{order}"
