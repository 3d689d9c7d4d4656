"""The figures of a programme at a moment (cifre): what was accrued, ordered, paid; participations; each indicator."""
from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from chassis.database import Tx
from reporting import moment as moments
from reporting import shown
from reporting.moment import Moment
from reporting.views.commitments import with_shares
from reporting.views.indicators import figures
from reporting.views.payment_ledger import totals
from reporting.views.view import Row

Watch = Callable[[], None]
"""Told of each row; what it raises ends the work."""


def rows(tx: Tx, tenant: str, view: str, moment: Moment | None, *, key: str | None = None, within: str | None = None) -> Iterator[Row]:
    """The rows of a view at a moment, or of the live view."""
    if moment is None:
        return (one.row for one in shown.every(tx, tenant, view, key=key, within=within))
    return (one.row for one in moments.every(tx, tenant, view, moment, key=key, within=within))


def ledger_totals(tx: Tx, tenant: str, programme: str | None, moment: Moment | None, *, case: str | None = None) -> dict[str, int]:
    return totals(rows(tx, tenant, "payment_ledger", moment, key=case, within=programme))


def catalogue(tx: Tx, tenant: str, programme: str, moment: Moment | None) -> dict[str, Any]:
    """The catalogue of indicators in force; empty before the programme was known."""
    found = next(rows(tx, tenant, "programmes", moment, key=programme), {})
    return found.get("catalogue") or {}


def indicators(tx: Tx, tenant: str, programme: str, moment: Moment | None) -> dict[str, Any]:
    """The value of each indicator of the catalogue then in force, by gender and in all."""
    counted, people = catalogue(tx, tenant, programme, moment), 0

    def each() -> Iterator[Row]:
        nonlocal people
        for row in rows(tx, tenant, "participations", moment, within=programme):
            people += 1
            yield row

    items = figures(each(), counted)
    return {"catalogue_version": counted.get("version"), "participations": people, "items": items}


def shared(tx: Tx, tenant: str, commitment: Row, moment: Moment | None) -> Row:
    """A commitment with its entitlements."""
    return with_shares(commitment, rows(tx, tenant, "entitlements", moment, within=commitment["commitment_id"]))
