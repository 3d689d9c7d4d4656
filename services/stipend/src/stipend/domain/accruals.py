"""Decisions on what is owed (maturazione): open an entitlement, accrue a period, adjust an accrual, project what is to come."""
from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated, Any, Literal

from chassis.decide import OccurredOn, Private, Refused, refuse
from stipend.domain import numbering
from stipend.domain.accrual import MODES, Due, NotDue, StipendPolicy
from stipend.domain.commitment import Commitment, share_changed
from stipend.domain.entitlement import (
    Entitlement,
    StipendAccrued,
    StipendAdjusted,
    StipendEntitlementOpened,
    StipendNotDue,
    StipendProjected,
    evolve,
    recovery,
    share_cents,
    worth,
)
from stipend.domain.known import Case, Internship, Validated
from stipend.domain.payment import Payment

AdjustReason = Literal["REGISTER_CORRECTED", "COMPUTATION_ERROR", "OTHER"]


@dataclass(frozen=True)
class InternshipHolder:
    """The entitlement that an internship already has."""

    entitlement_id: str | None


def open_entitlement(state: Entitlement, *, entitlement_id: str, case_id: str, internship_id: str, commitment_id: str,
                     opened_on: OccurredOn, case: Case, policy: StipendPolicy, commitment: Commitment,
                     holder: InternshipHolder) -> list[Any]:
    """Open what a participant is owed for one planned internship, if the commitment can bear all of it at full attendance (R30)."""
    if state.entitlement_id:
        return []
    internship = case.internships.get(internship_id)
    if internship is None or not internship.policy_ref:
        raise Refused("CASE_NOT_HEARD_YET", "the plan of this internship is not known here yet; try again in a moment")
    if holder.entitlement_id:
        raise Refused("INVALID_TRANSITION", f"this internship has entitlement {holder.entitlement_id}")
    projected = share_cents(Entitlement(), policy, internship)
    refuse(
        Refused("STIPEND_MODE_UNDEFINED", "the policy of this internship pays no stipend") if policy.mode not in MODES else None,
        _no_budget(commitment, case.programme_id, case_id, entitlement_id, projected))
    return [StipendEntitlementOpened(entitlement_id, case_id, case.programme_id, case.subject_id, policy.ref, internship_id,
                                     commitment_id, internship.start, projected),
            *share_changed(commitment, entitlement_id, projected)]


def accrue_stipend(state: Entitlement, *, entitlement_id: str, accrual_id: str, period: int, case: Case, policy: StipendPolicy,
                   commitment: Commitment, numbers: numbering.Numbering) -> list[Any]:
    """Turn a validated period of the register into an amount owed, or say why nothing is due: until a correction makes it due."""
    internship = _internship(state, case)
    if not internship.started:
        raise Refused("INVALID_TRANSITION", "the internship has not started")
    if accrual_id in state.accruals or period in {a.period for a in state.accruals.values()}:
        raise Refused("PERIOD_ALREADY_ACCRUED", f"period {period} has accrued; a correction is an adjustment")
    validated = internship.validated.get(period)
    if validated is None:
        raise _not_validated(internship, period)
    found = worth(policy, internship, validated)
    if period in state.not_due and isinstance(found, NotDue):
        raise Refused("PERIOD_ALREADY_ACCRUED", f"period {period} was found not due, and is not by what the register says now")
    decided = _decided(state, accrual_id, period, validated, found, numbers.last + 1)
    then = evolve(state, decided)
    refuse(_no_budget(commitment, state.programme_id, state.case_id, entitlement_id, then.owed_cents), _out_of_range(policy, found))
    share = _held(commitment, then, policy, internship)
    numbered = [numbering.AccrualNumbered(state.programme_id, decided.number, accrual_id)] if isinstance(decided, StipendAccrued) else []
    return [replace(decided, share_cents=share), *numbered, *share_changed(commitment, entitlement_id, share)]


