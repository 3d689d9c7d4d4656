"""What placement knows of a case (caso), folded from what intake, assessment, stipend and placement itself said of it."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from chassis.decide import Heard

UNDER_18 = "UNDER_18"


@dataclass(frozen=True)
class Plan:
    """The plan in force (progetto personalizzato): the version last agreed."""

    plan_id: str
    version: int
    goal_ids: frozenset[str]
    valid_to: date | None
    policy_ref: str


@dataclass(frozen=True)
class Case:
    """`categories` as far as they are spoken; `max_months`, `quota_exempt`: what is allowed for those that are not.

    `entitled`: internships with a stipend entitlement; `hosts`: where an internship of the case was started.
    """

    case_id: str | None = None
    programme_id: str | None = None
    subject_id: str | None = None
    privacy_notice: bool = False
    case_manager: str | None = None
    categories: frozenset[str] = frozenset()
    max_months: int | None = None
    quota_exempt: bool = False
    under_18: bool = False
    plan: Plan | None = None
    entitled: frozenset[str] = frozenset()
    hosts: frozenset[str] = frozenset()

    def plan_in_force(self, on: date) -> Plan | None:
        """The agreed plan, unless it has expired."""
        return self.plan if self.plan and (self.plan.valid_to is None or on <= self.plan.valid_to) else None


def _opened(case: Case, fact: Heard) -> Case:
    return replace(case, case_id=fact.case, programme_id=fact.programme, subject_id=fact.subject)


def _attested(case: Case, fact: Heard) -> Case:
    category = fact.data.get("category")
    return replace(case, categories=case.categories | {category}) if category else case


def _confirmed(case: Case, fact: Heard) -> Case:
    return replace(case, under_18=fact.data.get("age_band") == UNDER_18, max_months=fact.data.get("max_months"),
                   quota_exempt=bool(fact.data.get("quota_exempt")))


def _agreed(case: Case, fact: Heard) -> Case:
    data = fact.data
    until = data.get("valid_to")
    return replace(case, plan=Plan(
        data["plan_id"], data["version"], frozenset(data.get("goal_ids", ())), date.fromisoformat(until) if until else None,
        fact.policyref or ""))


FOLDS: dict[str, Callable[[Case, Heard], Case]] = {
    "intake.CaseOpened.v1": _opened,
    "intake.PrivacyNoticeDelivered.v1": lambda case, fact: replace(case, privacy_notice=True),
    "intake.CaseManagerAssigned.v1": lambda case, fact: replace(case, case_manager=fact.data.get("operator_id")),
    "intake.CaseHandedOver.v1": lambda case, fact: replace(case, case_manager=fact.data.get("to_operator_id")),
    "intake.TargetCategoryAttested.v1": _attested,
    "intake.EligibilityConfirmed.v1": _confirmed,
    "assessment.PlanAgreed.v1": _agreed,
    "stipend.StipendEntitlementOpened.v1": lambda case, fact: replace(case, entitled=case.entitled | {fact.data["internship_id"]}),
    "placement.InternshipStarted.v1": lambda case, fact: replace(case, hosts=case.hosts | {fact.data["host_id"]}),
}


def fold(case: Case, fact: Heard) -> Case:
    """What is known after one more fact."""
    known = FOLDS.get(fact.type)
    return known(case, fact) if known else case
