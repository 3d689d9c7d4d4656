"""Explanations of what is shown: a line of the ledger, or an indicator; recomputed from its facts alone, and compared."""
from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from chassis.database import Tx
from reporting import archive, completeness, generations, shown
from reporting.explain.configured import configuration_facts
from reporting.explain.counted import figures_of_participation
from reporting.explain.figure import Figure, leaves
from reporting.explain.formula import explained
from reporting.explain.payments import figures_of_case
from reporting.verifier.expressions import Values
from reporting.views.case_history import line as said_line
from reporting.views.fact import Fact
from reporting.views.payment_ledger import NOT_DUE

LINE = {"amount_cents": ("accrued_cents", "adjusted_cents", "not_due_cents"), "order_cents": ("ordered_cents",),
        "paid_cents": ("paid_cents", "returned_cents")}
"""The amounts of a ledger's line, and the figures that they are the sum of; a return is taken off."""
ROUNDING = "half up, to the cent, at each step that the rules round"
ORDERS = ("order_cents", "paid_cents")


def of_line(tx: Tx, tenant: str, line: str) -> dict[str, Any] | None:
    """Of an accrual, an order, or an EndToEndId. None where nothing was accrued or ordered under it."""
    upto, about = generations.sequence(tx), line.removeprefix(f"{NOT_DUE} ").split(" ")[0]
    case = next((fact.case for fact in archive.about(tx, tenant, [about], upto)[about] if fact.source == "stipend" and fact.case), None)
    rows = [one.row for one in shown.every(tx, tenant, "payment_ledger", key=case)] if case else []
    row = next((row for row in rows if line in (row.get("order_id"), row.get("end_to_end_id"))), None)
    row = row or next((row for row in rows if line == row.get("accrual_id")), None)
    if case is None or row is None:
        return None
    programme = row["programme"]
    configured = configuration_facts(tx, tenant, programme, upto)
    facts = archive.about(tx, tenant, [case], upto)[case]
    known = {fact.place: fact for fact in [*facts, *configured]}
    figures = [one for one in figures_of_case([fact for fact in facts if fact.case == case], configured) if _is_of(one, row)]
    spoken = _spoken(tx, tenant, known)
    return {"line": row, "amounts": [_amount(name, row, figures, spoken) for name in LINE if name in row],
            "figures": [_told(one, spoken) for one in figures], "act": _act(row), "facts": _facts(figures, known),
            "basis": completeness.basis(tx, tenant, programme)}


def _is_of(figure: Figure, row: Mapping[str, Any]) -> bool:
    not_due = f"{row.get('entitlement_id')} {row.get('period')}"
    return figure.about in (row.get("accrual_id"), row.get("order_id")) or (figure.about == not_due and row.get("status") == "NOT_DUE")


def _amount(name: str, row: Mapping[str, Any], figures: Sequence[Figure], values: Values) -> dict[str, Any]:
    """What is shown against what the facts come to, without a look at what was shown."""
    of = [one for one in figures if one.kind in LINE[name]]
    sums = [(explained(one.expression, values), -1 if one.kind == "returned_cents" else 1) for one in of]
    why = next((lacking for (_, _, lacking), _ in sums if lacking), None) or (None if of else "no fact explains it")
    found = sum((_whole(value) * sign for (_, value, _), sign in sums), Fraction(0))
    comes_to = None if why else int(found) if found.denominator == 1 else str(found)
    return {"name": name, "shown": row[name], "recomputed": comes_to, "equal": comes_to == row[name], "why": why, "rounding": ROUNDING,
            "formula": " ".join(f"{'−' if sign < 0 else '+'} {text}" for (text, _, _), sign in sums).removeprefix("+ ")}


def _whole(value: str | None) -> Fraction:
    return Fraction(value or 0)


def _told(figure: Figure, values: Values) -> dict[str, Any]:
    text, value, why = explained(figure.expression, values)
    return figure.said() | {"formula": text, "recomputed": value, "equal": value == str(figure.value), "why": why}


def _act(row: Mapping[str, Any]) -> dict[str, Any]:
    names = ("act_no", "approved_by", "approved_on", "issued_by", "mandate_no")
    return {name: row[name] for name in names if name in row} | {"facts": row["facts"]}


def _facts(figures: Iterable[Figure], known: Mapping[str, Fact]) -> list[dict[str, Any]]:
    """The facts that the figures rest on, as a reader sees them."""
    places = {leaf["fact"] for one in figures for leaf in leaves([one.expression, one.of, one.policy, *one.cites])}
    told = sorted((known[place] for place in places if place in known), key=lambda fact: fact.order)
    names = ("id", "type", "it", "en", "occurred", "recorded", "actor", "actorrole", "actororg", "policyref")
    return [{"fact": fact.place} | {name: said[name] for name in names if name in said} for fact in told for said in (said_line(fact),)]


def _spoken(tx: Tx, tenant: str, known: Mapping[str, Fact]) -> Values:
    """What the facts say, as their records do."""
    records = {fact.place: {"data": dict(fact.data or {}), "occurred": fact.occurred, "policyref": fact.policyref}
               for fact in known.values() if fact.tenant == tenant}
    return Values(records.__getitem__, {}, {})


def of_indicator(tx: Tx, tenant: str, programme: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """`row`: the indicator as `views.indicators.figures` gives it. One figure for each participation that counts."""
    upto, code = generations.sequence(tx), row["code"]
    configured = configuration_facts(tx, tenant, programme, upto)
    people = [one.key for one in shown.every(tx, tenant, "participations", within=programme)]
    told: list[dict[str, Any]] = []
    by_gender: dict[str, int] = {}
    for person in people:
        facts = [fact for fact in archive.about(tx, tenant, [person], upto)[person] if fact.aggregate == person]
        values = _spoken(tx, tenant, {fact.place: fact for fact in [*facts, *configured]})
        for figure in figures_of_participation(facts, configured):
            _, of, gender = figure.kind.split(" ", 2)
            if of == code:
                told.append(_told(figure, values))
                by_gender[gender] = by_gender.get(gender, 0) + (1 if told[-1]["equal"] else 0)
    return {"indicator": dict(row), "recomputed": sum(by_gender.values()), "by_gender": by_gender,
            "equal": sum(by_gender.values()) == row["total"] and by_gender == row["by_gender"], "figures": told,
            "basis": completeness.basis(tx, tenant, programme)}
