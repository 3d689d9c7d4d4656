"""The views, in the order in which differences are named."""
from __future__ import annotations

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
