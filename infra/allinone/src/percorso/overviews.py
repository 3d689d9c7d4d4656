"""Caseload, agenda, budget and access log as a person reads them on a terminal."""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table

from percorso.showing import euro

Line = Mapping[str, Any]
BUDGET = {"admitted": "admitted_cents", "binding": "binding_cents", "accrued": "accrued_cents", "disbursed": "disbursed_cents",
          "unpaid": "unpaid_cents", "to come": "open_cents", "economies": "economies_cents", "remaining": "remaining_cents"}


def caseload(rows: Iterable[Line]) -> Table:
    table = _table("case", "programme", "manager", "stage", "opened", "last fact", "tasks", "overdue", "next", right=("tasks", "overdue"))
    for row in rows:
        due = row.get("next_due") or {}
        table.add_row(row["case"], row.get("programme", ""), _short(row.get("case_manager", "unassigned")),
                      row["stage"] + (" PARKED" if row.get("parked") else ""), row.get("opened_on", ""), row["last_occurred"],
                      str(row["open_tasks"]), str(row["overdue"]), f"{due['due']} {due['kind']}" if due else "")
    return table


def managers(rows: Iterable[Line]) -> Table:
    table = _table("manager", "cases", "open", "by stage", right=("cases", "open"))
    for row in rows:
        table.add_row(row["case_manager"], str(row["cases"]), str(row["open"]),
                      ", ".join(f"{stage} {many}" for stage, many in row["by_stage"].items()))
    return table


def agenda(rows: Iterable[Line]) -> Table:
    table = _table("due", "", "what", "role", "programme", "of case, host or programme")
    for row in rows:
        state = "done" if row["state"] == "DONE" else "PASSED" if row["passed"] else ""
        table.add_row(row["due"], state, row["kind"], row["role"], row.get("programme", ""), row.get("case") or row.get("cause", ""))
    return table


def budget(lines: Iterable[Line]) -> Table:
    table = _table("act", "date", "chapter", *BUDGET, right=tuple(BUDGET))
    for line in lines:
        table.add_row(line.get("act_no", ""), line.get("act_date", ""), line.get("chapter", ""),
                      *(euro(line[name]) for name in BUDGET.values()))
    return table


def sources(rows: Iterable[Line]) -> Table:
    names = {"programmed": "programmed_cents", **BUDGET}
    table = _table("source", *names, "out of order", right=tuple(names))
    for row in rows:
        table.add_row(row["source"], *(euro(row[name]) if name in row else "" for name in names.values()), ", ".join(row["breaches"]))
    return table


def readings(rows: Iterable[Line]) -> Table:
    """Of cases, of identities, of accounts, as one log."""
    table = _table("read at (UTC)", "what", "of", "reader", "role", "organisation", "purpose")
    for row in rows:
        table.add_row(row["read_at"][:19].replace("T", " "), row["what"], row["of"], row["reader"], row["role"], row["org"],
                      row.get("purpose", ""))
    return table


def _short(operator: str) -> str:
    return operator if len(operator) < 12 else operator[:8] + "…"


def _table(*columns: str, right: tuple[str, ...] = ()) -> Table:
    table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 2, 0, 0))
    for name in columns:
        table.add_column(name, justify="right" if name in right else "left", overflow="fold")
    return table
