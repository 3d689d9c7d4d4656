"""What a decision may know besides its own aggregate: the case, the policy, the money, the account, payments, what is taken."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chassis.declare import Ask, Look
from contracts.backdating import backdate_limit_days
from contracts.policyref import policy_ref
from stipend.adapters.kinds import (
    BANK,
    BATCH_MESSAGE,
    COMMITMENT,
    END_TO_END,
    ENTITLEMENT,
    INTERNSHIP,
    NUMBERING,
    PAYMENT,
    STATEMENT,
    STATEMENT_FILE,
    STATEMENT_LINE,
    STATEMENT_MESSAGE,
    TAX,
    line_key,
)
from stipend.domain.accrual import StipendPolicy, policy_from
from stipend.domain.accruals import InternshipHolder
from stipend.domain.batch import Owed, Payments
from stipend.domain.commitment import Commitment
from stipend.domain.entitlement import Entitlement
from stipend.domain.known import Case, Participant, Programme, fold_case, fold_participant, fold_programme
from stipend.domain.numbering import Numbering
from stipend.domain.orders import Payee
from stipend.domain.payment import Payment
from stipend.domain.statement import FileSeen, Paid, Statement
from stipend.domain.tax import TaxTreatment
from stipend.domain.treasurer import LineHolder


def entitlement(ask: Ask) -> Entitlement:
    """The command's own, or the one it names."""
    if isinstance(ask.state, Entitlement):
        return ask.state
    found: Entitlement = ask.aggregate(ENTITLEMENT, ask.value("entitlement_id"))
    return found


def case_of(ask: Ask) -> Case:
    """Of the body, else of the entitlement; where there is none, the decision refuses."""
    case_id = ask.args.get("case_id") or entitlement(ask).case_id
    return ask.known(case_id, Case(), fold_case, missing="CASE_NOT_HEARD_YET") if case_id else Case()


def programme(ask: Ask) -> Programme:
    programme_id = ask.args.get("programme_id") or case_of(ask).programme_id
    return ask.known(programme_id, Programme(), fold_programme, missing="PROGRAMME_NOT_HEARD_YET") if programme_id else Programme()


def policy(ask: Ask) -> StipendPolicy:
    """The policy that the internship was planned under, as the programme was heard to spell it."""
    own = entitlement(ask)
    internship = case_of(ask).internships.get(ask.args.get("internship_id") or own.internship_id)
    ref = own.policy_ref or (internship.policy_ref if internship else "")
    return next((policy_from(p["stipend"], ref) for p in programme(ask).policies if policy_ref(p) == ref), StipendPolicy())


def commitment(ask: Ask) -> Commitment:
    commitment_id = ask.args.get("commitment_id") or entitlement(ask).commitment_id
    found: Commitment = ask.aggregate(COMMITMENT, commitment_id) if commitment_id else Commitment()
    return found


def holder(ask: Ask) -> InternshipHolder:
    return InternshipHolder(ask.owner(INTERNSHIP, ask.args["internship_id"]))


def numbers(ask: Ask) -> Numbering:
    programme_id = entitlement(ask).programme_id
    found: Numbering = ask.aggregate(NUMBERING, programme_id) if programme_id else Numbering()
    return found


def payment(ask: Ask) -> Payment:
    found: Payment = ask.aggregate(PAYMENT, ask.value("entitlement_id"))
    return found


def participant(ask: Ask) -> Participant:
    return ask.known(ask.value("subject_id"), Participant(), fold_participant, missing="CASE_NOT_HEARD_YET")


def payee(ask: Ask) -> Payee:
    own, case = entitlement(ask), case_of(ask)
    bank = ask.aggregate(BANK, own.subject_id)
    tax = ask.aggregate(TAX, case.plan_id) if case.plan_id else TaxTreatment()
    return Payee(bank, tax, commitment(ask), case, programme(ask))


def payments(ask: Ask) -> Payments:
    named = dict.fromkeys(order.entitlement_id for order in ask.args["orders"])
    return Payments({i: owed(ask, i) for i in named}, ask.owner(BATCH_MESSAGE, ask.args["msg_id"]))


def owed(ask: Ask, entitlement_id: str) -> Owed:
    own: Entitlement = ask.aggregate(ENTITLEMENT, entitlement_id)
    return Owed(ask.aggregate(PAYMENT, entitlement_id), own, ask.aggregate(BANK, own.subject_id))


def file_seen(ask: Ask) -> FileSeen:
    digest = ask.mac(STATEMENT_FILE, ask.args["file_sha256"])
    return FileSeen(digest, ask.owner(STATEMENT_FILE, digest) or ask.owner(STATEMENT_MESSAGE, ask.args["msg_id"]))


def line_holder(ask: Ask) -> LineHolder:
    statement_id, number = ask.args["statement_id"], ask.args["line"]
    statement: Statement = ask.aggregate(STATEMENT, statement_id)
    return LineHolder(ask.owner(STATEMENT_LINE, line_key(statement_id, number)), statement.line(number))


def paid(ask: Ask) -> Paid:
    """The payments that the lines in question name, and those of the lines that have closed an order already."""
    statement_id, lines = ask.value("statement_id"), ask.state.named(ask.args.get("part"), ask.args.get("end_to_end_id"))
    owners = {line.end_to_end_id: ask.owner(END_TO_END, line.end_to_end_id) for line in lines if line.end_to_end_id}
    found = {e2e: (owner, ask.aggregate(PAYMENT, owner)) for e2e, owner in owners.items() if owner}
    naming = (n.line for n in lines if n.end_to_end_id in found)
    return Paid(found, frozenset(line for line in naming if ask.owner(STATEMENT_LINE, line_key(statement_id, line))))


def backdating(ask: Ask, programme_id: str) -> int | None:
    return backdate_limit_days(fact.data for fact in ask.heard(programme_id))


LOOKS: Mapping[Any, Look] = {
    Case: case_of, Programme: programme, StipendPolicy: policy, Commitment: commitment, InternshipHolder: holder, Numbering: numbers,
    Payment: payment, Participant: participant, Payee: payee, Payments: payments, FileSeen: file_seen, LineHolder: line_holder,
    Paid: paid, Entitlement: entitlement,
}
