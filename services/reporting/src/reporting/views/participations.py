"""Participations (partecipazioni): entry data, exit, results, one row each; what they count for is `indicators`'."""
from __future__ import annotations

from typing import Any

from reporting.views.fact import Fact
from reporting.views.view import Folded, Row, State

MOMENTS = {"ParticipationEntered": "entry", "ParticipationExited": "exit", "ImmediateResultRecorded": "immediate",
           "SixMonthResultRecorded": "six_month"}


def of(fact: Fact) -> bool:
    return fact.aggregatetype == "participation"


def key(fact: Fact) -> str | None:
    return fact.aggregate if of(fact) else None


def fold(state: State, fact: Fact) -> None:
    """The last of each kind by the participation's own sequence; of entries the first, whose data stay (`domain.md` 4.1)."""
    moment = MOMENTS.get(fact.name)
    if moment is None:
        return
    before = state.get(moment)
    if before is None or (fact.sequence < before["sequence"]) == (moment == "entry"):
        said = {name: value for name, value in (fact.data or {}).items() if name != "participation_id"}
        state[moment] = {"said": said, "fact": fact.id, "sequence": fact.sequence}
    state |= {name: value for name, value in (("case", fact.case), ("programme", fact.programme), ("subject", fact.subject)) if value}


def rows(state: State, participation: str) -> dict[str, Row]:
    """Results of an exit before the last do not count any more."""
    row: Row = {"participation_id": participation} | {name: state[name] for name in ("case", "programme", "subject") if name in state}
    left = state.get("exit", {}).get("sequence", 0)
    for name, moment in _moments(state).items():
        if name in ("entry", "exit") or moment["sequence"] > left:
            row |= {name: moment["said"], f"{name}_fact": moment["fact"]}
    return {"": row}


def _moments(state: State) -> dict[str, Any]:
    return {name: state[name] for name in MOMENTS.values() if name in state}


VIEW = Folded("participations", of, key, fold, rows)
