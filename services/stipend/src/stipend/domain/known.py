"""What stipend has heard: programmes from reporting; cases from intake, assessment and placement, their internships and registers."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from chassis.decide import Heard


@dataclass(frozen=True)
class Programme:
    """Every policy that any version of its configuration named, and the parameters of the last one."""

    policies: tuple[Mapping[str, Any], ...] = ()
    household_registration: str | None = None
    iban_cooling_days: int = 0


def fold_programme(known: Programme, fact: Heard) -> Programme:
    config = fact.data.get("config")
    if config is None:
        return known
    added = tuple(p for p in config.get("policies", ()) if p not in known.policies)
    parameters = config.get("parameters", {})
    return Programme((*known.policies, *added), parameters.get("household_registration"), parameters.get("iban_cooling_days", 0))


@dataclass(frozen=True)
class Period:
    """Hours of one period as now planned; `full` of the whole period."""

    starts: date
    ends: date
    full: Decimal
    planned: Decimal


@dataclass(frozen=True)
class Validated:
    """A period of the register that both tutors validated, as last corrected. `fact`, `corrected`: the ids of both."""

    fact: str
    starts: date
    ends: date
    planned_full: Decimal
    planned: Decimal
    recognised: Decimal
    corrected: str | None = None


@dataclass(frozen=True)
class Internship:
    """`monthly_cents`: the stipend of a month that the PFI was signed with, None where it names none."""

    policy_ref: str = ""
    start: date = date.max
    weekly_hours: Decimal = Decimal(0)
    started: bool = False
    last_day: date | None = None
    periods: Mapping[int, Period] = field(default_factory=dict)
    validated: Mapping[int, Validated] = field(default_factory=dict)
    suspensions: tuple[tuple[date, date], ...] = ()
    """First day, and the day of resumption (`date.max` while it lasts)."""
    monthly_cents: int | None = None

    def suspended_days_before(self, day: date) -> int:
        return sum(max((min(until, day) - since).days, 0) for since, until in self.suspensions)

    def suspended_on_all_of(self, starts: date, ends: date) -> bool:
        return any(since <= starts and ends < until for since, until in self.suspensions)

    def suspended_in(self, starts: date, ends: date) -> bool:
        return any(since <= ends and starts < until for since, until in self.suspensions)


@dataclass(frozen=True)
class Case:
    """`plan_id` is the plan last agreed, `plans` the last agreed version of each."""

    case_id: str = ""
    programme_id: str = ""
    subject_id: str = ""
    categories: frozenset[str] = frozenset()
    registrations: frozenset[str] = frozenset()
    plan_id: str | None = None
    plans: Mapping[str, int] = field(default_factory=dict)
    internships: Mapping[str, Internship] = field(default_factory=dict)


@dataclass(frozen=True)
class Participant:
    """A person some case is about. `minor`: under 18 when last admitted to a programme (`domain.md` 13.16)."""

    subject_id: str | None = None
    minor: bool = False


def fold_participant(known: Participant, fact: Heard) -> Participant:
    band = fact.data.get("age_band") if fact.type == "intake.EligibilityConfirmed.v1" else None
    return Participant(fact.subject or known.subject_id, known.minor if band is None else band == "UNDER_18")


def fold_case(known: Case, fact: Heard) -> Case:
    known = replace(known, case_id=fact.case or known.case_id, programme_id=fact.programme or known.programme_id,
                    subject_id=fact.subject or known.subject_id)
    data = fact.data
    match fact.type:
        case "intake.TargetCategoryAttested.v1" if code := data.get("category"):
            return replace(known, categories=known.categories | {code})
        case "placement.ExternalRegistrationConfirmed.v1":
            return replace(known, registrations=known.registrations | {data["system"]})
        case "assessment.PlanAgreed.v1":
            plan = data["plan_id"]
            return replace(known, plan_id=plan, plans={**known.plans, plan: data["version"]})
        case _ if "internship_id" in data and fact.source == "placement":
            internship = known.internships.get(data["internship_id"], Internship())
            return replace(known, internships={**known.internships, data["internship_id"]: fold_internship(internship, fact)})
        case _:
            return known


def fold_internship(known: Internship, fact: Heard) -> Internship:
    data = fact.data
    match fact.type:
        case "placement.InternshipPlanned.v1":
            return replace(known, policy_ref=fact.policyref or "", start=_day(data["start"]), periods=_periods(data),
                           weekly_hours=Decimal(data["weekly_hours"]), monthly_cents=data.get("amount_cents"))
        case "placement.InternshipStarted.v1":
            return replace(known, started=True)
        case "placement.InternshipSuspended.v1":
            return replace(known, suspensions=(*known.suspensions, (_day(data["suspended_from"]), date.max)))
        case "placement.InternshipResumed.v1":
            *before, last = known.suspensions or ((date.max, date.max),)
            return replace(known, periods=_periods(data), suspensions=(*before, (last[0], _day(data["resumed_on"]))))
        case "placement.InternshipExtended.v1":
            return replace(known, periods=_periods(data))
        case "placement.InternshipCompleted.v1":
            return replace(known, last_day=_day(data["ended_on"]))
        case "placement.InternshipWithdrawn.v1" | "placement.InternshipInterrupted.v1":
            return replace(known, last_day=_day(data["last_day"]))
        case "placement.AttendancePeriodValidated.v1":
            return replace(known, validated={**known.validated, data["number"]: _validated(fact)})
        case "placement.AttendanceCorrected.v1" if data["period"] in known.validated:
            corrected = replace(known.validated[data["period"]], recognised=Decimal(data["recognised_hours"]), corrected=fact.id)
            return replace(known, validated={**known.validated, data["period"]: corrected})
        case _:
            return known


def _day(value: str) -> date:
    return date.fromisoformat(value)


def _periods(data: Mapping[str, Any]) -> dict[int, Period]:
    return {p["number"]: Period(_day(p["starts"]), _day(p["ends"]), Decimal(p["full"]), Decimal(p["hours"]))
            for p in data["planned_hours_by_period"]}


def _validated(fact: Heard) -> Validated:
    data = fact.data
    full, planned, recognised = (Decimal(data[name]) for name in ("planned_full", "planned_hours", "recognised_hours"))
    return Validated(fact.id, _day(data["starts"]), _day(data["ends"]), full, planned, recognised)