def adjust_stipend(state: Entitlement, *, entitlement_id: str, accrual_id: str, reason: AdjustReason, case: Case,
                   policy: StipendPolicy, commitment: Commitment, payment: Payment,
                   note: Annotated[str, Private("casework")] = "") -> list[Any]:
    """Bring an accrual to what the register now says. What was paid beyond it is asked back."""
    internship, accrual = _internship(state, case), state.accruals.get(accrual_id)
    if accrual is None:
        raise Refused("REGISTER_NOT_VALIDATED", "there is no such accrual to adjust")
    validated = internship.validated.get(accrual.period)
    if validated is None:
        raise _not_validated(internship, accrual.period)
    found = worth(policy, internship, validated)
    adjusted = _adjusted(state, accrual_id, validated, found, reason, note)
    if adjusted.delta_cents == 0:
        return []
    then = evolve(state, adjusted)
    refuse(_no_budget(commitment, state.programme_id, state.case_id, entitlement_id, then.owed_cents), _out_of_range(policy, found))
    share = _held(commitment, then, policy, internship)
    return [replace(adjusted, share_cents=share), *recovery(then, accrual_id, payment.paid_cents(accrual_id), reason),
            *share_changed(commitment, entitlement_id, share)]


def project_stipends(state: Entitlement, *, entitlement_id: str, case: Case, policy: StipendPolicy,
                     commitment: Commitment) -> list[Any]:
    """Check again what is to come against the commitment, after the internship's periods or its end have changed (R30)."""
    share = share_cents(state, policy, _internship(state, case))
    refuse(_no_budget(commitment, state.programme_id, state.case_id, entitlement_id, share))
    changed = share_changed(commitment, entitlement_id, share)
    return [StipendProjected(entitlement_id, state.policy_ref, share), *changed] if changed else []


def _internship(state: Entitlement, case: Case) -> Internship:
    if not state.entitlement_id:
        raise Refused("INVALID_TRANSITION", "open the entitlement first")
    return case.internships.get(state.internship_id, Internship())


def _not_validated(internship: Internship, period: int) -> Refused:
    planned = internship.periods.get(period)
    if planned and internship.suspended_on_all_of(planned.starts, planned.ends):
        return Refused("SUSPENDED_PERIOD", f"the internship is suspended in the whole of period {period}")
    return Refused("REGISTER_NOT_VALIDATED", f"both tutors validate the register of period {period} first")


def _decided(state: Entitlement, accrual_id: str, period: int, validated: Validated, found: Due | NotDue,
             number: int) -> StipendAccrued | StipendNotDue:
    if isinstance(found, NotDue):
        return StipendNotDue(state.entitlement_id, state.policy_ref, period, validated.starts, validated.ends, found.reason,
                             validated.fact)
    return StipendAccrued(state.entitlement_id, state.policy_ref, accrual_id, number, period, validated.starts, validated.ends,
                          validated.planned_full, validated.planned, validated.recognised, _ratio(validated), found.rule,
                          found.base_cents, found.amount_cents, validated.fact)


def _adjusted(state: Entitlement, accrual_id: str, validated: Validated, found: Due | NotDue, reason: str, note: str) -> StipendAdjusted:
    amount, base, rule = (found.amount_cents, found.base_cents, found.rule) if isinstance(found, Due) else (0, None, found.reason)
    return StipendAdjusted(state.entitlement_id, state.policy_ref, accrual_id, amount - state.accruals[accrual_id].amount_cents, amount,
                           validated.recognised, reason, note, None, rule, base, _ratio(validated), validated.planned,
                           validated.corrected)


def _ratio(validated: Validated) -> Decimal:
    """For reading, 4 decimals; 0 of no hours."""
    return (validated.recognised / (validated.planned or 1)).quantize(Decimal("0.0001"), ROUND_HALF_UP)


def _held(commitment: Commitment, state: Entitlement, policy: StipendPolicy, internship: Internship) -> int:
    """The new share. What is owed is paid while there is money; of what is to come, no more is held than the commitment has."""
    return min(share_cents(state, policy, internship), commitment.open_to(state.entitlement_id))


def _no_budget(commitment: Commitment, programme_id: str, case_id: str, entitlement_id: str, share: int) -> Refused | None:
    if not commitment.bears(programme_id, case_id):
        return Refused("BUDGET_NOT_AVAILABLE", "there is no such commitment of this programme, or it is reserved for another case")
    if share > commitment.open_to(entitlement_id):
        return Refused("BUDGET_NOT_AVAILABLE", f"{share} cents are needed, the commitment has {commitment.open_to(entitlement_id)}")
    return None


def _out_of_range(policy: StipendPolicy, found: Due | NotDue) -> Refused | None:
    if policy.max_monthly is None or isinstance(found, NotDue) or found.amount_cents <= policy.max_monthly:
        return None
    return Refused("STIPEND_OUT_OF_RANGE", f"{found.amount_cents} cents are more than the policy's {policy.max_monthly} a month")
