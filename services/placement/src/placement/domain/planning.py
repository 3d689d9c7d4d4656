"""Planning an internship (progetto formativo individuale): everything that can be known before it starts (R01 to R31)."""
from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from chassis.decide import OccurredOn, Private, Refused, refuse
from contracts.words import OperatorId
from placement.domain import limits, tasks
from placement.domain.agreement import DocumentDigest
from placement.domain.case import Case, Plan
from placement.domain.events import InternshipPlanned, PlannedDay
from placement.domain.host import Host
from placement.domain.internship import Internship, hours_of
from placement.domain.match import Holder, Match
from placement.domain.periods import period_hours
from placement.domain.programme import Programme, Rules, Version
from placement.domain.rooms import Rooms

Signatory = Literal["PROMOTER", "HOST", "PARTICIPANT", "GUARDIAN", "TUTOR_PROMOTORE", "TUTOR_AZIENDALE"]
SIGNATORIES = ("PROMOTER", "HOST", "PARTICIPANT", "TUTOR_PROMOTORE", "TUTOR_AZIENDALE")
MODES = frozenset({"FLAT_THRESHOLD", "HOURLY_CAPPED", "PRO_RATA_HOURS", "NONE"})
Validation = Literal["CPI_VALIDATION", "SERVICE_ATTESTATION"]


def plan_internship(state: Internship, *, internship_id: str, match_id: str, agreement_id: str, type: str, start: date,
                    planned_end: date, weekly_hours: Decimal, calendar: list[PlannedDay], promoter_tutor: OperatorId,
                    host_tutor: OperatorId, goal_ids: list[str], pfi_digest: DocumentDigest, pfi_signed_on: date,
                    signatures: list[Signatory], no_prior_relationship: bool, match: Match, holder: Holder, host: Host,
                    case: Case, programme: Programme, rooms: Rooms, on: OccurredOn, amount_cents: int | None = None,
                    seasonal: bool = False, attests_majority: bool = False, validation_kind: Validation | None = None,
                    validation_document: Annotated[str | None, Private("casework")] = None,
                    pfi_key: Annotated[str | None, Private("documents")] = None) -> list[Any]:
    """Plan an internship (progetto formativo individuale), under the policy of the plan in force.

    `calendar`: the planned days. `amount_cents`: the stipend of a month. `pfi_digest`: HMAC of the signed document, its key sealed.
    `validation_kind` and its document: what allows more months than usual (R04).
    """
    if state.status:
        return []
    version = programme.on(on)
    before = [*_agreed(match, holder, case), *limits.calendar_fits(calendar, start, planned_end)]
    guardian = _guardian(signatures, case, attests_majority)
    people = [*_prior(no_prior_relationship), *_tutors(promoter_tutor, host_tutor, host, case, version)]
    signed = _signed(signatures)
    plan = case.plan_in_force(on)
    if plan is None:
        no_plan = Refused("PLAN_NOT_AGREED", "agree on the plan first, or on a new version of the expired one")
        refuse(*before, guardian, *people, *signed, no_plan)
        raise no_plan
    if not plan.policy_ref:
        raise Refused("PLAN_WITHOUT_POLICY", "the plan in force names no policy: agree on one that is drafted with a policy_id")
    rules = programme.rules(plan.policy_ref)
    validated_by = validation_kind if validation_document else None
    refuse(
        *before, guardian, *_in_force(start, rules), *_shortest(start, planned_end, seasonal, rules),
        *limits.duration(start, planned_end, 0, validated_by, rules, case), *limits.hours(weekly_hours, calendar, rules, case),
        *_stipend(amount_cents, rules), *_hosted(match, host, start, type, case, rules, rooms), *people[:1],
        *_again(match, case, rules), *_load(rooms, start), *people[1:], *signed, *_typed(type, rules), *_goals(goal_ids, plan),
        *limits.window(start, planned_end, version), *_alone(rooms, start))
    periods = period_hours(rules.period, start, planned_end, weekly_hours, hours_of(calendar))
    planned = InternshipPlanned(
        internship_id, match_id, match.opportunity_id, match.host_id, match.unit_id, agreement_id, plan.plan_id, plan.version, type,
        start, planned_end, weekly_hours, periods, tuple(calendar), rules.period, promoter_tutor, host_tutor, tuple(goal_ids),
        pfi_digest, pfi_key, pfi_signed_on, tuple(signatures), no_prior_relationship, rules.stipend_mode, amount_cents,
        validation_kind, validation_document, plan.policy_ref, case.case_id, case.programme_id, case.subject_id)
    return [planned, *_registration(planned, case, version)]


def quota_exempt(type: str, case: Case, rules: Rules) -> bool:
    """R14: the internship's type, or a category of the person, is outside the numeric limits."""
    return case.quota_exempt or bool(rules.quota_exempt & {type, *case.categories})


