"""Entitlements (diritti all'indennità): what each has accrued, and what is still projected for it."""
from __future__ import annotations

from reporting.views.fact import Fact
from reporting.views.view import Folded, Row, State

HOURLY = "HOURLY_CAPPED"


def key(fact: Fact) -> str | None:
    return fact.aggregate if fact.source == "stipend" and fact.aggregatetype == "entitlement" else None


def fold(state: State, fact: Fact) -> None:
    match fact.name:
        case "StipendEntitlementOpened":
            state |= {"commitment_id": fact.get("commitment_id"), "internship_id": fact.get("internship_id"), "case": fact.case,
                      "programme": fact.programme, "starts": fact.get("starts"), "projected_cents": fact.get("projected_cents") or 0,
                      "policyref": fact.policyref, "fact": fact.id}
        case "StipendAccrued":
            amount = fact.get("amount_cents") or 0
            base = amount if fact.get("rule") == HOURLY else fact.get("base_cents") or amount
            _owe(state, fact, amount)
            state.setdefault("released", {})[str(fact.get("period"))] = base
        case "StipendAdjusted":
            _owe(state, fact, fact.get("new_amount_cents") or 0)
        case "StipendNotDue":
            bases = list(state.get("released", {}).values())
            state.setdefault("released", {})[str(fact.get("period"))] = bases[-1] if bases else 0


def _owe(state: State, fact: Fact, amount: int) -> None:
    """What an accrual amounts to, by the entitlement's own sequence: an adjustment may be of an earlier date."""
    of = state.setdefault("accrued", {})
    if fact.sequence >= of.get(fact.named("accrual_id"), [0, 0])[1]:
        of[fact.named("accrual_id")] = [amount, fact.sequence]


def rows(state: State, entitlement: str) -> dict[str, Row]:
    """`open_cents`: the projection less what its settled periods were projected to; of a period not due, as of the one before."""
    accrued, released = sum(amount for amount, _ in state.get("accrued", {}).values()), sum(state.get("released", {}).values())
    row = {name: value for name, value in state.items() if name not in ("accrued", "released") and value is not None}
    return {"": row | {"entitlement_id": entitlement, "accrued_cents": accrued, "periods_settled": len(state.get("released", ())),
                       "open_cents": max(0, state.get("projected_cents", 0) - released)}}


VIEW = Folded("entitlements", key, fold, rows, within="commitment_id")
