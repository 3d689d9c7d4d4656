"""Somebody with an internship of six months, as stipend hears of them from the others. They do not exist."""
from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from chassis.bus import Record
from contracts.policyref import policy_ref
from spine import Source

POLICY = {"policy_id": "PUGLIA-LR26-2023-TIS", "stipend": {"mode": "FLAT_THRESHOLD", "monthly_amount": 60000, "threshold": "0.70"}}
CONFIG = {"policies": [POLICY],
          "parameters": {"household_registration": "ADI_HOUSEHOLD", "iban_cooling_days": 0, "backdate_limit_days": 36500}}
MONTHS = [("2024-10-14", "2024-11-13"), ("2024-11-14", "2024-12-13"), ("2024-12-14", "2025-01-13"), ("2025-01-14", "2025-02-13"),
          ("2025-02-14", "2025-03-13"), ("2025-03-14", "2025-04-13")]
IBAN = "IT84E9999999999000000000004"


class Voices:
    """The four other services, and what they have said."""

    def __init__(self) -> None:
        self._sources = {name: Source(name) for name in ("intake", "assessment", "placement", "reporting")}
        self.records: list[Record] = []

    def say(self, name: str, on: str, data: dict[str, Any], aggregate: str, **attributes: str) -> None:
        source, _, kind = name.partition(".")
        fact = self._sources[source].fact(f"{kind}.v1", occurred=on, **data)
        del fact["case"]
        self.records.append(self._sources[source].record(fact | {"aggregate": aggregate} | attributes))

    def activate(self, programme: str = "002") -> None:
        self.say("reporting.ProgrammeActivated", "2024-07-01", {"programme_id": programme, "config": CONFIG}, programme,
                 programme=programme)


@dataclass
class Payee:
    case: str = field(default_factory=lambda: str(uuid4()))
    subject: str = field(default_factory=lambda: str(uuid4()))
    plan: str = field(default_factory=lambda: str(uuid4()))
    internship: str = field(default_factory=lambda: str(uuid4()))
    entitlement: str = field(default_factory=lambda: str(uuid4()))

    def told(self, voices: Voices) -> None:
        """From the open case to the first month's register, validated."""
        about = {"case": self.case, "programme": "002", "subject": self.subject}
        at = {"internship_id": self.internship}
        periods = [{"number": n, "starts": starts, "ends": ends, "hours": "120", "full": "120"}
                   for n, (starts, ends) in enumerate(MONTHS, 1)]
        voices.say("intake.CaseOpened", "2024-09-11", {}, self.case, **about)
        voices.say("intake.TargetCategoryAttested", "2024-09-13", {"category": "ADI_HOUSEHOLD"}, self.case, **about)
        voices.say("assessment.PlanAgreed", "2024-09-27", {"plan_id": self.plan, "version": 1}, self.plan, **about)
        voices.say("placement.InternshipPlanned", "2024-10-04", {
            **at, "start": "2024-10-14", "planned_end": "2025-04-13", "weekly_hours": "30", "planned_hours_by_period": periods},
            self.internship, **about, policyref=policy_ref(POLICY))
        voices.say("placement.ExternalRegistrationConfirmed", "2024-10-11", {"system": "GEPI"}, self.internship, **about)
        voices.say("placement.InternshipStarted", "2024-10-14", {**at, "started_on": "2024-10-14"}, self.internship, **about)
        voices.say("placement.AttendancePeriodValidated", "2024-11-18", {
            **at, "number": 1, "starts": MONTHS[0][0], "ends": MONTHS[0][1], "planned_full": "120", "planned_hours": "120",
            "recognised_hours": "116"}, self.internship, **about)
