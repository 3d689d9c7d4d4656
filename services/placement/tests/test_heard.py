"""What placement makes of the facts it hears: a case, a programme's rules, the task of GePI."""
from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import reduce
from typing import Any

import pytest

from chassis.decide import Actor, Heard, Refused
from chassis.declare import Do
from chassis.task import raise_task
from contracts.policyref import policy_ref
from placement.adapters import programmes
from placement.adapters.deadlines import DEADLINES
from placement.adapters.inbound import HEARS, REACTIONS, register_household
from placement.domain import case as cases
from placement.domain.case import Case
from placement.domain.events import InternshipCompleted
from placement.domain.programme import Programme

POLICY: dict[str, Any] = {
    "policy_id": "PUGLIA-LR26-2023-TIS", "valid_from": "2023-11-28", "internship_types": ["INCLUSIONE_SOCIALE"],
    "duration": {"min_days": 60, "min_days_seasonal": 30, "max_months": {"DEFAULT": 6, "DISABILITY": 24},
                 "extension": {"max_months": 12, "requires": "CPI_VALIDATION"}},
    "hours": {"weekly_cap": "40", "daily_cap": "8", "night": False},
    "stipend": {"mode": "FLAT_THRESHOLD", "monthly_amount": 60000, "threshold": "0.70"},
    "suspension": {"min_days": {"ILLNESS": 30}}, "tutors": {"promoter_max": 20, "host_max": 3},
    "quota": {"table": [{"from_employees": 0, "to_employees": 5, "places": 1}], "above": "0.10", "exempt": ["INCLUSIONE_SOCIALE"]},
    "training": {"safety_general_h": "4", "safety_specific_h": {"LOW": "4"}, "haccp": "IF_FOOD"},
    "host_requirements": ["DURC"], "documents": ["CONVENZIONE"]}
CONFIG: dict[str, Any] = {
    "sources": [{"code": "EEMM_ADI", "kind": "SOCIAL_SERVICE"}], "eligibility": {"rule_version": "002-1"}, "plan_signatures": [],
    "teams": [], "action_plan": {"offered": True, "grace_days": 15},
    "parameters": {"household_registration": "ADI_HOUSEHOLD", "backdate_limit_days": 36500},
    "policies": [POLICY], "catalogue": {"version": "1", "indicators": []}}


def fact(type: str, *, on: date = date(2024, 9, 13), aggregate: str = "x", **data: Any) -> Heard:
    return Heard(type, f"id of {type}", type.partition(".")[0], aggregate, on, "", "C", "002", "S", data.pop("policyref", None), "", "",
                 data)


ACTIVATED = fact("reporting.ProgrammeActivated.v1", programme_id="002", start="2024-07-01", end="2026-12-31", config=CONFIG)
CATEGORY = fact("intake.TargetCategoryAttested.v1", category="ADI_HOUSEHOLD", gdpr_class="H")
PLANNED = fact("placement.InternshipPlanned.v1", on=date(2024, 10, 4), aggregate="I", internship_id="I", start="2024-10-14")


class Known:
    """An `Ask` that has heard these facts."""

    actor = Actor("system", "SYSTEM", "placement", "bari")
    state = None
    today = date(2024, 10, 4)

    def __init__(self, *facts: Heard) -> None:
        self.facts = facts
        self.args: dict[str, Any] = {}

    def heard(self, about: str) -> list[Heard]:
        of_programme = about == "002"
        return [one for one in self.facts if one.type.startswith("reporting.") is of_programme]

    def known(self, about: str, start: Any, fold: Callable[[Any, Heard], Any], *, missing: str | None = None) -> Any:
        facts = self.heard(about)
        if not facts and missing:
            raise Refused(missing, about)
        return reduce(fold, facts, start)


def test_a_configuration_becomes_the_rules_of_its_policies():
    programme = programmes.fold(Programme(), ACTIVATED)
    rules = programme.rules(policy_ref(POLICY))
    version = programme.on(date(2020, 1, 1))
    assert (version.start, version.end, version.grace_days) == (date(2024, 7, 1), date(2026, 12, 31), 15)
    assert (rules.monthly_cents, rules.extension_months, rules.safety_specific_h) == (60000, 12, {"LOW": Decimal(4)})
    assert (rules.places(3), rules.places(30), rules.months(frozenset({"DISABILITY"}), None)) == (1, 3, 24)


def test_a_policy_changed_later_is_another_policy_and_the_old_one_stays():
    changed = {**CONFIG, "policies": [{**POLICY, "hours": {"weekly_cap": "36", "daily_cap": "8"}}]}
    later = fact("reporting.ProgrammeConfigurationVersioned.v1", programme_id="002", config=changed)
    programme = reduce(programmes.fold, (ACTIVATED, later), Programme())
    assert [rules.weekly_cap for rules in programme.policies.values()] == [40, 36]
    assert programme.on(date(2024, 9, 12)).end == date(2026, 12, 31)
    assert programme.on(date(2024, 9, 13)).end is None
    with pytest.raises(Refused, match="PROGRAMME_NOT_HEARD_YET"):
        programme.rules("ANOTHER@0")


