"""What stipend hears, and what follows from it (`domain.md` 9.7, 2 to 4): accruals, new projections, reconciliation, tasks."""
from __future__ import annotations

from datetime import timedelta
from uuid import NAMESPACE_OID, uuid5

from chassis.decide import Heard
from chassis.declare import Ask, Do, Reaction, Wait
from chassis.task import raise_task
from stipend.adapters.kinds import ENTITLEMENT, INTERNSHIP, PAYMENT
from stipend.domain.accruals import accrue_stipend, adjust_stipend, project_stipends
from stipend.domain.entitlement import Entitlement
from stipend.domain.known import Case, Internship, fold_case
from stipend.domain.payment import ACCOUNT_FAULTS
from stipend.domain.statement import reconcile_statement

DAYS_FOR_NEW_DETAILS = 15

ERASES = "intake.SubjectErased.v1"
HEARS: tuple[str, ...] = (
    "reporting.ProgrammeActivated.v1", "reporting.ProgrammeConfigurationVersioned.v1",
    "intake.CaseOpened.v1", "intake.TargetCategoryAttested.v1", "intake.EligibilityConfirmed.v1", "assessment.PlanAgreed.v1",
    "placement.InternshipPlanned.v1", "placement.InternshipStarted.v1", "placement.InternshipSuspended.v1",
    "placement.InternshipResumed.v1", "placement.InternshipExtended.v1", "placement.InternshipCompleted.v1",
    "placement.InternshipWithdrawn.v1", "placement.InternshipInterrupted.v1", "placement.AttendancePeriodValidated.v1",
    "placement.AttendanceCorrected.v1", "placement.ExternalRegistrationConfirmed.v1",
    "stipend.StipendEntitlementOpened.v1", "stipend.BankStatementImported.v1", "stipend.PaymentRejected.v1",
    "stipend.PaymentReturned.v1", "stipend.StipendPaid.v1",
)


def accrue_validated(fact: Heard, ask: Ask) -> Do | Wait | None:
    """Saga 2: what the register says is owed, once the internship has begun and the entitlement is open."""
    internship_id = fact.data["internship_id"]
    entitlement = _entitlement(ask, internship_id)
    if entitlement is None or not _internship(ask, entitlement).started:
        return Wait((internship_id,))
    if fact.data["number"] in entitlement.settled:
        return None
    return _accrue(entitlement, fact.data["number"])


def adjust_corrected(fact: Heard, ask: Ask) -> Do | Wait | None:
    """A row of a validated period was put right: the accrual follows; a period that was not due may have become so."""
    entitlement = _entitlement(ask, fact.data["internship_id"])
    if entitlement is None or not fact.data["validated"]:
        return None
    if fact.data["period"] in entitlement.not_due:
        return _accrue(entitlement, fact.data["period"])
    accrual_id = next((i for i, a in entitlement.accruals.items() if a.period == fact.data["period"]), None)
    if accrual_id is None:
        return None
    return Do(adjust_stipend, {"entitlement_id": entitlement.entitlement_id, "accrual_id": accrual_id, "reason": "REGISTER_CORRECTED"})


def project_again(fact: Heard, ask: Ask) -> Do | Wait | None:
    """Saga 3: periods or end have changed, and so has what is to come."""
    entitlement = _entitlement(ask, fact.data["internship_id"])
    return Do(project_stipends, {"entitlement_id": entitlement.entitlement_id}) if entitlement else None


def reconcile(fact: Heard, ask: Ask) -> Do | Wait | None:
    """Each part of a long statement by itself."""
    return Do(reconcile_statement, {"statement_id": fact.aggregate, "part": fact.data.get("part")})


def reconcile_awaited(fact: Heard, ask: Ask) -> Do | Wait | None:
    """The statement came before the bank said that it had paid: it is looked at again."""
    order = ask.aggregate(PAYMENT, fact.data["entitlement_id"]).orders.get(fact.data["order_id"])
    if order is None or not order.awaited_by:
        return None
    return Do(reconcile_statement, {"statement_id": order.awaited_by, "end_to_end_id": order.end_to_end_id})


def ask_for_new_details(fact: Heard, ask: Ask) -> Do | Wait | None:
    """Saga 4: the account failed; a person asks for another, and the payment is issued again."""
    if fact.data["reason_code"] not in ACCOUNT_FAULTS:
        return None
    return Do(raise_task, {
        "task_id": str(uuid5(NAMESPACE_OID, f"{fact.id}/new-details")), "kind": "NEW_BANK_DETAILS", "role": "PAYMENT_OFFICER",
        "due": fact.occurred + timedelta(days=DAYS_FOR_NEW_DETAILS), "cause": fact.id, "done_by": "stipend.PaymentReissued.v1",
        "case_id": fact.case, "programme_id": fact.programme, "subject_id": fact.subject, "on": fact.occurred})


def _accrue(entitlement: Entitlement, period: int) -> Do:
    accrual_id = str(uuid5(NAMESPACE_OID, f"{entitlement.entitlement_id}/{period}"))
    return Do(accrue_stipend, {"entitlement_id": entitlement.entitlement_id, "accrual_id": accrual_id, "period": period})


def _entitlement(ask: Ask, internship_id: str) -> Entitlement | None:
    entitlement_id = ask.owner(INTERNSHIP, internship_id)
    return ask.aggregate(ENTITLEMENT, entitlement_id) if entitlement_id else None


def _internship(ask: Ask, entitlement: Entitlement) -> Internship:
    return ask.known(entitlement.case_id, Case(), fold_case).internships.get(entitlement.internship_id, Internship())


REACTIONS: tuple[Reaction, ...] = (
    Reaction("monthly-accrual", "placement.AttendancePeriodValidated.v1", accrue_validated, "stipend.StipendAccrued.v1",
             "PAYMENT_OFFICER"),
    Reaction("register-corrected", "placement.AttendanceCorrected.v1", adjust_corrected, "stipend.StipendAdjusted.v1",
             "PAYMENT_OFFICER"),
    *(Reaction("projection", f"placement.{fact}.v1", project_again, "stipend.StipendStopped.v1", "PAYMENT_OFFICER")
      for fact in ("InternshipResumed", "InternshipExtended", "InternshipCompleted", "InternshipWithdrawn", "InternshipInterrupted")),
    Reaction("reconciliation", "stipend.BankStatementImported.v1", reconcile, "stipend.PaymentReconciled.v1", "PAYMENT_OFFICER"),
    Reaction("late-reconciliation", "stipend.StipendPaid.v1", reconcile_awaited, "stipend.PaymentReconciled.v1", "PAYMENT_OFFICER"),
    *(Reaction("new-bank-details", f"stipend.{fact}.v1", ask_for_new_details) for fact in ("PaymentReturned", "PaymentRejected")),
)
