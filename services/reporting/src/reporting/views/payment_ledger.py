"""The payment ledger of a case (partitario): a line an order, or an accrual without one, each figure with its fact."""
from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from reporting.views.fact import Fact
from reporting.views.view import Folded, Row, State

ACCRUED = ("entitlement_id", "number", "period", "starts", "ends", "planned_full", "planned_hours", "recognised_hours", "ratio", "rule",
           "base_cents", "amount_cents")
ORDERED = ("attempt", "end_to_end_id", "rail", "mandate_no", "issued_by", "reissue_of")
COMPUTED = ("recognised_hours", "ratio", "rule", "base_cents")
"""What an amount is computed from: of an accrual, then of each adjustment."""
ADJUSTED = ("delta_cents", "new_amount_cents", *COMPUTED, "corrected_fact", "reason")
HIDDEN = ("moved", "order_status", "stops", "lifts", "recovery", "approvals", "issued_at")
NOT_DUE = "not due"
BANK = {"PaymentAccepted": ("ACCEPTED", "accepted"), "PaymentRejected": ("REJECTED", "rejected"),
        "PaymentReturned": ("RETURNED", "returned")}


def of(fact: Fact) -> bool:
    return fact.source == "stipend"


def key(fact: Fact) -> str | None:
    return fact.case if of(fact) else None


def fold(state: State, fact: Fact) -> None:
    """Accruals and orders by id. What can change follows the sequence of its aggregate, whatever the dates say."""
    if fact.programme:
        state["programme"] = fact.programme
    match fact.name:
        case "StipendAccrued" | "StipendNotDue" | "StipendAdjusted" | "StipendApproved":
            _of_accrual(state, fact)
        case "RecoveryRequested":
            for accrual_id in fact.get("accrual_ids") or ():
                _accrual(state, accrual_id).setdefault("recovery", {})[fact.id] = [fact.sequence, fact.get("amount_cents") or 0]
        case "StipendStopped" | "StipendStopLifted":
            _of_stop(state, fact, fact.name == "StipendStopped")
        case _:
            _of_order(state, fact)


def _of_order(state: State, fact: Fact) -> None:
    match fact.name:
        case "PaymentOrderIssued" | "PaymentReissued":
            order = _order(state, fact.named("order_id"))
            order |= _some(fact, ORDERED) | {"accrual_id": fact.named("accrual_id"), "issued_on": fact.occurred,
                                             "issued_at": fact.recorded}
            _move(_move(order, fact, "order_cents", fact.get("amount_cents")), fact, "order_status", "ISSUED")["facts"]["issued"] = fact.id
        case "PaymentBatchTransmitted":
            for order_id in fact.get("orders") or ():
                order = _move(_order(state, order_id), fact, "order_status", "TRANSMITTED")
                order["msg_id"], order["facts"]["transmitted"] = fact.get("msg_id"), fact.id
        case "StipendPaid":
            order = _move(_order(state, fact.named("order_id")), fact, "order_status", "EXECUTED")
            order["executed_on"], order["facts"]["paid"] = fact.get("executed_on"), fact.id
            _move(order, fact, "paid_cents", fact.get("amount_cents"))
        case "PaymentReconciled":
            order = _order(state, fact.named("order_id"))
            order |= {"reconciled_on": fact.occurred, "reconciled_by_rule": fact.get("rule")}
            order["facts"]["reconciled"] = fact.id
        case "PaymentAccepted" | "PaymentRejected" | "PaymentReturned":
            status, called = BANK[fact.name]
            order = _move(_order(state, fact.named("order_id")), fact, "order_status", status)
            order["facts"][called] = fact.id
            _move(order, fact, "reason", fact.get("reason_code"))
            if fact.name == "PaymentReturned":
                _move(order, fact, "paid_cents", 0)


