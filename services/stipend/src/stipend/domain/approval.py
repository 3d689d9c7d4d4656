"""Approve what is owed (atto di liquidazione)."""
from __future__ import annotations

from chassis.decide import Actor, OccurredOn, Refused
from stipend.domain.entitlement import Entitlement, StipendApproved
from stipend.domain.forms import ActNo


def approve_stipend(state: Entitlement, *, entitlement_id: str, accrual_id: str, act_no: ActNo, approved_on: OccurredOn,
                    actor: Actor) -> list[StipendApproved]:
    """Approve an accrual by an act, for its amount; again after it was adjusted."""
    accrual = state.accruals.get(accrual_id)
    if accrual is None:
        raise Refused("REGISTER_NOT_VALIDATED", "there is no such accrual: it comes with the validated register")
    if accrual.approved_cents == accrual.amount_cents:
        raise Refused("ACCRUAL_ALREADY_APPROVED", f"accrual {accrual.number} is approved for its whole amount")
    return [StipendApproved(entitlement_id, accrual_id, act_no, accrual.amount_cents, actor.user)]
