"""What keeps a case open: internships that have not ended, approved stipends that were not paid. Heard from placement and stipend."""
from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from chassis.decide import Heard


@dataclass(frozen=True)
class Engagements:
    """Sets only, so that it does not matter which service was heard first; of one accrual the last adjustment counts."""

    begun: frozenset[str] = frozenset()
    ended: frozenset[str] = frozenset()
    approved: frozenset[str] = frozenset()
    nothing: frozenset[str] = frozenset()  # accruals adjusted to no amount
    paid: frozenset[tuple[str, str]] = field(default_factory=frozenset)  # (accrual, order)
    returned: frozenset[str] = frozenset()  # orders

    @property
    def internships(self) -> frozenset[str]:
        """Planned or begun, and not ended."""
        return self.begun - self.ended

    @property
    def unpaid(self) -> frozenset[str]:
        """Accruals approved, of an amount, of which no payment has stayed with the person."""
        return self.approved - self.nothing - {accrual for accrual, order in self.paid if order not in self.returned}


def fold(known: Engagements, fact: Heard) -> Engagements:
    match fact.type:
        case "placement.InternshipPlanned.v1" | "placement.InternshipStarted.v1":
            return replace(known, begun=known.begun | {_said(fact, "internship_id")})
        case "placement.InternshipCompleted.v1" | "placement.InternshipWithdrawn.v1" | "placement.InternshipInterrupted.v1":
            return replace(known, ended=known.ended | {_said(fact, "internship_id")})
        case "stipend.StipendApproved.v1":
            return replace(known, approved=known.approved | {_said(fact, "accrual_id")})
        case "stipend.StipendAdjusted.v1":
            accrual = {_said(fact, "accrual_id")}
            return replace(known, nothing=known.nothing - accrual if fact.data.get("new_amount_cents") else known.nothing | accrual)
        case "stipend.StipendPaid.v1":
            return replace(known, paid=known.paid | {(_said(fact, "accrual_id"), _said(fact, "order_id"))})
        case "stipend.PaymentReturned.v1":
            return replace(known, returned=known.returned | {_said(fact, "order_id")})
        case _:
            return known


def _said(fact: Heard, name: str) -> str:
    value: Any = fact.data.get(name)
    return str(value) if value else fact.aggregate
