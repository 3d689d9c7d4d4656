"""The views, in the order in which differences are named."""
from __future__ import annotations

from collections.abc import Collection

from reporting.views import (
    agenda,
    budget,
    case_history,
    caseload,
    commitments,
    entitlements,
    hosts,
    participations,
    payment_ledger,
    programme_trail,
    programmes,
    tasks,
)
from reporting.views.view import View

VIEWS: tuple[View, ...] = (
    case_history.VIEW, programme_trail.VIEW, payment_ledger.VIEW, commitments.VIEW, entitlements.VIEW, participations.VIEW,
    programmes.VIEW, hosts.VIEW, tasks.VIEW, caseload.VIEW, agenda.VIEW, budget.VIEW)
ALL = tuple(view.name for view in VIEWS)


class NoSuchView(ValueError):
    """There are no views of these names."""


def wanted(names: Collection[str]) -> list[str]:
    """These views, in their order; all where none is named. `NoSuchView`."""
    if unknown := [name for name in names if name not in ALL]:
        raise NoSuchView(f"there is no view {', '.join(unknown)}; there are {', '.join(ALL)}")
    return [view for view in ALL if view in names or not names]
