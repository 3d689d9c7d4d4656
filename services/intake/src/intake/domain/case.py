"""A case (fascicolo): one person in one programme, from the privacy notice to the end; worked by one case manager at a time."""
from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from typing import Annotated

from chassis.decide import Private
from intake.domain.forms import Note


@dataclass(frozen=True)
class PrivacyNoticeDelivered:
    case_id: str
    programme_id: str
    subject_id: str
    notice_version: str
    language: str
    delivered_on: date
    channel: str


@dataclass(frozen=True)
class CaseOpened:
    case_id: str
    programme_id: str
    subject_id: str
    opened_on: date
    territorial_unit: str


@dataclass(frozen=True)
class CaseManagerAssigned:
    case_id: str
    operator_id: str
    since: date


@dataclass(frozen=True)
class CaseHandedOver:
    case_id: str
    from_operator_id: str
    to_operator_id: str
    reason: str
    since: date
    note: Note


@dataclass(frozen=True)
class TargetCategoryAttested:
    """`category` and `evidence_doc` where they may be spoken; else one of the sealed ones has a value."""

    attestation_id: str
    case_id: str
    gdpr_class: str
    category: str | None
    evidence_doc: str | None
    valid_from: date
    valid_to: date | None
    health_category: Annotated[str | None, Private("health")]
    judicial_category: Annotated[str | None, Private("judicial")]
    sealed_evidence: Annotated[str | None, Private("casework")]


@dataclass(frozen=True)
class Gate:
    """One requirement (requisito) and whether it was met."""

    rule: str
    result: bool


@dataclass(frozen=True)
class EligibilityConfirmed:
    case_id: str
    gates: tuple[Gate, ...]
    rule_version: str
    age_band: str
    max_months: int | None
    quota_exempt: bool


@dataclass(frozen=True)
class EligibilityDenied:
    case_id: str
    reasons: tuple[str, ...]
    rule_version: str


@dataclass(frozen=True)
class CaseClosed:
    case_id: str
    programme_id: str
    subject_id: str
    closed_on: date
    reason: str


Event = (PrivacyNoticeDelivered | CaseOpened | CaseManagerAssigned | CaseHandedOver | TargetCategoryAttested | EligibilityConfirmed
         | EligibilityDenied | CaseClosed)


@dataclass(frozen=True)
class Held:
    """A category a person was shown to belong to, from a day to a day (None: open)."""

    category: str
    valid_from: date
    valid_to: date | None

    def on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True)
class Case:
    case_id: str | None = None
    programme_id: str | None = None
    subject_id: str | None = None
    notices: frozenset[str] = frozenset()
    opened: bool = False
    case_manager: str | None = None
    held: dict[str, Held] = field(default_factory=dict)  # by attestation
    confirmed: bool = False
    denied_for: tuple[str, ...] = ()
    closed: bool = False
    closed_on: date | None = None


def evolve(state: Case, event: Event) -> Case:
    match event:
        case PrivacyNoticeDelivered():
            return replace(_known(state, event), notices=state.notices | {event.notice_version})
        case CaseOpened():
            return replace(_known(state, event), opened=True)
        case CaseManagerAssigned(operator_id=operator) | CaseHandedOver(to_operator_id=operator):
            return replace(state, case_manager=operator)
        case TargetCategoryAttested():
            category = event.category or event.health_category or event.judicial_category or ""
            return replace(state, held={**state.held, event.attestation_id: Held(category, event.valid_from, event.valid_to)})
        case EligibilityConfirmed():
            return replace(state, confirmed=True)
        case EligibilityDenied():
            return replace(state, denied_for=event.reasons)
        case CaseClosed():
            return replace(_known(state, event), closed=True, closed_on=event.closed_on)


def _known(state: Case, event: PrivacyNoticeDelivered | CaseOpened | CaseClosed) -> Case:
    return replace(state, case_id=event.case_id, programme_id=event.programme_id, subject_id=event.subject_id)
