"""The totals of a programme: of the figures of a kind, and again over all facts of a type; the two must be the same."""
from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from reporting.explain.figure import Expression, Figure, leaves, op, total

SUMS: Mapping[str, list[str]] = {
    "stipend.StipendAccrued.v1": ["/data/amount_cents"], "stipend.StipendAdjusted.v1": ["/data/delta_cents"],
    "stipend.PaymentOrderIssued.v1": ["/data/amount_cents"], "stipend.PaymentReissued.v1": ["/data/amount_cents"],
    "stipend.StipendPaid.v1": ["/data/amount_cents"], "stipend.PaymentReturned.v1": ["/data/amount_cents"],
    "reporting.ParticipationEntered.v1": [""]}
"""What is summed up over all facts of a type: fields, or nothing for their number."""
KINDS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "accrued_cents": (("accrued_cents", "adjusted_cents"), ("stipend.StipendAccrued.v1", "stipend.StipendAdjusted.v1")),
    "ordered_cents": (("ordered_cents",), ("stipend.PaymentOrderIssued.v1", "stipend.PaymentReissued.v1")),
    "paid_cents": (("paid_cents",), ("stipend.StipendPaid.v1",))}


def every(kind: str) -> Expression:
    field = SUMS[kind][0]
    return {"every": kind, "field": field} if field else {"every": kind}


def summed(totals: Iterable[Figure]) -> dict[str, list[str]]:
    """What the totals sum up over all facts of a type."""
    said = {leaf["every"] for one in totals for leaf in leaves([one.expression], "every")}
    return {kind: list(of) for kind, of in SUMS.items() if kind in said}


def total_figures(programme: str, values: Mapping[str, int], people: int | None,
                  indicators: Sequence[Mapping[str, Any]]) -> list[Figure]:
    """`values`: cents accrued, ordered, paid, as they are shown; `people`: participations, unless it is of a period; `indicators`
    as `views.indicators.figures` gives them."""
    money = [Figure(f"total {kind}", programme, values[kind], _money(kind)) for kind in KINDS]
    counted = [] if people is None else [Figure("total participations", programme, people, every("reporting.ParticipationEntered.v1"))]
    return [*money, *counted, *_indicators(indicators)]


def _money(kind: str) -> Expression:
    of, over = KINDS[kind]
    figures, facts = total("sum", [{"total": one} for one in of]), total("sum", [every(one) for one in over])
    if kind == "paid_cents":
        figures = op("subtract", figures, {"total": "returned_cents"})
        facts = op("subtract", facts, every("stipend.PaymentReturned.v1"))
    return op("same", figures, facts)


def _indicators(rows: Iterable[Mapping[str, Any]]) -> Iterable[Figure]:
    for row in rows:
        of = [Figure("indicator by gender", f"{row['code']} {gender}", value, {"total": f"indicator {row['code']} {gender}"})
              for gender, value in row["by_gender"].items()]
        yield from of
        nobody = {"total": f"indicator {row['code']}"}
        yield Figure("indicator", row["code"], row["total"], total("sum", [one.expression for one in of] or [nobody]))
