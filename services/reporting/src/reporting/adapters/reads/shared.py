"""What the reads share: who may read what, one page of a view, how far a programme is known."""
from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any

from chassis.clock import stamp
from chassis.database import Tx
from chassis.decide import Actor
from chassis.web.auth import allowed
from chassis.web.problems import Problem
from reporting import access, completeness, figures, shown
from reporting import moment as moments
from reporting.adapters.pages import cursor_of, place
from reporting.adapters.reads.asked import Asked, rests_on
from reporting.computing import Computing
from reporting.moment import Moment
from reporting.rebuild import Rebuilds
from reporting.views.view import Row

if TYPE_CHECKING:
    from chassis.service import Service

_CASEWORK = ("CASE_MANAGER", "ORIENTATORE", "TUTOR_PROMOTORE", "RP", "AUDITOR", "DPO")
_MONEY = ("PAYMENT_OFFICER", "PAYMENT_APPROVER", "ECONOMIST", "REPORTING_OFFICER", "RP", "AUDITOR")
_FIGURES = ("REPORTING_OFFICER", "PARTNER_ADMIN", "RP", "AUDITOR")
_OTHERS = ("PROFILER", "SOCIAL_EDUCATOR", "JOB_COACH", "CPI_OPERATOR")
CASEWORK, MONEY, FIGURES = allowed(*_CASEWORK), allowed(*_MONEY), allowed(*_FIGURES)
PLACES = allowed("CASE_MANAGER", "ORIENTATORE", "TUTOR_PROMOTORE", "PARTNER_ADMIN", "RP", "AUDITOR")
WORK = allowed(*dict.fromkeys((*_CASEWORK, *_MONEY, *_FIGURES, *_OTHERS)))
RECKONERS = allowed(*(role for role in _MONEY if role in _FIGURES))
AUDITORS, KEEPERS = allowed("DPO", "AUDITOR"), allowed("PARTNER_ADMIN", "AUDITOR")
Change = Callable[[Tx, Row, Moment | None], Row]
Whole = Callable[[Tx, Moment, Moment | None], dict[str, Any]]
"""What is said of all rows, from the moment that an answer rests on and the one it is folded at; None of the latter: the live views."""
DIRECT = 50_000
"""Facts from which figures are made while their reader waits: a second or two."""


class Reads:
    """What the routes share."""

    direct = DIRECT

    def __init__(self, service: Service) -> None:
        self.service, self.database = service, service.database
        self.rebuilds, self.computing = Rebuilds(service.database), Computing(service.database)

    def page(self, actor: Actor, view: str, cursor: str, limit: int, *, within: str | None = None, change: Change | None = None,
             keep: Callable[[Row], bool] | None = None) -> dict[str, Any]:
        """One page of a live view of the actor's tenant; with how far each source is complete."""
        def read(tx: Tx) -> dict[str, Any]:
            rows = shown.every(tx, actor.tenant, view, within=within, after=after_of(cursor))
            return self._cut(tx, rows, limit, None, change, keep) | {"complete": completeness.of(tx, actor.tenant)}

        return shown.together(self.database, read)

    def page_at(self, actor: Actor, asked: Asked, view: str, cursor: str, limit: int, *, key: str | None = None,
                within: str | None = None, change: Change | None = None, whole: Whole | None = None) -> dict[str, Any]:
        """One page of a view as it is now, or was at a moment; what it rests on; on the first page what is said of all rows."""
        after = after_of(cursor)

        def read(tx: Tx) -> dict[str, Any]:
            moment = asked.moment(tx, actor.tenant)
            at = None if asked.live else moment
            rows = (shown.every(tx, actor.tenant, view, key=key, within=within, after=after) if at is None else
                    moments.every(tx, actor.tenant, view, at, key=key, within=within, after=after))
            first = whole(tx, moment, at) if whole and not cursor else {}
            cut = self._cut(tx, rows, limit, at, change, None)
            programme = next((row.get("programme") for row in cut["items"]), None) if key else within
            return {**first, **rests_on(tx, actor.tenant, moment, programme), **cut}

        return shown.together(self.database, read)

    def _cut(self, tx: Tx, rows: Iterable[shown.Shown], limit: int, at: Moment | None, change: Change | None,
             keep: Callable[[Row], bool] | None) -> dict[str, Any]:
        found = list(islice((one for one in rows if keep is None or keep(one.row)), limit + 1))
        items = [change(tx, one.row, at) if change else one.row for one in found[:limit]]
        return {"items": items, "next": cursor_of(found[limit - 1].at) if len(found) > limit else None}

    def computed(self, tx: Tx, actor: Actor, programme: str | None, moment: Moment, at: Moment | None, name: str,
                 now: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """Figures of all rows: made now where the facts are few; else those computed for this basis before, or a 409 problem."""
        if at is None or (moment.basis and moment.basis.facts(programme) <= self.direct):
            return now()
        kept = self.computing.kept(tx, actor.tenant, programme, moment.token) if programme else None
        if kept is None:
            raise Problem(409, "MOMENT_IS_LARGE", f"figures of more than {self.direct} facts at a moment are computed in the background",
                          next="POST /programmes/{programme_id}/moments; once it is done ask again with the basis that it names")
        found: dict[str, Any] = kept[name]
        return found

    def programme(self, tx: Tx, actor: Actor, programme_id: str) -> Row:
        """A programme that this tenant has; else a 404 problem."""
        found = shown.one(tx, actor.tenant, "programmes", programme_id)
        if found is None:
            raise Problem(404, "PROGRAMME_UNKNOWN", "no fact of such a programme is known here", next="ask again once it is activated")
        return found

    def has(self, tx: Tx, actor: Actor, case: str) -> bool:
        """Whether this tenant has such a case."""
        return bool(shown.rows(tx, actor.tenant, "case_history", key=case, limit=1))

    def parked(self, actor: Actor, *ids: str) -> str | None:
        return self.service.parking.about(actor.tenant, ids)


@contextmanager
def on_record(reads: Reads, actor: Actor, case: str, purpose: access.Purpose | None) -> Iterator[None]:
    """Put on record who reads a case, while it is read: the block ends once that is stored, or raises why it is not."""
    default: access.Purpose = "AUDIT" if actor.role == "AUDITOR" else "CASEWORK"
    with ThreadPoolExecutor(1) as beside:
        kept = beside.submit(access.keep, reads.database, actor, case, purpose or default, stamp(reads.service.clock.now()))
        try:
            yield
        finally:
            kept.result()


def unknown_case() -> Problem:
    return Problem(404, "CASE_UNKNOWN", "no fact of such a case is known here", next="check the id; ask again if it is new")


def after_of(cursor: str) -> shown.At:
    if not cursor:
        return shown.START
    key, part = place(cursor, str, str)
    return str(key), str(part).encode()


def ledger(reads: Reads, actor: Actor, asked: Asked, cursor: str, limit: int, *, programme: str | None = None,
           case: str | None = None) -> dict[str, Any]:
    """Lines of the payment ledger; totals on the first page."""
    def whole(tx: Tx, moment: Moment, at: Moment | None) -> dict[str, Any]:
        if programme is not None:
            reads.programme(tx, actor, programme)
        if case is not None and not reads.has(tx, actor, case):
            raise unknown_case()

        def now() -> dict[str, Any]:
            return figures.ledger_totals(tx, actor.tenant, programme, at, case=case)

        return {"totals": now() if case else reads.computed(tx, actor, programme, moment, at, "totals", now)}

    return reads.page_at(actor, asked, "payment_ledger", cursor, limit, within=programme, key=case, whole=whole)
