"""A programme, a person and the operators that the sentences speak of. They do not exist."""
from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from chassis.decide import Actor, Heard
from intake.domain.programme import Programme, fold
from intake.domain.referral import Referral, ReferralAccepted, ReferralReceived, evolve
from intake.domain.subject import Subject

CONFIG: dict[str, Any] = {
    "sources": [
        {"code": "EEMM_ADI", "kind": "SOCIAL_SERVICE", "org": "ats-bari"},
        {"code": "MUNICIPIO_3", "kind": "SOCIAL_SERVICE"},
        {"code": "USSM", "kind": "PUBLIC_SERVICE", "sealed": True},
    ],
    "eligibility": {"rule_version": "002-1", "all_of": [], "any_of": ["SOCIOECON_DISADV", "ADI_HOUSEHOLD"], "min_age": 16,
                    "residence": ["072006"]},
    "parameters": {"backdate_limit_days": 36500},
    "policies": [{"policy_id": "P", "valid_from": "2023-11-28", "duration": {"max_months": {"DEFAULT": 6, "DISABILITY": 24}},
                  "quota": {"exempt": ["L381_ART4"]}}],
}


def told_of(kind: str = "Activated", on: date = date(2024, 7, 1), **data: Any) -> Heard:
    told = {"programme_id": "002", "start": "2024-07-01", "end": "2026-12-31", "config_version": 1, "config": CONFIG, **data}
    name = f"reporting.Programme{kind}.v1"
    return Heard(name, "f-1", "reporting", "002", on, f"{on}T08:00:00.000000Z", programme="002", data=told)


@pytest.fixture
def programme() -> Programme:
    return fold(Programme(), told_of())


@pytest.fixture
def manager() -> Actor:
    return Actor("op-cm-02", "CASE_MANAGER", "comune-bari", "bari")


def receipt(**changed: Any) -> ReferralReceived:
    plain: dict[str, Any] = dict(
        referral_id="R-1", case_id="C-1", programme_id="002", subject_id="S-1", source="EEMM_ADI", source_kind="SOCIAL_SERVICE",
        referrer_org="ats-bari", referrer_role="CASE_MANAGER", received_on=date(2024, 9, 9), urgency="ORDINARY", attachments=(),
        sealed_source=None, protocol_no="SYN-002-1", declared_categories=("ADI_HOUSEHOLD",), given_name="Anna",
        family_name="Rossini", tax_code="RSSNNA85T55X000W", birth_date=date(1985, 12, 15), gender="F", number=1)
    return ReferralReceived(**(plain | changed))


ACCEPTED = ReferralAccepted("R-1", "C-1", "002", "S-1", date(2024, 9, 11))


@pytest.fixture
def referral() -> Referral:
    return evolve(evolve(Referral(), receipt()), ACCEPTED)


@pytest.fixture
def person() -> Subject:
    return Subject("S-1", "Anna", "Rossini", "RSSNNA85T55X000W", date(1985, 12, 15), "072006")


@pytest.fixture
def received() -> Callable[..., ReferralReceived]:
    """The receipt of P-002's referral, with what is changed."""
    return receipt


@pytest.fixture
def configured() -> Callable[..., Heard]:
    """What reporting says when it activates programme 002, or versions its configuration."""
    return told_of
