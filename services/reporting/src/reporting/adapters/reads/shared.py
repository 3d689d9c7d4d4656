"""What the reads share: who may read what, one page of a view, how far a programme is known."""
from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from chassis.database import Tx
from chassis.decide import Actor
from chassis.web.auth import allowed
from chassis.web.problems import Problem
from reporting import completeness, shown
from reporting.adapters.pages import cursor_of, place
from reporting.rebuild import Rebuilds
from reporting.views.payment_ledger import totals
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
AUDITORS, KEEPERS = allowed("DPO", "AUDITOR"), allowed("PARTNER_ADMIN", "AUDITOR")
Change = Callable[[Tx, Row], Row]


class Reads:
    """What the routes share."""

    def __init__(self, service: Service) -> None:
        self.service, self.database = service, service.database
        self.rebuilds = Rebuilds(service.database)

    def page(self, actor: Actor, view: str, cursor: str, limit: int, *, within: str | None = None, change: Change | None = None,
             keep: Callable[[Row], bool] | None = None) -> dict[str, Any]:
        """One page of a view of the actor's tenant; with how far each source is complete."""
        after = after_of(cursor)

        def read(tx: Tx) -> dict[str, Any]:
            found: list[shown.Shown] = []
            for one in shown.every(tx, actor.tenant, view, within=within, after=after):
                if keep is None or keep(one.row):
                    found.append(one)
                if len(found) > limit:
                    break
            items = [change(tx, one.row) if change else one.row for one in found[:limit]]
            return {"items": items, "next": cursor_of(found[limit - 1].at) if len(found) > limit else None,
                    "complete": completeness.of(tx, actor.tenant)}

        return shown.together(self.database, read)

    def programme(self, tx: Tx, actor: Actor, programme_id: str) -> Row:
        """A programme that this tenant has; else a 404 problem."""
        found = shown.one(tx, actor.tenant, "programmes", programme_id)
        if found is None:
            raise Problem(404, "PROGRAMME_UNKNOWN", "no fact of such a programme is known here", next="ask again once it is activated")
        return found

    def parked(self, actor: Actor, *ids: str) -> str | None:
        return self.service.parking.about(actor.tenant, ids)


def after_of(cursor: str) -> shown.At:
    if not cursor:
        return shown.START
    key, part = place(cursor, str, str)
    return str(key), str(part).encode()


def ledger(reads: Reads, actor: Actor, cursor: str, limit: int, programme: str | None) -> dict[str, Any]:
    page = reads.page(actor, "payment_ledger", cursor, limit, within=programme)
    if cursor:
        return page

    def read(tx: Tx) -> dict[str, Any]:
        if programme is not None:
            reads.programme(tx, actor, programme)
        lines = (one.row for one in shown.every(tx, actor.tenant, "payment_ledger", within=programme))
        return {"totals": totals(lines), "basis": completeness.basis(tx, actor.tenant, programme)}

    return {**shown.together(reads.database, read), **page}
