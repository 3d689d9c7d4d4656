"""A person (persona), known to one tenant under one pseudonym: registered once, details corrected, every tax code kept."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Annotated, Literal

from chassis.decide import OccurredOn, Private, Refused
from intake.domain.forms import (
    BirthDate,
    Citizenship,
    Contact,
    Gender,
    Municipality,
    Name,
    PersonName,
    PersonTaxCode,
    Reference,
    Residence,
)
from intake.domain.referral import Match

CorrectionReason = Literal["TYPING_ERROR", "CHANGED", "NEW_TAX_CODE", "OTHER"]
NewName = Annotated[PersonName | None, Private("identity")]
Known = Annotated[str | None, Private("identity")]


@dataclass(frozen=True)
class ParticipantRegistered:
    subject_id: str
    household_ref: str | None
    guardian_subject_id: str | None
    given_name: Name
    family_name: Name
    tax_code: PersonTaxCode
    birth_date: BirthDate
    gender: Gender
    residence: Residence
    citizenship: Citizenship
    phone: Contact
    email: Contact
    address: Contact


@dataclass(frozen=True)
class ParticipantDetailsCorrected:
    """Only what changed has a value."""

    subject_id: str
    fields: tuple[str, ...]
    reason: str
    evidence_doc: str
    given_name: Known
    family_name: Known
    tax_code: Known
    birth_date: Annotated[date | None, Private("identity")]
    residence: Known
    phone: Contact
    email: Contact
    address: Contact


@dataclass(frozen=True)
class LegalHoldPlaced:
    """`reason` stays at home: it may say that there are proceedings."""

    subject_id: str
    hold_id: str
    placed_on: date
    reason: str


@dataclass(frozen=True)
class LegalHoldReleased:
    subject_id: str
    hold_id: str
    released_on: date


@dataclass(frozen=True)
class SubjectErased:
    subject_id: str
    legal_ground: str
    approved_by: str
    erased_on: date


Event = ParticipantRegistered | ParticipantDetailsCorrected | LegalHoldPlaced | LegalHoldReleased | SubjectErased


@dataclass(frozen=True)
class Subject:
    """Sealed fields read `(erased)` once the person is forgotten, the birth date too."""

    subject_id: str | None = None
    given_name: str | None = None
    family_name: str | None = None
    tax_code: str | None = None
    birth_date: date | str | None = None
    residence: str | None = None
    phone: str | None = None
    email: str | None = None
    address: str | None = None
    holds: Mapping[str, date] = field(default_factory=dict)
    """Since when each holds."""
    released: frozenset[str] = frozenset()
    erased: bool = False

    def age(self, on: date) -> int | None:
        """Whole years on that day; None where the birth date is not known (any more)."""
        born = self.birth_date
        if not isinstance(born, date):
            return None
        return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


CORRECTABLE = ("given_name", "family_name", "tax_code", "birth_date", "residence", "phone", "email", "address")


def evolve(state: Subject, event: Event) -> Subject:
    match event:
        case ParticipantRegistered():
            return replace(state, subject_id=event.subject_id, **{name: getattr(event, name) for name in CORRECTABLE})
        case ParticipantDetailsCorrected():
            return replace(state, **{name: new for name in CORRECTABLE if (new := getattr(event, name)) is not None})
        case LegalHoldPlaced():
            return replace(state, holds={**state.holds, event.hold_id: event.placed_on})
        case LegalHoldReleased():
            return replace(state, holds={hold: since for hold, since in state.holds.items() if hold != event.hold_id},
                           released=state.released | {event.hold_id})
        case SubjectErased():
            return replace(state, erased=True)


def register_participant(
    state: Subject, *, subject_id: str, given_name: Name, family_name: Name, tax_code: PersonTaxCode, birth_date: BirthDate,
    gender: Annotated[Literal["F", "M", "X"], Private("identity")], residence: Residence, registered_on: OccurredOn, match: Match,
    citizenship: Citizenship = None, phone: Contact = None, email: Contact = None, address: Contact = None,
    household_ref: Reference | None = None, guardian_subject_id: str | None = None,
) -> list[Event]:
    """Register a person whom a referral brought, by the tax code it came with (registrazione del partecipante)."""
    _not_erased(state)
    if state.subject_id:
        given = (given_name, family_name, tax_code, birth_date, residence, phone, email, address)
        if given != tuple(getattr(state, name) for name in CORRECTABLE):
            raise Refused("INVALID_TRANSITION", "this person is registered with other details; correct them instead")
        return []
    if match.subject_id != subject_id:
        raise Refused("SUBJECT_UNKNOWN", "no referral brought this person with this tax code; use the subject id of the referral")
    return [ParticipantRegistered(subject_id, household_ref, guardian_subject_id, given_name, family_name, tax_code, birth_date,
                                  gender, residence, citizenship, phone, email, address)]


def correct_details(
    state: Subject, *, subject_id: str, reason: CorrectionReason, evidence_doc: Reference, corrected_on: OccurredOn, match: Match,
    given_name: NewName = None, family_name: NewName = None, tax_code: Annotated[PersonTaxCode | None, Private("identity")] = None,
    birth_date: Annotated[date | None, Private("identity")] = None,
    residence: Annotated[Municipality | None, Private("identity")] = None, phone: Contact = None, email: Contact = None,
    address: Contact = None,
) -> list[Event]:
    """Correct what is recorded of a person, with the document that shows it (rettifica dei dati anagrafici)."""
    _not_erased(state)
    if state.subject_id is None:
        raise Refused("SUBJECT_UNKNOWN", "no such person is registered; register them first")
    if tax_code and match.subject_id not in (None, subject_id):
        raise Refused("TAX_CODE_TAKEN", "this tax code is another person's; check it, or report the two as one person")
    asked = dict(zip(CORRECTABLE, (given_name, family_name, tax_code, birth_date, residence, phone, email, address), strict=True))
    new = {name: value if value != getattr(state, name) else None for name, value in asked.items()}
    changed = tuple(name.upper() for name, value in new.items() if value is not None)
    if not changed:
        return []
    return [ParticipantDetailsCorrected(subject_id, changed, reason, evidence_doc, **new)]  # type: ignore[arg-type]


def _not_erased(state: Subject) -> None:
    if state.erased:
        raise Refused("SUBJECT_ERASED", "this person's data was erased: nothing more can be recorded about them")
