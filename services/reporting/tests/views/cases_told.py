"""Cases of another tenant, each as far as it is told, for the views that look over many."""
from __future__ import annotations

import uuid
from collections import defaultdict
from typing import Any

from case_told import CATALOGUE
from facts_made import Said, Speaker
from views_seen import Reader, hear

TENANT = "lecce"
MANAGERS = [str(uuid.UUID(int=0x5000 + n)) for n in range(3)]
CONFIG = {"catalogue": CATALOGUE, "action_plan": {"offered": True, "grace_days": 15, "stabilising_contracts": ["PERMANENT"]},
          "funding": [{"code": "FSE", "programmed": 300000, "chapters": ["1201"]}, {"code": "COMUNE", "programmed": 100000}]}


def speaker_of(tenant: str = TENANT, after: int = 1000) -> Speaker:
    """Beside what was told up to a position."""
    return Speaker(tenant, defaultdict(lambda: after), ticks=after)


def case_id(n: int) -> str:
    return str(uuid.UUID(int=0xCA5E0000 + n))


class Told:
    """Tells a programme and cases of it."""

    def __init__(self, speaker: Speaker, programme: str = "002") -> None:
        self.speaker, self.programme = speaker, programme

    def activate(self, **more: Any) -> None:
        self.speaker.say("reporting.ProgrammeActivated", "programme", self.programme, {
            "programme_id": self.programme, "title": "Lecce", "fund": "PN", "config_version": 1, "config": CONFIG, **more},
            programme=self.programme, occurred="2024-07-01")

    def say(self, n: int, kind: str, of: str, aggregate: str, occurred: str = "2025-01-10", /, **data: Any) -> str:
        """A fact of the n-th case."""
        about = {"case": case_id(n), "programme": self.programme, "subject": str(uuid.UUID(int=0x5B0000 + n))}
        return self.speaker.say(kind, of, aggregate, data, occurred=occurred, **about)

    def open(self, n: int, manager: str | None = None) -> None:
        self.say(n, "intake.ReferralReceived", "referral", f"r{n}", "2024-09-01", received_on="2024-09-01", source_kind="SOCIAL")
        self.say(n, "intake.CaseOpened", "case", case_id(n), "2024-09-11", opened_on="2024-09-11", territorial_unit="M3")
        if manager:
            self.say(n, "intake.CaseManagerAssigned", "case", case_id(n), "2024-09-11", operator_id=manager, since="2024-09-11")

    def plan(self, n: int) -> None:
        self.say(n, "assessment.PlanAgreed", "plan", f"pl{n}", "2024-09-27", plan_id=f"pl{n}", version=1, agreed_on="2024-09-27",
                 valid_to="2025-09-26", signatures=[])

    def intern(self, n: int, *, started: bool = True, ended_on: str = "") -> None:
        self.say(n, "placement.InternshipPlanned", "internship", f"i{n}", "2024-10-04", internship_id=f"i{n}", host_id="h1",
                 start="2024-10-14", planned_end="2025-04-13")
        if started:
            self.say(n, "placement.InternshipStarted", "internship", f"i{n}", "2024-10-14", internship_id=f"i{n}", started_on="2024-10-14")
        if ended_on:
            self.say(n, "placement.InternshipCompleted", "internship", f"i{n}", ended_on, internship_id=f"i{n}", ended_on=ended_on)

    def task(self, n: int, due: str, role: str = "CASE_MANAGER") -> None:
        self.say(n, "placement.TaskRaised", "task", f"t{n}", "2024-10-04", task_id=f"t{n}", kind="GEPI_REGISTRATION", role=role, due=due,
                 cause=f"i{n}", done_by="placement.ExternalRegistrationConfirmed.v1")

    def commit(self, commitment: str, cents: int, *, chapter: str = "1201", binding: bool = True) -> None:
        self.speaker.say("stipend.CommitmentRegistered", "commitment", commitment, {
            "commitment_id": commitment, "act_no": f"DET-{commitment}", "act_date": "2024-10-04", "amount_cents": cents,
            "binding": binding, "chapter": chapter}, programme=self.programme, occurred="2024-10-04")

    def entitle(self, n: int, commitment: str, cents: int) -> None:
        self.pay(n, "StipendEntitlementOpened", internship_id=f"i{n}", commitment_id=commitment, projected_cents=cents)

    def month(self, n: int, number: int, cents: int, share: int, *, paid: bool = True, returned: bool = False) -> None:
        accrual, order = f"a{n}-{number}", f"o{n}-{number}"
        self.pay(n, "StipendAccrued", accrual_id=accrual, number=number, period=number, starts=f"2024-{9 + number:02d}-14",
                 amount_cents=cents, share_cents=share)
        if paid:
            self.pay(n, "PaymentOrderIssued", "payment", order_id=order, accrual_id=accrual, attempt=1, amount_cents=cents)
            self.pay(n, "StipendPaid", "payment", order_id=order, accrual_id=accrual, amount_cents=cents, executed_on="2025-01-10")
        if returned:
            self.pay(n, "PaymentReturned", "payment", order_id=order, accrual_id=accrual, amount_cents=cents, reason_code="AC04")

    def pay(self, n: int, name: str, of: str = "entitlement", /, **data: Any) -> str:
        return self.say(n, f"stipend.{name}", of, f"e{n}", entitlement_id=f"e{n}", **data)

    @property
    def spoken(self) -> list[Said]:
        return self.speaker.spoken


def heard_by(reader: Reader, told: Told) -> None:
    hear(reader.service.part, told.spoken)
    reader.service.part.catch_up()
