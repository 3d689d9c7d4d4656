"""The kinds of aggregates of intake, and what must be unique across them."""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from chassis.decide import Actor, Release, Take
from chassis.kinds import Kind, Mac
from intake.domain import case, referral, subject

TAX_CODE = "tax-code"
"""Whose a tax code is: every one a person ever had stays theirs."""
CASE_REFERRAL = "case-referral"
"""Which referral brought a case."""
BROUGHT = "brought"
"""Which referral was the person's first, second and so on: so all that was ever recorded of one person is found, and none overlooked."""
OPEN_CASE = "open-case"
"""The one open case of a person in a programme."""


def open_case_key(programme_id: str | None, subject_id: str | None) -> str:
    return f"{programme_id}/{subject_id}"


def brought_key(subject_id: str, number: int) -> str:
    return f"{subject_id}/{number}"


def of_referral(event: referral.Event, mac: Mac) -> Iterable[Take | Release]:
    match event:
        case referral.ReferralReceived():
            numbered = (Take(BROUGHT, brought_key(event.subject_id, event.number), event.referral_id),) if event.number else ()
            return (Take(TAX_CODE, mac(TAX_CODE, event.tax_code), event.subject_id),
                    Take(CASE_REFERRAL, event.case_id, event.referral_id), *numbered)
        case referral.ReferralAccepted():
            return (Take(OPEN_CASE, open_case_key(event.programme_id, event.subject_id), event.case_id),)
        case _:
            return ()


def of_subject(event: subject.Event, mac: Mac) -> Iterable[Take | Release]:
    match event:
        case subject.ParticipantRegistered(tax_code=str(code)) | subject.ParticipantDetailsCorrected(tax_code=str(code)):
            return (Take(TAX_CODE, mac(TAX_CODE, code), event.subject_id),)
        case _:
            return ()


def of_case(event: case.Event, mac: Mac) -> Iterable[Take | Release]:
    match event:
        case case.CaseClosed():
            return (Release(OPEN_CASE, open_case_key(event.programme_id, event.subject_id)),)
        case _:
            return ()


def speaker_of_referral(event: referral.Event, actor: Actor) -> Actor:
    """Of a sealed source neither role nor organisation is said."""
    if isinstance(event, referral.ReferralReceived) and event.sealed_source:
        return replace(actor, role=event.referrer_role, org=event.referrer_org)
    return actor


REFERRAL = Kind("referral", "referral_id", referral.Event, referral.Referral, referral.evolve, of_referral, speaker_of_referral)
SUBJECT = Kind("subject", "subject_id", subject.Event, subject.Subject, subject.evolve, of_subject)
CASE = Kind("case", "case_id", case.Event, case.Case, case.evolve, of_case)