def _of_accrual(state: State, fact: Fact) -> None:
    accrual = _accrual(state, fact.named("accrual_id") or f"{NOT_DUE} {fact.named('entitlement_id')} {fact.named('starts')}")
    match fact.name:
        case "StipendAccrued":
            accrual |= {name: value for name, value in _some(fact, ACCRUED).items() if name not in (*COMPUTED, "amount_cents")}
            accrual |= {"policyref": fact.policyref, "computed_cents": fact.get("amount_cents"),
                        "first": _some(fact, (*COMPUTED, "amount_cents"))}
            _computed(_move(accrual, fact, "status", "ACCRUED"), fact, "amount_cents")
            accrual["facts"] |= {"accrued": fact.id, "hours": fact.get("validated_fact")}
        case "StipendNotDue":
            accrual |= _some(fact, ACCRUED) | {"status": "NOT_DUE", "reason": fact.get("reason"), "amount_cents": 0}
            accrual["facts"] |= {"not_due": fact.id, "hours": fact.get("validated_fact")}
        case "StipendAdjusted":
            _computed(accrual, fact, "new_amount_cents")
            accrual.setdefault("adjustments", {})[fact.id] = _some(fact, ADJUSTED) | {"on": fact.occurred, "sequence": fact.sequence}
        case "StipendApproved":
            for name, value in (("status", "APPROVED"), ("act_no", fact.get("act_no")), ("approved_by", fact.get("approved_by")),
                                ("approved_on", fact.occurred)):
                _move(accrual, fact, name, value)
            accrual["facts"]["approved"] = fact.id
            accrual.setdefault("approvals", {})[fact.id] = [fact.recorded, fact.get("act_no"), fact.get("approved_by"), fact.occurred]


def _computed(accrual: Any, fact: Fact, amount: str) -> None:
    """The amount, and what it is computed from: none of what it was before, where an early adjustment did not say it."""
    for name in COMPUTED:
        _move(accrual, fact, name, fact.get(name))
    _move(accrual, fact, "amount_cents", fact.get(amount))


def _of_stop(state: State, fact: Fact, stopped: bool) -> None:
    """Of one order, for good; of one accrual, or of all that is the entitlement's, for one reason among several."""
    order_id, accrual_id = fact.named("order_id"), fact.named("accrual_id")
    target = (_order(state, order_id) if order_id else _accrual(state, accrual_id) if accrual_id else
              state.setdefault("stops", {}).setdefault(fact.named("entitlement_id"), {"facts": {}}))
    target["facts"]["stopped" if stopped else "lifted"] = fact.id
    if order_id and stopped:
        _move(_move(target, fact, "order_status", "STOPPED"), fact, "reason", fact.get("reason"))
    elif not order_id:
        at = target.setdefault("stops" if stopped else "lifts", {})
        why = fact.named("reason" if stopped else "stopped_for")
        at[why] = max(at.get(why, 0), fact.sequence)


def _is_stopped(target: Row) -> bool:
    """Whether some reason was not lifted after it was last given; a lift without a reason is of all."""
    lifts = target.get("lifts", {})
    return any(sequence > max(lifts.get(why, 0), lifts.get("", 0)) for why, sequence in target.get("stops", {}).items())


def _some(fact: Fact, names: Iterable[str]) -> Row:
    return {name: fact.get(name) for name in names if fact.get(name) is not None}


def _accrual(state: State, accrual_id: str) -> Any:
    return state.setdefault("accruals", {}).setdefault(accrual_id, {"facts": {}})


def _order(state: State, order_id: str) -> Any:
    return state.setdefault("orders", {}).setdefault(order_id, {"facts": {}})


def _move(target: Any, fact: Fact, name: str, value: Any) -> Any:
    """Set a value that may change, unless a later fact of the same aggregate has set it."""
    moved = target.setdefault("moved", {})
    if fact.sequence >= moved.get(name, 0):
        target[name], moved[name] = value, fact.sequence
    return target


def rows(state: State, case: str) -> dict[str, Row]:
    orders, accruals = state.get("orders", {}), _without_due(state.get("accruals", {}))
    ordered = [(order.get("accrual_id") or "", order_id, order) for order_id, order in orders.items()]
    bare = set(accruals) - {accrual_id for accrual_id, _, _ in ordered}
    lines = [*ordered, *((accrual_id, "", {}) for accrual_id in bare)]
    return {_part(accruals.get(accrual_id, {}), accrual_id, order, order_id): _line(state, case, accrual_id, order, order_id)
            for accrual_id, order_id, order in lines}


