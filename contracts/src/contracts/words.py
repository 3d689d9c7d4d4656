"""The words of the field: closed vocabularies and the types of values with a form of their own. Standard library only."""
from __future__ import annotations

import re
from typing import Any, Literal, NewType

TaxCode = NewType("TaxCode", str)
"""Codice fiscale of a person: 16 characters with a check character (`domain.md` 7)."""
VatNumber = NewType("VatNumber", str)
"""Partita IVA: 11 digits with a check digit."""
Iban = NewType("Iban", str)
"""IBAN, ISO 13616; an Italian one has a national check character (CIN) too."""
Cup = NewType("Cup", str)
"""Codice unico di progetto: 15 characters."""
Cents = NewType("Cents", int)
"""Euro cents."""
OperatorId = NewType("OperatorId", str)
"""An operator's pseudonym, as `GET /me` gives it: a UUID in lower case. Never a tax code, a name or an e-mail address."""
Configuration = NewType("Configuration", dict[str, Any])
"""A programme's whole configuration, in the form of `contracts.programme.Configuration`."""

Role = Literal[
    "CASE_MANAGER", "ORIENTATORE", "CPI_OPERATOR", "TUTOR_AZIENDALE", "TUTOR_PROMOTORE", "SOCIAL_EDUCATOR", "PROFILER",
    "PEER_SUPPORTER", "JOB_COACH", "JUDICIAL_DESK_OPERATOR", "COORDINATOR_LOCAL_DEV", "PROJECT_DESIGNER", "ECONOMIST",
    "NETWORK_ANIMATOR", "SURVEYOR", "PARTNER_ADMIN", "SYSTEM", "PARTICIPANT", "GUARDIAN", "HOST", "PAYMENT_OFFICER",
    "PAYMENT_APPROVER", "REPORTING_OFFICER", "RP", "AUDITOR", "DPO", "COMMS_EDITOR", "REFERRER",
]
"""Role codes (`domain.md` 1.0.3); REFERRER stands for the role of a sealed referral source (`design.md` 8)."""

_TAX_CODE = re.compile(r"[A-Z]{6}[0-9LMNPQRSTUV]{2}[A-EHLMPRST][0-9LMNPQRSTUV]{2}[A-Z][0-9LMNPQRSTUV]{3}[A-Z]")


def holds_tax_code(text: str) -> bool:
    """Whether a person's tax code stands in it, however it is parted: what is spoken has none."""
    return bool(_TAX_CODE.search(re.sub(r"[^A-Z0-9]", "", text.upper())))
