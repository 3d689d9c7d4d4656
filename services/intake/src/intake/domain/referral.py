"""A referral (segnalazione): somebody is sent to a programme by one of its sources; it is accepted or refused once."""
from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, Any, Literal

from chassis.decide import Actor, NewId, OccurredOn, Private, Refused, refuse
from intake.domain.categories import Category
from intake.domain.forms import BirthDate, Code, Gender, Name, Note, PersonTaxCode, Protocol, Reference
from intake.domain.programme import Programme, Source

Declared = Annotated[tuple[Category, ...], Private("health")]
RefusalReason = Literal["NOT_IN_TARGET", "NOT_IN_CHARGE", "NOT_RESIDENT", "NO_PLACES", "DUPLICATE", "NOT_REACHABLE",
                        "WITHDRAWN_BY_SOURCE", "OTHER"]


@dataclass(frozen=True)
class ReferralReceived:
    referral_id: str
    case_id: str
    programme_id: str
    subject_id: str
    source: str | None
    source_kind: str
    referrer_org: str
    referrer_role: str
    received_on: date
    urgency: str
    attachments: tuple[Reference, ...]
    sealed_source: Annotated[str | None, Private("judicial")]
    protocol_no: Protocol
    declared_categories: Annotated[tuple[str, ...], Private("health")]
    given_name: Name
    family_name: Name
    tax_code: PersonTaxCode
    birth_date: BirthDate
    gender: Gender
    number: int | None = None
    """Which of the person's referrals it is, from 1."""


@dataclass(frozen=True)
class ReferralAccepted:
    referral_id: str
    case_id: str
    programme_id: str
    subject_id: str
    accepted_on: date


@dataclass(frozen=True)
class ReferralRefused:
    referral_id: str
    reason_code: str
    refused_on: date
    notified_on: date | None
    note: Note


Event = ReferralReceived | ReferralAccepted | ReferralRefused


@dataclass(frozen=True)
class Referral:
    case_id: str | None = None
    programme_id: str | None = None
    subject_id: str | None = None
    source: str | None = None
    decided: Literal["ACCEPTED", "REFUSED"] | None = None
    received: ReferralReceived | None = None
    refused_on: date | None = None


@dataclass(frozen=True)
class Match:
    """The person known to this tenant by a tax code, if any (`domain.md` 13.2)."""

    subject_id: str | None = None


@dataclass(frozen=True)
class Brought:
    """The referrals that have brought a person, in order."""

    referral_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class OpenCase:
    """The case that is open for the same person in the same programme, if any."""

    case_id: str | None = None


def evolve(state: Referral, event: Event) -> Referral:
    match event:
        case ReferralReceived():
            return Referral(event.case_id, event.programme_id, event.subject_id, event.source or event.sealed_source, None, event)
        case ReferralAccepted():
            return replace(state, decided="ACCEPTED")
        case ReferralRefused():
            return replace(state, decided="REFUSED", refused_on=event.refused_on)


def receive_referral(
    state: Referral, *, referral_id: str, programme_id: str, source: Code, protocol_no: Protocol, given_name: Name, family_name: Name,
    tax_code: PersonTaxCode, birth_date: BirthDate, gender: Annotated[Literal["F", "M", "X"], Private("identity")],
    received_on: OccurredOn, programme: Programme, match: Match, brought: Brought, new_subject_id: NewId, case_id: NewId, actor: Actor,
    declared_categories: Declared = (), urgency: Literal["ORDINARY", "URGENT"] = "ORDINARY", referrer_org: Code | None = None,
    attachments: tuple[Reference, ...] = (),
) -> list[Event]:
    """Take in a referral (segnalazione): a person, known by the tax code or new, on a case of its own."""
    if state.received:
        _repeats(state.received, programme_id=programme_id, protocol_no=protocol_no, given_name=given_name, family_name=family_name,
                 tax_code=tax_code, birth_date=birth_date, gender=gender, received_on=received_on, urgency=urgency,
                 declared_categories=declared_categories, attachments=attachments,
                 **{"sealed_source" if state.received.sealed_source else "source": source})
        return []
    configured = programme.rules(received_on).sources.get(source)
    if configured is None:
        raise Refused("SOURCE_NOT_CONFIGURED", f"programme {programme_id} takes no referrals from this source; use one it configures")
    org = referrer_org or configured.org or actor.org
    refuse(
        Refused("OPERATOR_NOT_AUTHORISED", "the referrer does not belong to this source; refer from its organisation")
        if not _belongs(org, configured, actor) else None,
        Refused("PROGRAMME_NOT_ACTIVE", f"programme {programme_id} does not run on {received_on}")
        if not programme.active(received_on) else None,
    )
    hidden = configured.sealed
    return [ReferralReceived(
        referral_id, case_id, programme_id, match.subject_id or new_subject_id, None if hidden else source, configured.kind,
        actor.tenant if hidden else org, "REFERRER" if hidden else actor.role, received_on, urgency, attachments,
        source if hidden else None, protocol_no, declared_categories, given_name, family_name, tax_code, birth_date, gender,
        len(brought.referral_ids) + 1)]


def _repeats(received: ReferralReceived, **given: Any) -> None:
    """What is said again is the same; other content needs an id of its own."""
    if any(getattr(received, name) != value for name, value in given.items()):
        raise Refused("INVALID_TRANSITION", "a referral with other content was received under this id; give the new one another id")


def _belongs(org: str, source: Source, actor: Actor) -> bool:
    """A case manager may write down what another body sent; a source's own operator refers for their own body alone."""
    return (source.org is None or source.org == org) and (actor.role == "CASE_MANAGER" or actor.org == org)


def accept_referral(state: Referral, *, referral_id: str, accepted_on: OccurredOn, programme: Programme,
                    open_case: OpenCase) -> list[Event]:
    """Accept a referral (presa in carico): the person gets the one open case that a programme has for them."""
    if state.case_id is None or state.programme_id is None or state.subject_id is None:
        raise Refused("REFERRAL_UNKNOWN", "no such referral; receive it first")
    refuse(
        Refused("ALREADY_DECIDED", "this referral has been accepted or refused; a new one is needed to decide again")
        if state.decided else None,
        Refused("PROGRAMME_NOT_ACTIVE", f"programme {state.programme_id} does not run on {accepted_on}")
        if not programme.active(accepted_on) else None,
        Refused("CASE_ALREADY_OPEN", "this person has an open case in this programme; go on with it, or close it first")
        if open_case.case_id not in (None, state.case_id) else None,
    )
    return [ReferralAccepted(referral_id, state.case_id, state.programme_id, state.subject_id, accepted_on)]


def refuse_referral(state: Referral, *, referral_id: str, reason_code: RefusalReason, refused_on: OccurredOn,
                    notified_on: date | None = None, note: Note = None) -> list[Event]:
    """Refuse a referral, with a reason (diniego della segnalazione)."""
    if state.case_id is None:
        raise Refused("REFERRAL_UNKNOWN", "no such referral; receive it first")
    refuse(
        Refused("ALREADY_DECIDED", "this referral has been accepted or refused; a new one is needed to decide again")
        if state.decided else None,
        Refused("REASON_MISSING", "OTHER is no reason by itself; say it in the note") if reason_code == "OTHER" and not note else None,
    )
    return [ReferralRefused(referral_id, reason_code, refused_on, notified_on, note)]
