"""Reading the caseload: a page of cases by manager, or by programme and stage, each with what is to be done and what is due next."""
from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from chassis.database import Tx
from reporting import listed, shown
from reporting.agenda_read import Agenda
from reporting.shown import START, At
from reporting.views.caseload import BY_MANAGER, BY_PROGRAMME, STAGES
from reporting.views.view import Row

MOST = 2000
"""Rows read for a page, or as many as the page may hold."""
Place = tuple[str, str, str]
"""Where a page ends: listing, key, part of its last row."""


@dataclass(frozen=True)
class Wanted:
    """Which cases: one; of a manager (or UNASSIGNED); of a programme; at one of some stages. None or empty means any."""

    case: str | None = None
    manager: str | None = None
    programme: str | None = None
    stages: tuple[str, ...] = ()

    def fits(self, row: Row) -> bool:
        return self.programme in (None, row.get("programme")) and (not self.stages or row["stage"] in self.stages)


@dataclass(frozen=True)
class Page:
    """`after`: where the next page goes on; None on the last. `read`: how many rows were read for it."""

    rows: list[Row]
    after: Place | None
    read: int


def page(tx: Tx, tenant: str, wanted: Wanted, after: Place | None, limit: int) -> Page:
    """Reads the page's rows, and, of a manager, those of his cases that are not wanted."""
    if wanted.case is not None:
        rows = listed.of_keys(tx, tenant, "caseload", [wanted.case])[wanted.case]
        return Page([row for row in rows if row["listed"] != row.get("case_manager") and wanted.fits(row)][:1], None, len(rows))
    rows, place, read = [], after, 0
    for at, row in _rows(tx, tenant, wanted, after):
        if len(rows) == limit or read == max(MOST, limit):
            return Page(rows, place, read)
        place, read = at, read + 1
        rows += [row] if wanted.fits(row) else []
    return Page(rows, None, read)


def _rows(tx: Tx, tenant: str, wanted: Wanted, after: Place | None) -> Iterator[tuple[Place, Row]]:
    kind = BY_MANAGER if wanted.manager else BY_PROGRAMME
    listings = [wanted.manager] if wanted.manager else _listings(tx, tenant, wanted)
    start = listings.index(after[0]) if after and after[0] in listings else 0
    for listing in listings[start:]:
        at: At = (after[1], after[2].encode()) if after and after[0] == listing else START
        for one in shown.every(tx, tenant, "caseload", within=listing, after=at):
            if one.part.startswith(kind.encode()):
                yield (listing, one.key, one.part.decode()), one.row


def _listings(tx: Tx, tenant: str, wanted: Wanted) -> list[str]:
    """The listings of the programmes, stage by stage, as the view names them."""
    programmes = [wanted.programme] if wanted.programme else listed.programmes(tx, tenant)
    return [f"{programme} {stage}" for programme in programmes for stage in STAGES if not wanted.stages or stage in wanted.stages]


def with_dues(tx: Tx, tenant: str, rows: Sequence[Row], on: str) -> list[Row]:
    """Each case with the date of its last fact, its open tasks, how many dates have passed, and what is due next by the reader's date."""
    subjects = {row["subject"] for row in rows if "subject" in row}
    cases = [row["case"] for row in rows]
    due, last = Agenda(tx, tenant, on).of_cases(cases, sorted(subjects)), listed.last_occurred(tx, tenant, cases)
    return [listed.plain(row, last_occurred=last[row["case"]], **_dues(due[row["case"]])) for row in rows]


def _dues(rows: Sequence[Row]) -> dict[str, Any]:
    still = [row for row in rows if row["state"] == "OPEN"]
    coming = next(({name: row[name] for name in ("due", "kind", "what", "role")} for row in still if not row["passed"]), None)
    said = {"open_tasks": sum(row["what"] == "TASK" for row in still), "overdue": sum(row["passed"] for row in still), "next_due": coming}
    return {name: value for name, value in said.items() if value is not None}


def managers(tx: Tx, tenant: str, manager: str | None) -> list[Row]:
    """How many cases each manager has, in all, open, and by stage."""
    found = listed.counts(tx, tenant, "caseload", BY_MANAGER, manager)
    return [{"case_manager": one, "cases": sum(by_stage.values()), "open": sum(many for stage, many in by_stage.items()
                                                                             if stage not in ("CLOSED", "REFUSED")),
             "by_stage": {stage: by_stage[stage] for stage in STAGES if stage in by_stage}} for one, by_stage in sorted(found.items())]
