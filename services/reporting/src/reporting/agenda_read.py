"""What the reader's date and a programme's configuration add to the agenda: grace days, what has passed, what is next."""
from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from chassis.database import Tx
from reporting import listed, shown
from reporting.listed import BEFORE, Dates, Due, Place
from reporting.views.agenda import GRACE
from reporting.views.spans import days_after
from reporting.views.view import Row

Wanted = Literal["OPEN", "COMING", "PASSED", "DONE", "ALL"]
"""OPEN is COMING or PASSED, by the reader's date."""
MOST = 2000
"""Rows read for a page, or as many as the page may hold."""
STATES: dict[Wanted, tuple[str, ...]] = {"OPEN": ("OPEN",), "COMING": ("OPEN",), "PASSED": ("OPEN",), "DONE": ("DONE",),
                                         "ALL": ("OPEN", "DONE")}


@dataclass(frozen=True)
class Grace:
    """After an internship's end, so many days until an action plan is offered; not to one who was hired by such a contract."""

    days: int
    contracts: frozenset[str]


class Agenda:
    """One tenant's deadlines and tasks, as they stand on a reader's date `on`."""

    def __init__(self, tx: Tx, tenant: str, on: str) -> None:
        self._tx, self._tenant, self._on = tx, tenant, on
        self._graces: dict[str, Grace | None] = {}

    def due(self, views: Sequence[str], state: Wanted, programme: str | None, since: str | None, until: str | None,
            after: Place = BEFORE) -> Iterator[Due]:
        """In the order of due dates, after a place."""
        if state == "COMING":
            since = max(since or self._on, self._on)
        if state == "PASSED":
            until = min(until or self._on, days_after(self._on, -1) or self._on)
        for found in listed.due_rows(self._tx, self._tenant, list(self._listings(views, state, programme)), since, until, after):
            if row := self._shown(found.row):
                yield found._replace(row=row)

    def of_case(self, case: str, state: Wanted, since: str | None, until: str | None, after: Place = BEFORE) -> Iterator[Due]:
        """Of one case, of which all is read."""
        known = listed.of_keys(self._tx, self._tenant, "caseload", [case])[case]
        for row in self.of_cases([case], {row["subject"] for row in known if "subject" in row})[case]:
            found = Due(row["due"], case, row["kind"], row["fact"], row)
            if self._wanted(row, state) and (since or "") <= row["due"] <= (until or listed.NO_END) and found.place > after:
                yield found

    def _wanted(self, row: Row, state: Wanted) -> bool:
        return row["state"] in STATES[state] and (state not in ("COMING", "PASSED") or row["passed"] == (state == "PASSED"))

    def of_cases(self, cases: Sequence[str], subjects: Iterable[str]) -> dict[str, list[Row]]:
        """What is open or done of some cases, by case, in the order of due dates."""
        found: dict[str, list[Row]] = {case: [] for case in cases}
        tasks = listed.of_keys(self._tx, self._tenant, "tasks", list(dict.fromkeys([*cases, *subjects])))
        dates = listed.of_keys(self._tx, self._tenant, "agenda", cases)
        for row in (row for rows in (*tasks.values(), *dates.values()) for row in rows):
            if row.get("case") in found and (said := self._shown(row)):
                found[row["case"]].append(said)
        return {case: sorted(rows, key=lambda row: (row["due"], row["kind"], row["fact"])) for case, rows in found.items()}

    def _listings(self, views: Sequence[str], state: Wanted, programme: str | None) -> Iterator[Dates]:
        for one in [programme] if programme else listed.programmes(self._tx, self._tenant):
            yield from (Dates(view, f"{kept} {one}") for view in views for kept in STATES[state])
            if "agenda" in views and "OPEN" in STATES[state] and (grace := self._grace(one)):
                yield Dates("agenda", f"{GRACE} {one}", grace.days)

    def _grace(self, programme: str) -> Grace | None:
        if programme not in self._graces:
            self._graces[programme] = _grace_of(shown.one(self._tx, self._tenant, "programmes", programme) or {})
        return self._graces[programme]

    def _shown(self, row: Row) -> Row | None:
        """None for an offer that no rule of the programme asks for."""
        said = listed.plain(row, what="TASK" if "task_id" in row else "DEADLINE")
        if row["listed"].startswith(f"{GRACE} "):
            grace = self._grace(row.get("programme", ""))
            if grace is None or grace.contracts & set(row.get("hired", ())):
                return None
            said["due"] = days_after(row["due"], grace.days)
        said.pop("hired", None)
        return said | {"passed": said["state"] == "OPEN" and (said["due"] or "") < self._on}


def fill(found: Iterator[Due], limit: int, keep: Callable[[Row], bool]) -> tuple[list[Row], Place | None]:
    """A page of those to be kept, and where the next goes on; None on the last."""
    rows: list[Row] = []
    last, read = BEFORE, 0
    for one in found:
        if len(rows) == limit or read == max(MOST, limit):
            return rows, last
        last, read = one.place, read + 1
        rows += [one.row] if keep(one.row) else []
    return rows, None


def _grace_of(programme: Row) -> Grace | None:
    rule: dict[str, Any] = programme.get("action_plan") or {}
    if not rule.get("offered"):
        return None
    return Grace(int(rule.get("grace_days", 0)), frozenset(rule.get("stabilising_contracts") or ()))