def _without_due(accruals: dict[str, Row]) -> dict[str, Row]:
    """A period that was not due and has accrued since, after a correction, is a line once."""
    due = {(one.get("entitlement_id"), one.get("starts")) for key, one in accruals.items() if not key.startswith(NOT_DUE)}
    return {key: one for key, one in accruals.items()
            if not key.startswith(NOT_DUE) or (one.get("entitlement_id"), one.get("starts")) not in due}


def _part(accrual: Row, accrual_id: str, order: Row, order_id: str) -> str:
    return f"{accrual.get('starts', '')} {accrual.get('number', 0):06d} {accrual_id} {order.get('attempt', 0):03d} {order_id}"


def _line(state: State, case: str, accrual_id: str, order: Row, order_id: str) -> Row:
    accrual = state.get("accruals", {}).get(accrual_id, {})
    stop = state.get("stops", {}).get(accrual.get("entitlement_id", ""), {})
    facts = {**stop.get("facts", {}), **accrual.get("facts", {}), **order.get("facts", {}), **_adjusting(accrual)}
    line = {"case": case, "programme": state.get("programme"), **accrual, **order, "accrual_id": accrual_id, "order_id": order_id or None,
            "status": order.get("order_status") or accrual.get("status"), "facts": facts,
            "stopped": any(_is_stopped(one) for one in (accrual, stop))} | _approval(accrual, order, facts)
    return {name: value for name, value in (line | _corrected(accrual)).items() if value is not None and name not in HIDDEN}


def _approval(accrual: Row, order: Row, facts: Row) -> Row:
    """The act that an order was issued under: of several approvals of its accrual, the last recorded before it."""
    before = [(fact, said) for fact, said in accrual.get("approvals", {}).items() if said[0] <= order.get("issued_at", "")]
    if not before:
        return {}
    fact, (_, act_no, approved_by, approved_on) = max(before, key=lambda one: (one[1][0], one[0]))
    return {"act_no": act_no, "approved_by": approved_by, "approved_on": approved_on, "facts": facts | {"approved": fact}}


def _changes(accrual: Row) -> list[tuple[str, Row]]:
    """The adjustments in the order in which they were made, each with its fact."""
    return sorted(accrual.get("adjustments", {}).items(), key=lambda one: (one[1]["sequence"], one[0]))


def _adjusting(accrual: Row) -> dict[str, str]:
    """The facts of the adjustments; the last is `adjusted`, and what it corrected `corrected`."""
    changed = _changes(accrual)
    facts = {f"adjusted_{n}": fact for n, (fact, _) in enumerate(changed[:-1], 1)}
    for fact, said in changed[-1:]:
        facts |= {"adjusted": fact} | ({"corrected": said["corrected_fact"]} if "corrected_fact" in said else {})
    return facts


def _corrected(accrual: Row) -> Row:
    """What was adjusted after the first computation, which stays as it was; and what is asked back of what was paid beyond it."""
    said = [{name: value for name, value in one.items() if name != "sequence"} | {"fact": fact} for fact, one in _changes(accrual)]
    asked = [cents for _, cents in accrual.get("recovery", {}).values()]
    return {"adjustments": said or None, "adjusted_cents": sum(one.get("delta_cents", 0) for one in said) if said else None,
            "first": accrual.get("first") if said else None,
            "asked_back_cents": sum(asked) if asked else None, "recovery_facts": sorted(accrual.get("recovery", {})) or None}


def totals(lines: Iterable[Row]) -> dict[str, int]:
    """Accrued, each accrual once; ordered; paid, less what came back; in cents."""
    accrued: dict[str, int] = {}
    ordered = paid = count = 0
    for line in lines:
        accrued[line["accrual_id"]] = line.get("amount_cents", 0)
        ordered += line.get("order_cents", 0)
        paid += line.get("paid_cents", 0)
        count += 1
    return {"lines": count, "accrued_cents": sum(accrued.values()), "ordered_cents": ordered, "paid_cents": paid}


VIEW = Folded("payment_ledger", of, key, fold, rows)
