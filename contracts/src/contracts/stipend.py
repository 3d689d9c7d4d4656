"""What stipend says: money set aside, what a participant is owed, the orders that pay it and what the bank answered (`domain.md` 9.4)."""
from __future__ import annotations

from contracts.classes import ActNumber, Code, Day, Digest, Flag, Id, Money, Number, Whole
from contracts.envelope import Fact, Part, spoken
from contracts.task import TaskRaised


class CommitmentRegistered(Fact):
    """Money is set aside by an act (determinazione di impegno). Said again only when the commitment becomes `binding`."""

    commitment_id: Id
    act_no: ActNumber
    act_date: Day
    amount_cents: Money
    binding: Flag
    cup: Code | None = None
    chapter: Code | None = None
    pdc_code: Code | None = None
    for_case_id: Id | None = None


class StipendEntitlementOpened(Fact):
    """A participant may be paid for one internship (diritto all'indennità), out of one commitment."""

    entitlement_id: Id
    internship_id: Id
    commitment_id: Id
    starts: Day
    projected_cents: Money


class BankDetailsRegistered(Fact):
    """A participant's account is known (coordinate bancarie); the IBAN and its holder are sealed."""

    details_id: Id
    holder_role: Code
    registered_by: Id


class BankDetailsVerified(Fact):
    """A second person has checked the account (verifica dell'IBAN)."""

    details_id: Id
    method: Code
    verified_by: Id
    verified_on: Day
    payee_check: Code | None = None


class TaxTreatmentDecided(Fact):
    """How stipends under a plan are taxed (trattamento fiscale); the reasons are sealed."""

    plan_id: Id
    plan_version: Whole
    treatment: Code
    decided_by: Id


class StipendAccrued(Fact):
    """A validated period became an amount owed (maturazione), by the policy of the envelope's `policyref`.

    `number` is the accrual's within its programme. `ratio` is for reading, 4 decimals. `base_cents` is what the amount is computed
    from: of the period, or of an hour (HOURLY_CAPPED). `validated_fact` is the id of the AttendancePeriodValidated it rests on.
    `share_cents` is what the entitlement takes of its commitment from now on, accrued and to come, here and in the three that follow.
    """

    accrual_id: Id
    entitlement_id: Id
    number: Whole
    period: Whole
    starts: Day
    ends: Day
    planned_full: Number
    planned_hours: Number
    recognised_hours: Number
    ratio: Number
    rule: Code
    base_cents: Money
    amount_cents: Money
    validated_fact: Id
    share_cents: Money | None = None


class StipendNotDue(Fact):
    """A validated period for which nothing is owed (indennità non dovuta): SUSPENDED, NOT_ACTIVE, BELOW_THRESHOLD_ZERO.

    Once its register is corrected it may accrue after all. `share_cents` as in StipendAccrued.
    """

    entitlement_id: Id
    period: Whole
    starts: Day
    ends: Day
    reason: Code
    validated_fact: Id
    share_cents: Money | None = None


class StipendAdjusted(Fact):
    """An accrual's amount changed after a correction of the register (conguaglio); the accrual itself stays as it was.

    `rule`, `base_cents`, `ratio` and the hours are what the new amount is computed from, as in StipendAccrued; where nothing is owed
    any more, `rule` is a reason of StipendNotDue and there is no base. `corrected_fact` is the id of the AttendanceCorrected it rests on.
    `share_cents` as in StipendAccrued.
    """

    entitlement_id: Id
    accrual_id: Id
    delta_cents: Money
    new_amount_cents: Money
    recognised_hours: Number
    reason: Code
    share_cents: Money | None = None
    rule: Code | None = None
    base_cents: Money | None = None
    ratio: Number | None = None
    planned_hours: Number | None = None
    corrected_fact: Id | None = None


class StipendProjected(Fact):
    """What is to come was reckoned anew, as the internship's periods or its end had changed (nuova previsione; `domain.md` 13.17).

    `share_cents` is what the entitlement takes of its commitment from now on, accrued and to come.
    """

    entitlement_id: Id
    share_cents: Money


class StipendApproved(Fact):
    """An accrual may be paid, up to `amount_cents` (atto di liquidazione)."""

    entitlement_id: Id
    accrual_id: Id
    act_no: ActNumber
    amount_cents: Money
    approved_by: Id


