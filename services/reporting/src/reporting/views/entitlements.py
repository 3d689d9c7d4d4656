"""Entitlements (diritti all'indennità): what each has accrued, and what it takes of its commitment besides for what is to come."""
from __future__ import annotations

from typing import Any

from reporting.views.fact import Fact
from reporting.views.view import Folded, Row, State

HIDDEN = ("accrued", "settled", "share")


def of(fact: Fact) -> bool:
    return fact.source == "stipend" and fact.aggregatetype == "entitlement"


def key(fact: Fact) -> str | None:
    return fact.aggregate if of(fact) else None


def fold(state: State, fact: Fact) -> None:
    """The share is what stipend says that it is, not reckoned here: only stipend knows what is held for what is to come."""
    match fact.name:
        case "StipendEntitlementOpened":
            state |= {"commitment_id": fact.get("commitment_id"), "internship_id": fact.get("internship_id"), "case": fact.case,
                      "programme": fact.programme, "starts": fact.get("starts"), "projected_cents": fact.get("projected_cents") or 0,
                      "policyref": fact.policyref, "fact": fact.id}
            _last(state, "share", fact, fact.get("projected_cents"))
        case "StipendAccrued" | "StipendNotDue":
            state.setdefault("settled", {})[str(fact.get("period"))] = True
            _last(state.setdefault("accrued", {}), fact.named("accrual_id"), fact, fact.get("amount_cents"))
        case "StipendAdjusted":
            _last(state.setdefault("accrued", {}), fact.named("accrual_id"), fact, fact.get("new_amount_cents"))
    _last(state, "share", fact, fact.get("share_cents"))


def _last(of: dict[str, Any], name: str, fact: Fact, cents: int | None) -> None:
    """What was said last, by the entitlement's own sequence: an adjustment may be of an earlier date."""
    if cents is not None and fact.sequence >= of.get(name, [0, 0])[1]:
        of[name] = [cents, fact.sequence]


def rows(state: State, entitlement: str) -> dict[str, Row]:
    """`share_cents` is what it takes of its commitment in all, `open_cents` what of that has not accrued."""
    accrued, share = sum(cents for cents, _ in state.get("accrued", {}).values()), state.get("share", [0])[0]
    row = {name: value for name, value in state.items() if name not in HIDDEN and value is not None}
    return {"": row | {"entitlement_id": entitlement, "accrued_cents": accrued, "periods_settled": len(state.get("settled", ())),
                       "share_cents": share, "open_cents": share - accrued}}


VIEW = Folded("entitlements", of, key, fold, rows, within="commitment_id")
