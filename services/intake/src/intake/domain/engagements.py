"""What keeps a case open: internships that have not ended, approved stipends that were not paid. Heard from placement and stipend."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from chassis.decide import Heard

Said = tuple[str, int]
"""When something was recorded, and the cents that it says."""


@dataclass(frozen=True)
class Engagements:
    """What was recorded last counts, so that it does not matter which service was heard first. Amounts in cents."""

    begun: frozenset[str] = frozenset()
    ended: frozenset[str] = frozenset()
    approved: Mapping[str, Said] = field(default_factory=dict)  # by accrual
    adjusted: Mapping[str, Said] = field(default_factory=dict)  # by accrual: what it has become
    paid: Mapping[str, tuple[str, int]] = field(default_factory=dict)  # by order: accrual and amount
    returned: frozenset[str] = frozenset()  # orders

    @property
    def internships(self) -> frozenset[str]:
        """Planned or begun, and not ended."""
        return self.begun - self.ended

    @property
    def unpaid(self) -> frozenset[str]:
        """Accruals of which less has stayed with the person than is approved, or than they have become since, if that is less."""
        return frozenset(accrual for accrual, said in self.approved.items() if self._stayed(accrual) < self._owed(accrual, said))

    def _owed(self, accrual: str, approved: Said) -> int:
        return min(approved[1], self.adjusted.get(accrual, approved)[1])

    def _stayed(self, accrual: str) -> int:
        return sum(cents for order, (of, cents) in self.paid.items() if of == accrual and order not in self.returned)


def fold(known: Engagements, fact: Heard) -> Engagements:
    match fact.type:
        case "placement.InternshipPlanned.v1" | "placement.InternshipStarted.v1":
            return replace(known, begun=known.begun | {_said(fact, "internship_id")})
        case "placement.InternshipCompleted.v1" | "placement.InternshipWithdrawn.v1" | "placement.InternshipInterrupted.v1":
            return replace(known, ended=known.ended | {_said(fact, "internship_id")})
        case "stipend.StipendApproved.v1":
            return replace(known, approved=_last(known.approved, fact, "amount_cents"))
        case "stipend.StipendAdjusted.v1":
            return replace(known, adjusted=_last(known.adjusted, fact, "new_amount_cents"))
        case "stipend.StipendPaid.v1":
            paid = (_said(fact, "accrual_id"), fact.data["amount_cents"])
            return replace(known, paid={**known.paid, _said(fact, "order_id"): paid})
        case "stipend.PaymentReturned.v1":
            return replace(known, returned=known.returned | {_said(fact, "order_id")})
        case _:
            return known


def _last(known: Mapping[str, Said], fact: Heard, amount: str) -> dict[str, Said]:
    accrual, said = _said(fact, "accrual_id"), (fact.recorded, fact.data[amount])
    return {**known, accrual: max(said, known.get(accrual, said), key=lambda one: one[0])}


def _said(fact: Heard, name: str) -> str:
    value: Any = fact.data.get(name)
    return str(value) if value else fact.aggregate
