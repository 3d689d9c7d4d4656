"""Tasks for persons (attività da svolgere): open until a fact of type `done_by` of the same case is recorded after them."""
from __future__ import annotations

from reporting.views.agenda import NO_DAY, listing
from reporting.views.fact import Fact
from reporting.views.view import Folded, Row, State

SAID = ("kind", "role", "due", "cause", "done_by")


def of(fact: Fact) -> bool:
    return True


def key(fact: Fact) -> str | None:
    """The person's facts together, where there is one: a task of a case may be done by a fact of the subject."""
    return fact.subject or fact.case or (fact.aggregate if _raises(fact) else None)


def _raises(fact: Fact) -> bool:
    return fact.name == "TaskRaised"


def fold(state: State, fact: Fact) -> None:
    if _raises(fact):
        task: Row = {"task_id": fact.aggregate, "source": fact.source, "case": fact.case, "programme": fact.programme,
                     "subject": fact.subject, "raised": fact.recorded, "occurred": fact.occurred, "fact": fact.id}
        state.setdefault("tasks", {})[f"{fact.source} {fact.aggregate}"] = task | {name: fact.get(name) for name in SAID}
    else:
        done = [fact.recorded, fact.occurred, fact.id]
        seen = state.setdefault("seen", {}).setdefault(fact.type, {})
        seen[fact.case or ""] = max(seen.get(fact.case or "", done), done)


def rows(state: State, key: str) -> dict[str, Row]:
    return {part: _row(task, state.get("seen", {}).get(task["done_by"] or "", {})) for part, task in state.get("tasks", {}).items()}


def _row(task: Row, seen: dict[str, list[str]]) -> Row:
    answers = [done for case, done in seen.items() if case in ("", task["case"] or "") and done[0] > task["raised"]]
    row = {name: value for name, value in task.items() if value is not None} | {"state": "DONE" if answers else "OPEN"}
    if answers:
        _, row["done"], row["done_fact"] = max(answers)
    return row | {"listed": listing(row["state"], task["programme"], task["due"] or NO_DAY)}


VIEW = Folded("tasks", of, key, fold, rows, within="listed")