def _agreed(match: Match, holder: Holder, case: Case) -> list[Refused | None]:
    return [
        None if case.privacy_notice else Refused("PRIVACY_NOTICE_MISSING", "deliver the privacy notice before working on the case"),
        None if match.agreed else Refused("ACCEPTANCE_MISSING", "participant, host and team must accept the match first"),
        Refused("INVALID_TRANSITION", "an internship was planned on this match: end that one and propose another match")
        if holder.internship_id else None]


def _guardian(signatures: Sequence[str], case: Case, attests_majority: bool) -> Refused | None:
    minor = case.under_18 and not attests_majority
    return Refused("SIGNATURE_MISSING", "a minor's guardian signs too", about="GUARDIAN") if minor and "GUARDIAN" not in signatures \
        else None


def _in_force(start: date, rules: Rules) -> list[Refused | None]:
    return [None if rules.valid_from <= start else Refused(
        "POLICY_NOT_IN_FORCE", f"the plan's policy applies from {rules.valid_from}: start later, or agree on another plan")]


def _shortest(start: date, end: date, seasonal: bool, rules: Rules) -> list[Refused | None]:
    least = rules.min_days_seasonal if seasonal else rules.min_days
    return [Refused("DURATION_BELOW_MIN", f"at least {least} days") if (end - start).days + 1 < least else None]


def _stipend(amount: int | None, rules: Rules) -> list[Refused | None]:
    """R06, R07. Where a policy has no bounds, its monthly amount is the only one."""
    if rules.stipend_mode not in MODES:
        return [Refused("STIPEND_MODE_UNDEFINED", "the policy names no way to pay: version the programme's configuration")]
    if rules.stipend_mode == "NONE":
        return [Refused("STIPEND_OUT_OF_RANGE", "this policy pays no stipend") if amount else None]
    bounded = rules.min_monthly_cents is not None or rules.max_monthly_cents is not None
    low = rules.min_monthly_cents if bounded else rules.monthly_cents
    high = rules.max_monthly_cents if bounded else rules.monthly_cents
    fits = amount is not None and (low or 1) <= amount <= (amount if high is None else high)
    return [None if fits else Refused("STIPEND_OUT_OF_RANGE", f"a month's stipend is from {low or 1} to {high or 'any'} cents")]


def _hosted(match: Match, host: Host, start: date, type: str, case: Case, rules: Rules, rooms: Rooms) -> list[Refused | None]:
    full = rooms.unit.full_from(start) and not quota_exempt(type, case, rules)
    lacking = [Refused("HOST_REQUIREMENT_MISSING", "the host declares it, or declares again", about=item)
               for item in rules.host_requirements if not host.satisfies(item, start)]
    return [Refused("HOST_QUOTA_EXCEEDED", f"unit {match.unit_id} has as many interns as it may") if full else None, *lacking]


def _prior(no_prior_relationship: bool) -> list[Refused | None]:
    return [None if no_prior_relationship else Refused("PRIOR_RELATIONSHIP", "participant and host had a relation of work before")]


def _again(match: Match, case: Case, rules: Rules) -> list[Refused | None]:
    again = match.host_id in case.hosts and not rules.same_host_repeat_allowed
    return [Refused("REPEAT_AT_SAME_HOST", "the participant was an intern of this host before") if again else None]


def _load(rooms: Rooms, start: date) -> list[Refused | None]:
    full = rooms.promoter.full_from(start) or rooms.host.full_from(start)
    return [Refused("TUTOR_LOAD_EXCEEDED", "a tutor follows as many interns as may be: name another") if full else None]


def _tutors(promoter_tutor: str, host_tutor: str, host: Host, case: Case, version: Version) -> list[Refused | None]:
    manages = case.case_manager in (promoter_tutor, host_tutor) and not version.case_manager_may_tutor
    return [Refused("TUTOR_NOT_ELIGIBLE", "two tutors, the host's one of the host, neither the case manager")
            if manages or not host.speaks(host_tutor) or promoter_tutor == host_tutor else None]


def _signed(signatures: Sequence[str]) -> list[Refused | None]:
    return [Refused("SIGNATURE_MISSING", "the PFI is signed by all parties", about=party)
            for party in SIGNATORIES if party not in signatures]


def _typed(type: str, rules: Rules) -> list[Refused | None]:
    return [None if type in rules.internship_types else Refused(
        "COB_TYPE_MISMATCH", f"the policy knows {', '.join(rules.internship_types)}")]


def _goals(goal_ids: Sequence[str], plan: Plan) -> list[Refused | None]:
    return [None if goal_ids and plan.goal_ids.issuperset(goal_ids) else Refused(
        "PLAN_NOT_AGREED", "the internship's goals are goals of the plan in force, at least one")]


def _alone(rooms: Rooms, start: date) -> list[Refused | None]:
    return [Refused("ACTIVE_INTERNSHIP_EXISTS", "the participant has an active internship of this programme")
            if rooms.person.full_from(start) else None]


def _registration(planned: InternshipPlanned, case: Case, version: Version) -> list[Any]:
    if version.household_registration not in case.categories:
        return []
    return [tasks.household_registration(planned.internship_id, planned.start, case.case_id, case.programme_id, case.subject_id)]
