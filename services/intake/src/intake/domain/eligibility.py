"""Who may enter a programme (requisiti di accesso): its gates, as it configures them, on the day of the decision."""
from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from chassis.decide import OccurredOn, Refused, refuse
from intake.domain.case import Case, EligibilityConfirmed, EligibilityDenied, Event, Gate
from intake.domain.categories import IN_CHARGE, covers
from intake.domain.programme import Policy, Programme, Rules
from intake.domain.referral import Referral
from intake.domain.subject import Subject


def confirm_eligibility(state: Case, *, case_id: str, confirmed_on: OccurredOn, programme: Programme, referral: Referral,
                        subject: Subject) -> list[Event]:
    """Confirm that the person may enter the programme (ammissione): every gate is met."""
    _decidable(state)
    if state.confirmed:
        return []
    rules = programme.rules(confirmed_on)
    policy = rules.policy(confirmed_on)
    gates = _gates(rules, state, referral, subject, confirmed_on)
    refuse(*gates.values(), _unmanaged(state))
    adult = (subject.age(confirmed_on) or 0) >= 18
    return [EligibilityConfirmed(
        case_id, tuple(Gate(rule, True) for rule in gates), rules.rule_version, "ADULT" if adult else "UNDER_18",
        _max_months(policy, state, confirmed_on), _holds_any(state, policy.quota_exempt, confirmed_on))]


def deny_eligibility(state: Case, *, case_id: str, denied_on: OccurredOn, programme: Programme, referral: Referral,
                     subject: Subject) -> list[Event]:
    """Deny entry (diniego di ammissione), for the gates that are not met."""
    _decidable(state)
    rules = programme.rules(denied_on)
    reasons = tuple(no.code for no in _gates(rules, state, referral, subject, denied_on).values() if no is not None)
    refuse(
        Refused("ALREADY_DECIDED", "eligibility was confirmed; close the case instead") if state.confirmed else None,
        Refused("GATES_MET", "every gate is met; confirm the eligibility") if not reasons else None,
        _unmanaged(state),
    )
    return [] if reasons == state.denied_for else [EligibilityDenied(case_id, reasons, rules.rule_version)]


def _decidable(state: Case) -> None:
    if state.closed:
        raise Refused("CASE_CLOSED", "this case has been closed; a new referral opens another")
    if not state.opened:
        raise Refused("CASE_NOT_OPEN", "open the case first")


def _unmanaged(state: Case) -> Refused | None:
    return Refused("NO_CASE_MANAGER", "nobody has this case; assign a case manager") if state.case_manager is None else None


def _gates(rules: Rules, state: Case, referral: Referral, subject: Subject, on: date) -> dict[str, Refused | None]:
    """Each gate of the programme with what speaks against it, in the order in which they are answered."""
    in_charge = [code for code in rules.all_of if code in IN_CHARGE]
    age = subject.age(on)
    gates = {"SOURCE": None if referral.source in rules.sources else
             Refused("SOURCE_NOT_CONFIGURED", "the programme takes no referrals from the source of this case (any more)")}
    if in_charge:
        gates["IN_CHARGE"] = None if _holds_all(state, in_charge, on) else Refused(
            "NOT_IN_CHARGE", "no valid document shows that a social service has this person in charge; attest it")
    gates["RESIDENCE"] = None if not rules.residence or subject.residence in rules.residence else Refused(
        "NOT_RESIDENT", "the person does not live in a municipality of the programme")
    gates["AGE"] = None if age is not None and age >= rules.min_age else Refused(
        "AGE_BELOW_MINIMUM", f"the programme takes persons of {rules.min_age} years or more")
    gates["CATEGORY"] = _category(rules, state, on)
    return gates


def _category(rules: Rules, state: Case, on: date) -> Refused | None:
    """All of the first list, and one of the second; what once was shown and has run out is another answer than what never was."""
    wanted = [code for code in rules.all_of if code not in IN_CHARGE and not _holds_any(state, (code,), on)]
    if rules.any_of and not _holds_any(state, rules.any_of, on):
        wanted += rules.any_of
    if not wanted:
        return None
    if any(covers(code, held.category) for code in wanted for held in state.held.values()):
        return Refused("CATEGORY_EXPIRED", "a category that the programme asks for is attested, but not for this day; attest it anew")
    return Refused("CATEGORY_EVIDENCE_MISSING", "a category that the programme asks for has not been attested")


def _holds_any(state: Case, codes: Iterable[str], on: date) -> bool:
    return any(covers(code, held.category) and held.on(on) for code in codes for held in state.held.values())


def _holds_all(state: Case, codes: Iterable[str], on: date) -> bool:
    return all(_holds_any(state, (code,), on) for code in codes)


def _max_months(policy: Policy, state: Case, on: date) -> int | None:
    """The longest internship that the person's categories allow: said as months, so that the category stays here."""
    return max((most for code, most in policy.max_months.items() if code == "DEFAULT" or _holds_any(state, (code,), on)), default=None)
