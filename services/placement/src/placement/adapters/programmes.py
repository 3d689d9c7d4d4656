"""A programme's spoken configuration as the rules that placement decides by."""
from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from chassis.decide import Heard
from contracts.policyref import policy_ref
from contracts.programme import Configuration, Policy
from placement.domain.programme import Programme, Rules, Version


def fold(programme: Programme, fact: Heard) -> Programme:
    """What is known of a programme after one more fact: its versions, the activation first, and the policies of all of them."""
    said: Mapping[str, Any] | None = fact.data.get("config")
    if said is None:
        return programme
    config = Configuration.model_validate(said)
    policies = {ref: rules_of(ref, policy) for ref, policy in zip(map(policy_ref, said["policies"]), config.policies, strict=True)}
    first = fact.type == "reporting.ProgrammeActivated.v1"
    said_now = version_of(date.min if first else _day(fact.data.get("effective_from")) or fact.occurred, fact.data, config)
    versions = (said_now, *programme.versions) if first else (*programme.versions, said_now)
    return Programme(versions, {**programme.policies, **policies})


def version_of(since: date, data: Mapping[str, Any], config: Configuration) -> Version:
    rule, parameters = config.action_plan, config.parameters
    return Version(since, _day(data.get("start")), _day(data.get("end")), rule.offered, rule.grace_days,
                   frozenset(rule.stabilising_contracts), parameters.training_ratio, parameters.case_manager_may_tutor,
                   parameters.household_registration)


def rules_of(ref: str, policy: Policy) -> Rules:
    stipend, duration, extension = policy.stipend, policy.duration, policy.duration.extension
    return Rules(
        ref, tuple(policy.internship_types), duration.min_days, duration.min_days_seasonal, duration.max_months,
        extension.max_months if extension else None, extension.requires if extension else None, policy.hours.weekly_cap,
        policy.hours.weekly_min, policy.hours.daily_cap, policy.hours.night, stipend.mode, stipend.monthly_amount,
        stipend.min_monthly, stipend.max_monthly, stipend.period, stipend.justified_absence_counts, policy.suspension.min_days,
        policy.suspension.extends_end, policy.suspension.max_total_days,
        tuple((step.from_employees, step.to_employees, step.places) for step in policy.quota.table), policy.quota.above,
        frozenset(policy.quota.exempt), policy.tutors.promoter_max, policy.tutors.host_max, policy.training.safety_general_h,
        {risk: Decimal(hours) for risk, hours in policy.training.safety_specific_h.items()}, policy.training.haccp,
        policy.changes_days, tuple(policy.host_requirements), frozenset(policy.documents), policy.same_host_repeat_allowed,
        policy.attestation_ratio, policy.valid_from)


def _day(said: str | None) -> date | None:
    return date.fromisoformat(said) if said else None
