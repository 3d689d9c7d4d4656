"""The commands of stipend: path, decision, roles (`domain.md` 3.4, 9.6). The treasurer's answers come from an integrator, as SYSTEM."""
from __future__ import annotations

from chassis.declare import Command
from chassis.task import TASK, raise_task
from stipend.adapters.kinds import BANK, BATCH, COMMITMENT, ENTITLEMENT, PAYMENT, STATEMENT, TAX
from stipend.domain import accruals, approval, bank, batch, commitment, orders, statement, tax, treasurer

OFFICER = ("PAYMENT_OFFICER",)
APPROVER = ("PAYMENT_APPROVER",)
PAYMENTS = ("PAYMENT_OFFICER", "PAYMENT_APPROVER")
BANKS = ("SYSTEM",)
OWN = ("SYSTEM",)
ORDER = "POST /entitlements/{entitlement_id}/orders/{order_id}"

COMMANDS = (
    Command(COMMITMENT, "POST /commitments/{commitment_id}", commitment.register_commitment, by=OFFICER),
    Command(TAX, "POST /plans/{plan_id}/tax-treatment", tax.decide_tax_treatment, by=OFFICER),
    Command(BANK, "POST /subjects/{subject_id}/bank-details/{details_id}", bank.register_bank_details, by=OFFICER),
    Command(BANK, "POST /subjects/{subject_id}/bank-details/{details_id}/verification", bank.verify_bank_details, by=APPROVER),
    Command(ENTITLEMENT, "POST /entitlements/{entitlement_id}", accruals.open_entitlement, by=OFFICER),
    Command(ENTITLEMENT, "POST /entitlements/{entitlement_id}/accruals/{accrual_id}", accruals.accrue_stipend, by=OFFICER, parked=True),
    Command(ENTITLEMENT, "POST /entitlements/{entitlement_id}/accruals/{accrual_id}/adjustments", accruals.adjust_stipend, by=OFFICER),
    Command(ENTITLEMENT, "POST /entitlements/{entitlement_id}/projection", accruals.project_stipends, by=OFFICER),
    Command(ENTITLEMENT, "POST /entitlements/{entitlement_id}/accruals/{accrual_id}/approval", approval.approve_stipend, by=OFFICER,
            parked=True),
    Command(PAYMENT, ORDER, orders.issue_payment_order, by=APPROVER, parked=True),
    Command(PAYMENT, f"{ORDER}/reissue", orders.reissue_payment, by=APPROVER, parked=True),
    Command(PAYMENT, "POST /entitlements/{entitlement_id}/stop", orders.stop_payments, by=PAYMENTS),
    Command(PAYMENT, "POST /entitlements/{entitlement_id}/stop/lift", orders.lift_stop, by=APPROVER),
    Command(BATCH, "POST /payment-batches/{batch_id}", batch.transmit_payment_batch, by=APPROVER, parked=True),
    Command(PAYMENT, f"{ORDER}/acceptance", treasurer.accept_payment, by=BANKS),
    Command(PAYMENT, f"{ORDER}/rejection", treasurer.reject_payment, by=BANKS),
    Command(PAYMENT, f"{ORDER}/execution", treasurer.confirm_execution, by=BANKS),
    Command(PAYMENT, "POST /entitlements/{entitlement_id}/returns", treasurer.record_return, by=("SYSTEM", "PAYMENT_OFFICER")),
    Command(PAYMENT, f"{ORDER}/reconciliation", treasurer.reconcile_payment, by=OFFICER),
    Command(STATEMENT, "POST /statements/{statement_id}", statement.import_bank_statement, by=OFFICER),
    Command(STATEMENT, "", statement.reconcile_statement, by=OWN),
    Command(TASK, "", raise_task, by=OWN),
)
