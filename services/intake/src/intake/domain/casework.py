"""What is decided about a case (fascicolo): notice, opening, its case manager, the categories of the person, its end."""
from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from chassis.decide import Actor, OccurredOn, Private, Refused, refuse
from contracts.words import Role
from intake.domain.case import (
    Case,
    CaseClosed,
    CaseHandedOver,
    CaseManagerAssigned,
    CaseOpened,
    Event,
    PrivacyNoticeDelivered,
    TargetCategoryAttested,
)
from intake.domain.categories import HEALTH, JUDICIAL, Category, spoken_class
from intake.domain.engagements import Engagements
from intake.domain.forms import Code, Note, Reference
from intake.domain.referral import Referral
from intake.domain.subject import Subject

Channel = Literal["IN_PERSON", "EMAIL", "PEC", "LETTER", "APP_IO"]
HandOverReason = Literal["LEAVE", "TRANSFER", "WORKLOAD", "CONFLICT_OF_INTEREST", "OTHER"]
ClosingReason = Literal["COMPLETED", "WITHDRAWN", "TRANSFERRED", "INELIGIBLE", "DECEASED", "NO_CONTACT"]


def deliver_privacy_notice(state: Case, *, case_id: str, notice_version: Code, language: Code, channel: Channel,
                           delivered_on: OccurredOn, referral: Referral, subject: Subject) -> list[Event]:
    """Record that the person was given the privacy notice (informativa, art. 13 GDPR)."""
    programme_id, subject_id = _referred(referral)
    _not_closed(state)
    if notice_version in state.notices:
        return []
    refuse(
        Refused("SUBJECT_ERASED", "this person's data was erased: nothing more can be recorded about them") if subject.erased else None,
        Refused("REFERRAL_NOT_ACCEPTED", "the referral of this case was refused: nothing is done with this person's data")
        if referral.decided == "REFUSED" else None,
    )
    return [PrivacyNoticeDelivered(case_id, programme_id, subject_id, notice_version, language, delivered_on, channel)]


def open_case(state: Case, *, case_id: str, territorial_unit: Code, opened_on: OccurredOn, referral: Referral,
              subject: Subject) -> list[Event]:
    """Open the case of an accepted referral (apertura del fascicolo)."""
    programme_id, subject_id = _referred(referral)
    _not_closed(state)
    if state.opened:
        return []
    refuse(
        Refused("REFERRAL_NOT_ACCEPTED", "accept the referral of this case first") if referral.decided != "ACCEPTED" else None,
        Refused("SUBJECT_NOT_REGISTERED", "register the person first") if subject.subject_id is None else None,
        Refused("PRIVACY_NOTICE_MISSING", "give the person the privacy notice first") if not state.notices else None,
    )
    return [CaseOpened(case_id, programme_id, subject_id, opened_on, territorial_unit)]


def assign_case_manager(state: Case, *, case_id: str, operator_id: str, operator_role: Role, assigned_on: OccurredOn) -> list[Event]:
    """Give the case its case manager (assistente sociale responsabile)."""
    _open(state)
    if state.case_manager == operator_id:
        return []
    refuse(
        Refused("CASE_MANAGER_ALREADY_ASSIGNED", "the case has a case manager; hand it over") if state.case_manager else None,
        Refused("OPERATOR_NOT_AUTHORISED", "a case manager acts in the role CASE_MANAGER") if operator_role != "CASE_MANAGER" else None,
    )
    return [CaseManagerAssigned(case_id, operator_id, assigned_on)]


def hand_over_case(state: Case, *, case_id: str, to_operator_id: str, to_operator_role: Role, reason: HandOverReason,
                   handed_over_on: OccurredOn, actor: Actor, note: Note = None) -> list[Event]:
    """Hand the case over to another case manager (passaggio di consegne); by the one who has it, or an administrator."""
    _open(state)
    if state.case_manager is None:
        raise Refused("NO_CASE_MANAGER", "nobody has this case; assign a case manager")
    if state.case_manager == to_operator_id:
        return []
    refuse(
        Refused("OPERATOR_NOT_AUTHORISED", "only its own case manager or an administrator hands a case over")
        if actor.role == "CASE_MANAGER" and actor.user != state.case_manager else None,
        Refused("OPERATOR_NOT_AUTHORISED", "a case manager acts in the role CASE_MANAGER")
        if to_operator_role != "CASE_MANAGER" else None,
    )
    return [CaseHandedOver(case_id, state.case_manager, to_operator_id, reason, handed_over_on, note)]


def attest_category(
    state: Case, *, attestation_id: str, case_id: str, category: Annotated[Category, Private("health")], evidence_doc: Reference,
    valid_from: date, attested_on: OccurredOn, valid_to: date | None = None,
) -> list[Event]:
    """Attest that the person belongs to a target category, by a document, for a time (attestazione di categoria)."""
    _open(state)
    if attestation_id in state.held:
        return []
    refuse(
        Refused("INTERVAL_INVALID", "valid_to is before valid_from") if valid_to is not None and valid_to < valid_from else None,
        Refused("NO_CASE_MANAGER", "nobody has this case; assign a case manager") if state.case_manager is None else None,
    )
    special = category in HEALTH or category in JUDICIAL
    return [TargetCategoryAttested(
        attestation_id, case_id, spoken_class(category), None if special else category, None if special else evidence_doc, valid_from,
        valid_to, category if category in HEALTH else None, category if category in JUDICIAL else None,
        evidence_doc if special else None)]


def close_case(state: Case, *, case_id: str, reason: ClosingReason, closed_on: OccurredOn, referral: Referral,
               engagements: Engagements) -> list[Event]:
    """Close the case, with nothing left running or owed (chiusura del fascicolo)."""
    programme_id, subject_id = _referred(referral)
    if state.closed:
        return []
    refuse(
        Refused("REFERRAL_NOT_ACCEPTED", "a case is closed after its referral was accepted; refuse the referral instead")
        if referral.decided != "ACCEPTED" else None,
        Refused("OPEN_INTERNSHIP", "an internship of this case has not ended; complete, withdraw or interrupt it first")
        if engagements.internships else None,
        Refused("UNPAID_STIPEND", "an approved stipend of this case is not paid in full; pay it first") if engagements.unpaid else None,
    )
    return [CaseClosed(case_id, programme_id, subject_id, closed_on, reason)]


def _referred(referral: Referral) -> tuple[str, str]:
    if referral.programme_id is None or referral.subject_id is None:
        raise Refused("CASE_UNKNOWN", "no referral has brought this case; use the case id that its receipt returned")
    return referral.programme_id, referral.subject_id


def _open(state: Case) -> None:
    _not_closed(state)
    if not state.opened:
        raise Refused("CASE_NOT_OPEN", "open the case first")


def _not_closed(state: Case) -> None:
    if state.closed:
        raise Refused("CASE_CLOSED", "this case has been closed; a new referral opens another")
