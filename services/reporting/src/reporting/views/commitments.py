"""Commitments (impegni): what an act set aside. What is left of it is the amount less the shares of its entitlements."""
from __future__ import annotations

from collections.abc import Iterable

from reporting.views.fact import Fact
from reporting.views.view import Folded, Row, State

SAID = ("act_no", "act_date", "amount_cents", "binding", "cup", "chapter", "pdc_code")


def of(fact: Fact) -> bool:
    return fact.source == "stipend" and fact.aggregatetype == "commitment"


def key(fact: Fact) -> str | None:
    return fact.aggregate if of(fact) else None


def fold(state: State, fact: Fact) -> None:
    """Said again when it becomes binding: what is said last holds."""
    if fact.name == "CommitmentRegistered":
        state |= {name: fact.get(name) for name in SAID if fact.get(name) is not None}
        state |= {"programme": fact.programme, "for_case": fact.get("for_case_id"), "fact": state.get("fact", fact.id)}
        if fact.get("binding"):
            state.setdefault("binding_fact", fact.id)


def rows(state: State, commitment: str) -> dict[str, Row]:
    return {"": {name: value for name, value in state.items() if value is not None} | {"commitment_id": commitment}} if state else {}


def with_shares(row: Row, entitlements: Iterable[Row]) -> Row:
    """A commitment with its entitlements: accrued, still projected, left (`domain.md` 13.17)."""
    shares = list(entitlements)
    accrued, projected = (sum(share[name] for share in shares) for name in ("accrued_cents", "open_cents"))
    return row | {"accrued_cents": accrued, "projected_cents": projected, "left_cents": row.get("amount_cents", 0) - accrued - projected,
                  "entitlements": shares}


VIEW = Folded("commitments", of, key, fold, rows)