def test_a_version_is_in_force_from_its_day_and_of_several_the_last_said():
    ends = {"2099-01-01": "2100-12-31", "2025-01-01": "2027-12-31", "2024-12-01": "2028-12-31"}
    said = [fact("reporting.ProgrammeConfigurationVersioned.v1", programme_id="002", config=CONFIG, end=end, effective_from=since)
            for since, end in ends.items()]
    programme = reduce(programmes.fold, (ACTIVATED, *said), Programme())
    days = (date(2024, 11, 30), date(2024, 12, 1), date(2025, 1, 1), date(2099, 1, 1))
    assert [str(programme.on(day).end) for day in days] == ["2026-12-31", "2028-12-31", "2028-12-31", "2028-12-31"]


def test_a_case_is_what_the_four_services_said_of_it():
    facts = (
        fact("intake.CaseOpened.v1", case_id="C"), fact("intake.PrivacyNoticeDelivered.v1"), CATEGORY,
        fact("intake.CaseManagerAssigned.v1", operator_id="cm-1"), fact("intake.CaseHandedOver.v1", to_operator_id="cm-2"),
        fact("intake.TargetCategoryAttested.v1", gdpr_class="SPECIAL"),
        fact("intake.EligibilityConfirmed.v1", age_band="UNDER_18", max_months=24, quota_exempt=True),
        fact("assessment.PlanAgreed.v1", plan_id="PL", version=1, goal_ids=["G1"], valid_to="2025-09-26", policyref="P@1"),
        fact("assessment.PlanAgreed.v1", plan_id="PL", version=2, goal_ids=["G1", "G2"], valid_to="2025-09-26", policyref="P@1"),
        fact("stipend.StipendEntitlementOpened.v1", internship_id="I"), fact("placement.InternshipStarted.v1", host_id="H"),
        fact("intake.SomethingElse.v1"))
    case = reduce(cases.fold, facts, Case())
    assert (case.case_id, case.programme_id, case.subject_id, case.case_manager) == ("C", "002", "S", "cm-2")
    assert (case.privacy_notice, case.under_18, case.max_months, case.quota_exempt) == (True, True, 24, True)
    assert (case.categories, case.entitled, case.hosts) == ({"ADI_HOUSEHOLD"}, {"I"}, {"H"})
    assert case.plan is not None
    assert (case.plan.version, case.plan.goal_ids) == (2, {"G1", "G2"})
    assert case.plan_in_force(date(2025, 9, 26)) is case.plan
    assert case.plan_in_force(date(2025, 9, 27)) is None


@pytest.mark.parametrize("last", [CATEGORY, PLANNED])
def test_whichever_is_heard_last_the_household_is_registered_once(last):
    done = register_household(last, Known(ACTIVATED, CATEGORY, PLANNED))  # type: ignore[arg-type]
    assert isinstance(done, Do)
    assert done.decision is raise_task
    assert (done.args["kind"], done.args["due"], done.args["case_id"]) == ("GEPI_REGISTRATION", date(2024, 10, 14), "C")
    other = register_household(last, Known(ACTIVATED, CATEGORY, PLANNED, PLANNED))  # type: ignore[arg-type]
    assert isinstance(other, Do)
    assert other.args["task_id"] == done.args["task_id"]


def test_nothing_is_to_be_registered_without_the_category_or_the_internship():
    assert register_household(CATEGORY, Known(ACTIVATED, CATEGORY)) is None  # type: ignore[arg-type]
    assert register_household(PLANNED, Known(ACTIVATED, PLANNED)) is None  # type: ignore[arg-type]
    with pytest.raises(Refused, match="PROGRAMME_NOT_HEARD_YET"):
        register_household(PLANNED, Known(CATEGORY, PLANNED))  # type: ignore[arg-type]


def test_what_is_reacted_to_is_heard():
    assert {reaction.on for reaction in REACTIONS} <= set(HEARS)
    assert len(HEARS) == len(set(HEARS))


def test_the_action_plan_is_due_when_the_grace_days_end():
    deadline, = DEADLINES
    event = InternshipCompleted("I", date(2025, 4, 13), Decimal(720), Decimal(632), Decimal("0.8778"), None, date(2025, 4, 28), (), "C",
                                "002", "S")
    assert deadline.due(event) == date(2025, 4, 28)
    assert deadline.do(event).args["due"] == date(2025, 4, 28)