class RecoveryRequested(Fact):
    """Money paid in excess is asked back (recupero dell'indebito). Negative: so much less is, after a correction or a return."""

    entitlement_id: Id
    amount_cents: Money
    cause: Code
    accrual_ids: list[Id]


class StipendStopped(Fact):
    """Payments of an entitlement or of one accrual wait (sospensione del pagamento); an order that is stopped is never paid."""

    entitlement_id: Id
    reason: Code
    accrual_id: Id | None = None
    order_id: Id | None = None


class StipendStopLifted(Fact):
    """What was stopped may be paid again (revoca della sospensione): for the reason `stopped_for`; without one, for any."""

    entitlement_id: Id
    reason: Code
    accrual_id: Id | None = None
    order_id: Id | None = None
    stopped_for: Code | None = None


class PaymentOrderIssued(Fact):
    """The bank is to pay (mandato di pagamento). `end_to_end_id` is `{programme}-A{accrual number}-{attempt}`, used once."""

    entitlement_id: Id
    order_id: Id
    accrual_id: Id
    attempt: Whole
    amount_cents: Money
    end_to_end_id: Id
    rail: Code
    details_id: Id
    issued_by: Id
    mandate_no: ActNumber | None = None


class PaymentReissued(Fact):
    """A new order in the place of a rejected or returned one (riemissione del mandato); `reason_cleared` is why that one failed."""

    entitlement_id: Id
    order_id: Id
    reissue_of: Id
    accrual_id: Id
    attempt: Whole
    amount_cents: Money
    end_to_end_id: Id
    rail: Code
    details_id: Id
    issued_by: Id
    reason_cleared: Code
    mandate_no: ActNumber | None = None


class PaymentBatchTransmitted(Fact):
    """A payment file went to the bank (distinta trasmessa al tesoriere). Said once for each entitlement in the file.

    `count` and `control_sum_cents` are the file's, `orders` are this entitlement's; `file_digest` is keyed.
    """

    entitlement_id: Id
    batch_id: Id
    msg_id: Id
    count: Whole
    control_sum_cents: Money
    orders: list[Id]
    file_digest: Digest


class PaymentAccepted(Fact):
    """The bank took the order in charge (presa in carico)."""

    entitlement_id: Id
    order_id: Id


class PaymentRejected(Fact):
    """The bank refused the order before settlement (scarto); ISO 20022 reason code."""

    entitlement_id: Id
    order_id: Id
    reason_code: Code


class StipendPaid(Fact):
    """The bank executed the order (pagamento eseguito)."""

    entitlement_id: Id
    order_id: Id
    accrual_id: Id
    end_to_end_id: Id
    amount_cents: Money
    executed_on: Day


class PaymentReturned(Fact):
    """An executed transfer came back (storno); ISO 20022 reason code."""

    entitlement_id: Id
    order_id: Id
    accrual_id: Id
    end_to_end_id: Id
    amount_cents: Money
    reason_code: Code
    returned_on: Day


class PaymentReconciled(Fact):
    """An executed order was found on the bank's statement (riconciliazione), by rule E2E or MANUAL."""

    entitlement_id: Id
    order_id: Id
    statement_id: Id
    line: Whole
    rule: Code


class StatementLine(Part):
    """One debit of a statement, numbered as in the file."""

    line: Whole
    amount_cents: Money
    booked_on: Day
    end_to_end_id: Id | None = None


class BankStatementImported(Fact):
    """The treasurer's journal, or an account statement (giornale di cassa, estratto conto). Of no case; `file_digest` is keyed.

    A long one is said in `parts` facts, `part` from 1: each with lines of its own, all else the same.
    """

    statement_id: Id
    format: Code
    msg_id: Id
    starts: Day
    ends: Day
    lines: list[StatementLine]
    file_digest: Digest
    part: Whole | None = None
    parts: Whole | None = None


SPOKEN = spoken(
    "stipend", CommitmentRegistered, StipendEntitlementOpened, BankDetailsRegistered, BankDetailsVerified, TaxTreatmentDecided,
    StipendAccrued, StipendNotDue, StipendAdjusted, StipendProjected, StipendApproved, RecoveryRequested, StipendStopped, StipendStopLifted,
    PaymentOrderIssued, PaymentReissued, PaymentBatchTransmitted, PaymentAccepted, PaymentRejected, StipendPaid, PaymentReturned,
    PaymentReconciled, BankStatementImported, TaskRaised)
