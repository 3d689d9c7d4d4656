"""What intake says: who was referred, registered, informed, admitted, by pseudonym and code; never a name (`domain.md` 9.1)."""
from __future__ import annotations

from contracts.classes import Code, Day, Flag, Id, Whole
from contracts.envelope import Fact, Part, spoken


class ReferralReceived(Fact):
    """A referral arrived from a source of a programme (segnalazione ricevuta).

    `source` is absent where naming it would reveal something of the person: then the referrer is REFERRER of the tenant.
    Source: `domain.md` 9.1, 13.2, 13.12.
    """

    referral_id: Id
    source: Code | None = None
    source_kind: Code
    referrer_org: Code
    referrer_role: Code
    received_on: Day
    urgency: Code


class ReferralAccepted(Fact):
    """The referral was accepted: its case is the person's open case in the programme (presa in carico). Source: `domain.md` 9.1."""

    referral_id: Id
    case_id: Id
    accepted_on: Day


class ReferralRefused(Fact):
    """The referral was refused, for a reason (segnalazione respinta). Source: `domain.md` 9.1, 13.8."""

    referral_id: Id
    reason_code: Code
    refused_on: Day
    notified_on: Day | None = None


class ParticipantRegistered(Fact):
    """A person was registered, once for all programmes of a tenant (partecipante registrato). Source: `domain.md` 9.1."""

    subject_id: Id
    household_ref: Id | None = None
    guardian_subject_id: Id | None = None


class ParticipantDetailsCorrected(Fact):
    """Details of a person were corrected: which, not what they are (rettifica dei dati). Source: `domain.md` 9.1."""

    subject_id: Id
    fields: list[Code]
    reason: Code


class LegalHoldPlaced(Fact):
    """Data of the person are kept beyond their period (blocco per contenzioso o controllo). Source: `domain.md` 4.5, 9.6 Subject."""

    hold_id: Id
    placed_on: Day


class LegalHoldReleased(Fact):
    """A hold was released (revoca del blocco). Source: `domain.md` 4.5, 9.6 Subject."""

    hold_id: Id
    released_on: Day


class SubjectErased(Fact):
    """The person's data were erased: every service destroys its keys and claims for them (cancellazione, art. 17 GDPR).

    `key_ids` are not said: all keys of the subject go, and their purposes would tell what there was. Source: `domain.md` 5, 9.1.
    """

    subject_id: Id
    legal_ground: Code
    approved_by: Id
    erased_on: Day


class PrivacyNoticeDelivered(Fact):
    """The person was given the privacy notice (informativa consegnata). Source: `domain.md` 9.1, 9.6 Case, R20."""

    notice_version: Code
    language: Code
    delivered_on: Day
    channel: Code


class CaseOpened(Fact):
    """The case was opened (apertura del fascicolo). Source: `domain.md` 9.1."""

    case_id: Id
    opened_on: Day
    territorial_unit: Code


class CaseManagerAssigned(Fact):
    """The case got its case manager (assegnazione dell'assistente sociale responsabile). Source: `domain.md` 9.1."""

    case_id: Id
    operator_id: Id
    since: Day


class CaseHandedOver(Fact):
    """The case passed to another case manager (passaggio di consegne). Source: `domain.md` 9.1."""

    case_id: Id
    from_operator_id: Id
    to_operator_id: Id
    reason: Code
    since: Day


class TargetCategoryAttested(Fact):
    """A document shows that the person belongs to a target category, for a time (categoria attestata).

    `gdpr_class` H or M; SPECIAL where category and evidence are sealed (classes 9, 10 and P). Source: `domain.md` 1.0.1, 9.1.
    """

    attestation_id: Id
    case_id: Id
    gdpr_class: Code
    category: Code | None = None
    evidence_doc: Id | None = None
    valid_from: Day
    valid_to: Day | None = None


class Gate(Part):
    """A requirement and whether it was met (requisito)."""

    rule: Code
    result: Flag


class EligibilityConfirmed(Fact):
    """The person may enter the programme (ammissione).

    `age_band` ADULT or UNDER_18 on that day; `max_months` and `quota_exempt` are what the policy allows for categories that stay
    sealed. Source: `domain.md` 9.1, 9.6 Case, 13.16.
    """

    case_id: Id
    gates: list[Gate]
    rule_version: Code
    age_band: Code
    max_months: Whole | None = None
    quota_exempt: Flag


class EligibilityDenied(Fact):
    """The person may not enter the programme, for these gates (non ammissione). Source: `domain.md` 9.1, 9.6 Case."""

    case_id: Id
    reasons: list[Code]
    rule_version: Code


class CaseClosed(Fact):
    """The case was closed, with nothing running or owed (chiusura del fascicolo). Source: `domain.md` 9.1, 9.6 Case."""

    case_id: Id
    closed_on: Day
    reason: Code


SPOKEN = spoken(
    "intake", ReferralReceived, ReferralAccepted, ReferralRefused, ParticipantRegistered, ParticipantDetailsCorrected,
    LegalHoldPlaced, LegalHoldReleased, SubjectErased, PrivacyNoticeDelivered, CaseOpened, CaseManagerAssigned, CaseHandedOver,
    TargetCategoryAttested, EligibilityConfirmed, EligibilityDenied, CaseClosed,
)
