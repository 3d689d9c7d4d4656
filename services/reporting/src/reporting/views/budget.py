"""The budget (quadro finanziario): what each entitlement of a case takes of its commitment, what of it was paid, and whether it is over.

A commitment is the sum of its entitlements' rows, a programme that of its commitments; the ledger's sums are the same to the cent.
"""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any

from reporting.views.fact import Fact
from reporting.views.spans import LAST_DAY, last, value
from reporting.views.view import Folded, Row, State

NAMED = ("commitment_id", "programme", "act_no", "act_date", "cup", "chapter", "pdc_code", "fact", "binding_fact")
MONEY = {"StipendEntitlementOpened", "StipendAccrued", "StipendNotDue", "StipendAdjusted", "StipendProjected", "PaymentOrderIssued",
         "PaymentReissued", "StipendPaid", "PaymentReturned"}
SUMS = ("accrued_cents", "ordered_cents", "disbursed_cents", "open_cents")


def of(fact: Fact) -> bool:
    return fact.name in LAST_DAY or fact.name in MONEY


def key(fact: Fact) -> str | None:
    return fact.case if fact.name in LAST_DAY or (fact.name in MONEY and fact.named("entitlement_id")) else None


def fold(state: State, fact: Fact) -> None:
    """Accruals and orders by id, as the ledger has them; an internship's end, after which nothing is to come."""
    if fact.name in LAST_DAY:
        last(state.setdefault("ended", {}), fact.aggregate, fact, fact.get(LAST_DAY[fact.name]) or fact.occurred)
    else:
        one = state.setdefault("entitlements", {}).setdefault(fact.named("entitlement_id"), {})
        _owed(one, fact)
        _paid(one, fact)
        last(one, "share", fact, fact.get("share_cents"))


def _owed(one: dict[str, Any], fact: Fact) -> None:
    match fact.name:
        case "StipendEntitlementOpened":
            one |= {name: fact.get(name) for name in ("commitment_id", "internship_id") if fact.get(name) is not None}
            one |= {"programme": fact.programme, "opened_cents": fact.get("projected_cents") or 0, "fact": fact.id}
            last(one, "share", fact, fact.get("projected_cents"))
        case "StipendAccrued":
            last(one.setdefault("accrued", {}), fact.named("accrual_id"), fact, fact.get("amount_cents"))
        case "StipendAdjusted":
            last(one.setdefault("accrued", {}), fact.named("accrual_id"), fact, fact.get("new_amount_cents"))


def _paid(one: dict[str, Any], fact: Fact) -> None:
    """What came back was not paid (`domain.md` 3.4: a return is whole)."""
    order = fact.named("order_id")
    match fact.name:
        case "PaymentOrderIssued" | "PaymentReissued":
            last(one.setdefault("ordered", {}), order, fact, fact.get("amount_cents"))
        case "StipendPaid":
            last(one.setdefault("paid", {}), order, fact, fact.get("amount_cents"))
        case "PaymentReturned":
            last(one.setdefault("paid", {}), order, fact, 0)


def rows(state: State, case: str) -> dict[str, Row]:
    return {entitlement: _row(state, case, entitlement, one) for entitlement, one in state.get("entitlements", {}).items()}


def _row(state: State, case: str, entitlement: str, one: dict[str, Any]) -> Row:
    """`open_cents` is held for what is to come; `over`: the internship has ended and nothing is."""
    accrued, ordered, paid = (sum(kept[0] for kept in one.get(name, {}).values()) for name in ("accrued", "ordered", "paid"))
    share, ended = value(one, "share") or 0, value(state.get("ended", {}), one.get("internship_id", ""))
    row = {"entitlement_id": entitlement, "case": case, "accrued_cents": accrued, "ordered_cents": ordered, "disbursed_cents": paid,
           "share_cents": share, "open_cents": share - accrued, "ended_on": ended, "over": ended is not None and share == accrued,
           **{name: one.get(name) for name in ("commitment_id", "internship_id", "programme", "opened_cents", "fact")}}
    return {name: said for name, said in row.items() if said is not None}


def line(commitment: Row, entitlements: Iterable[Row]) -> Row:
    """A commitment (impegno): amount = disbursed + unpaid + open + economies + remaining, to the cent.

    `unpaid_cents` accrued and not paid, negative what was paid in excess; `economies_cents` (economie) what nobody takes any more, once
    every entitlement is over; `remaining_cents` what can still be taken.
    """
    found = list(entitlements)
    sums = {name: sum(one[name] for one in found) for name in SUMS}
    left = commitment.get("amount_cents", 0) - sums["accrued_cents"] - sums["open_cents"]
    over = bool(found) and all(one["over"] for one in found)
    named: Row = {name: commitment[name] for name in NAMED if name in commitment}
    return {**named, "admitted_cents": commitment.get("amount_cents", 0), "binding": bool(commitment.get("binding_fact")),
            "binding_cents": commitment.get("amount_cents", 0) if commitment.get("binding_fact") else 0, **sums,
            "unpaid_cents": sums["accrued_cents"] - sums["disbursed_cents"], "economies_cents": left if over else 0,
            "remaining_cents": 0 if over else left, "entitlements": len(found)}


def totals(lines: Iterable[Row]) -> dict[str, int]:
    """The sums of commitments, in cents."""
    found: dict[str, int] = dict.fromkeys(("commitments", "admitted_cents", "binding_cents", *SUMS, "unpaid_cents", "economies_cents",
                                           "remaining_cents"), 0)
    for one in lines:
        found = {name: cents + (1 if name == "commitments" else one[name]) for name, cents in found.items()}
    return found


def by_source(lines: Iterable[Row], fund: str | None, funding: Iterable[Mapping[str, Any]]) -> list[Row]:
    """The sums of each funding source (fonte di finanziamento), with what it has programmed: that whose chapters name the commitment's;
    else the one without chapters; else the programme's fund as a whole."""
    sources = list(funding) or [{"code": fund or "", "chapters": []}]
    of_chapter = {chapter: one["code"] for one in sources for chapter in one.get("chapters") or ()}
    otherwise = next((one["code"] for one in sources if not one.get("chapters")), "")
    found: dict[str, list[Row]] = {one["code"]: [] for one in sources}
    for one in lines:
        found.setdefault(of_chapter.get(one.get("chapter"), otherwise), []).append(one)
    programmed = {one["code"]: one.get("programmed") for one in sources}
    return [_with_programmed({"source": code, **totals(some)}, programmed.get(code)) for code, some in found.items()]


def _with_programmed(sums: Row, cents: int | None) -> Row:
    """`breaches`: where programmed >= admitted >= binding >= disbursed does not hold (`domain.md` 4.4)."""
    row = sums if cents is None else sums | {"programmed_cents": cents, "unallocated_cents": cents - sums["admitted_cents"]}
    names = [name for name in ("programmed_cents", "admitted_cents", "binding_cents", "disbursed_cents") if name in row]
    return row | {"breaches": [f"{less}>{more}" for more, less in pairwise(names) if row[less] > row[more]]}


VIEW = Folded("budget", of, key, fold, rows, within="commitment_id")
