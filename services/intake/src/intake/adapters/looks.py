"""What a decision may know besides its own aggregate: the programme, the person, the referral of a case, what keeps it open."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chassis.declare import Ask, Look
from contracts.backdating import backdate_limit_days
from intake.adapters.kinds import BROUGHT, CASE, CASE_REFERRAL, OPEN_CASE, REFERRAL, SUBJECT, TAX_CODE, brought_key, open_case_key
from intake.domain import engagements, programme
from intake.domain.engagements import Engagements
from intake.domain.erasure import Keeping, Kept, kept_until
from intake.domain.programme import Programme
from intake.domain.referral import Brought, Match, OpenCase, Referral
from intake.domain.subject import Subject


def referral_of_case(ask: Ask) -> Referral:
    referral_id = ask.owner(CASE_REFERRAL, ask.value("case_id"))
    return ask.aggregate(REFERRAL, referral_id) if referral_id else Referral()


def programme_of(ask: Ask) -> Programme:
    """Of the body, else of the referral or case; an id that brought no referral is the decision's to refuse."""
    programme_id = ask.value("programme_id")
    return ask.known(programme_id, Programme(), programme.fold, missing="PROGRAMME_NOT_HEARD_YET") if programme_id else Programme()


def subject_of_case(ask: Ask) -> Subject:
    subject_id = referral_of_case(ask).subject_id
    return ask.aggregate(SUBJECT, subject_id) if subject_id else Subject()


def match(ask: Ask) -> Match:
    tax_code = ask.value("tax_code")
    return Match(ask.owner(TAX_CODE, ask.mac(TAX_CODE, tax_code)) if tax_code else None)


def brought(ask: Ask) -> Brought:
    """All referrals of a person; that there is no further one is what the append then requires."""
    person = ask.value("subject_id") or match(ask).subject_id
    found: list[str] = []
    while person and (referral_id := ask.owner(BROUGHT, brought_key(person, len(found) + 1))):
        found.append(referral_id)
    return Brought(tuple(found))


def keeping(ask: Ask) -> Keeping:
    """What has to be kept of a person, by the rules that each programme has in force today."""
    return Keeping(tuple(_kept(ask, ask.aggregate(REFERRAL, referral_id)) for referral_id in brought(ask).referral_ids))


def _kept(ask: Ask, referral: Referral) -> Kept:
    ended = referral.refused_on or (ask.aggregate(CASE, referral.case_id).closed_on if referral.case_id else None)
    if ended is None:
        return Kept()
    known = ask.known(referral.programme_id or "", Programme(), programme.fold)
    return Kept(kept_until(ended, known.rules(ask.today).retention_years))


def open_case(ask: Ask) -> OpenCase:
    return OpenCase(ask.owner(OPEN_CASE, open_case_key(ask.value("programme_id"), ask.value("subject_id"))))


def engaged(ask: Ask) -> Engagements:
    return ask.known(ask.value("case_id"), Engagements(), engagements.fold)


def backdating(ask: Ask, programme_id: str) -> int | None:
    return backdate_limit_days(fact.data for fact in ask.heard(programme_id))


LOOKS: Mapping[Any, Look] = {
    Programme: programme_of, Match: match, OpenCase: open_case, Referral: referral_of_case, Subject: subject_of_case,
    Engagements: engaged, Brought: brought, Keeping: keeping,
}
