"""The caseload (carico di lavoro): where each case stands and who manages it; a row for its manager's list, one for its programme's.

What is due, what has to be done and when something last happened are joined when it is read: a task may be done by a fact of the
person, and most facts of a case move it nowhere.
"""
from __future__ import annotations

from typing import Any

from reporting.views.fact import Fact
from reporting.views.spans import ENDS, MOVES, follow, last, value
from reporting.views.view import Folded, Row, State

STAGES = ("REFERRED", "REFUSED", "OPEN", "NOT_ELIGIBLE", "ELIGIBLE", "EVALUATED", "PLANNED", "INTERNSHIP_PLANNED", "INTERNSHIP",
          "SUSPENDED", "INTERNSHIP_ENDED", "EXITED", "CLOSED")
"""From referral to the end; a case is listed under one of them."""
UNASSIGNED, NONE = "UNASSIGNED", "-"
"""In the place of a case manager, and of a programme."""
BY_PROGRAMME, BY_MANAGER = "programme", "manager"
"""How the parts of a case's two rows begin; that of the manager's list goes on with the stage, so that counts need no row."""
REACHED = {"ReferralReceived": "REFERRED", "ReferralRefused": "REFUSED", "CaseOpened": "OPEN", "EligibilityConfirmed": "ELIGIBLE",
           "EligibilityDenied": "NOT_ELIGIBLE", "MultidimensionalEvaluationCompleted": "EVALUATED", "PlanAgreed": "PLANNED",
           "ParticipationExited": "EXITED", "CaseClosed": "CLOSED"}
MOVING = {*REACHED, *MOVES, *ENDS, "CaseManagerAssigned", "CaseHandedOver", "StipendEntitlementOpened"}
RUNNING = {"RUNNING": "INTERNSHIP", "SUSPENDED": "SUSPENDED", "PLANNED": "INTERNSHIP_PLANNED"}
ORDER = ("RUNNING", "SUSPENDED", "PLANNED", "ENDED")


def of(fact: Fact) -> bool:
    return fact.name in MOVING


def key(fact: Fact) -> str | None:
    return fact.case if of(fact) else None


def fold(state: State, fact: Fact) -> None:
    follow(state, fact)
    state |= {name: said for name, said in (("programme", fact.programme), ("subject", fact.subject)) if said}
    if stage := REACHED.get(fact.name):
        last(state.setdefault("reached", {}), "eligibility" if "Eligibility" in fact.name else stage, fact, stage)
    match fact.name:
        case "CaseOpened":
            last(state, "opened_on", fact, fact.get("opened_on"))
        case "CaseManagerAssigned" | "CaseHandedOver":
            last(state, "case_manager", fact, fact.named("operator_id") or fact.named("to_operator_id") or None)
            last(state, "managed_since", fact, fact.get("since"))
        case "PlanAgreed":
            last(state, "plan", fact, {"plan_id": fact.aggregate} | {n: fact.get(n) for n in ("version", "agreed_on", "valid_to")})
        case "CaseClosed":
            last(state, "closed", fact, {"on": fact.get("closed_on"), "for": fact.get("reason")})
        case "StipendEntitlementOpened":
            state.setdefault("entitlements", {})[fact.aggregate] = True


def rows(state: State, case: str) -> dict[str, Row]:
    stage, manager, closed = stage_of(state), value(state, "case_manager"), value(state, "closed") or {}
    said = {name: value(state, name) for name in ("opened_on", "managed_since", "plan")}
    row: Row = {"case": case, "stage": stage, "case_manager": manager, **said, "internship": _internship(state),
                "closed_on": closed.get("on"), "closed_for": closed.get("for"),
                **{name: state.get(name) for name in ("programme", "subject")},
                "entitlement_ids": sorted(state.get("entitlements", ()))}
    row = {name: one for name, one in row.items() if one is not None}
    return {BY_PROGRAMME: row | {"listed": f"{state.get('programme', NONE)} {stage}"},
            f"{BY_MANAGER} {stage}": row | {"listed": manager or UNASSIGNED}}


def stage_of(state: State) -> str:
    """The furthest that was reached; an internship that runs or is to begin goes before an exit."""
    reached = {kept[0] for kept in state.get("reached", {}).values()}
    moves = {value(one, "move") for one in state.get("internships", {}).values() if value(one, "move") != "ENDED" or "started_on" in one}
    at = [stage for stage in ("CLOSED", "REFUSED") if stage in reached]
    at += [RUNNING[move] for move in ORDER if move in moves and move in RUNNING]
    at += ["EXITED"] if "EXITED" in reached else []
    at += ["INTERNSHIP_ENDED"] if "ENDED" in moves else []
    at += [stage for stage in reversed(STAGES) if stage in reached]
    return at[0] if at else "REFERRED"


def _internship(state: State) -> Any:
    """The one that runs, else the one that is to begin, else the last that ended."""
    found = [(-ORDER.index(value(one, "move")), one.get("start", ""), internship_id, one)
             for internship_id, one in state.get("internships", {}).items() if value(one, "move")]
    if not found:
        return None
    _, _, internship_id, one = max(found, key=lambda at: at[:3])
    said = {"internship_id": internship_id, "state": value(one, "move"), "host_id": one.get("host_id"), "start": one.get("start"),
            "planned_end": value(one, "planned_end"), "ended_on": value(one, "ended_on")}
    return {name: found for name, found in said.items() if found is not None}


VIEW = Folded("caseload", of, key, fold, rows, within="listed")
