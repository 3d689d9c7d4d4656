"""The forms that are checked before a decision: each gives the value as it is kept, or refuses it."""
from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from stdnum.it import codicefiscale

from chassis.decide import Refused
from contracts.words import TaxCode, holds_tax_code
from intake.domain.forms import Code, Municipality, PersonName, Reference

CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:@/+-]{0,79}")
REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:@-]{0,79}")
ISTAT = re.compile(r"\d{6}", re.ASCII)


def tax_code(value: str) -> str:
    """A person's tax code in capitals: 16 characters, or 11 digits while the definitive one is awaited (`domain.md` 7)."""
    plain = value.strip().upper()
    if len(plain) not in (11, 16) or not plain.isascii() or not codicefiscale.is_valid(plain):
        raise Refused("CF_CHECKSUM", "this is not a tax code: form, date or check character are wrong; copy it from the health card")
    return plain


def code(value: str) -> str:
    if not CODE.fullmatch(value) or holds_tax_code(value):
        raise Refused("CODE_INVALID", "a code has letters, digits and _ . : @ / + - only, at most 80 of them, and no person's tax code")
    return value


def reference(value: str) -> str:
    if not REFERENCE.fullmatch(value) or holds_tax_code(value):
        raise Refused("REFERENCE_INVALID", "a reference has letters, digits and _ . : @ - only, at most 80 of them, and no tax code")
    return value


def person_name(value: str) -> str:
    """A given or family name, as it is written, with single spaces."""
    plain = " ".join(value.split())
    if not 1 <= len(plain) <= 100:
        raise Refused("NAME_INVALID", "a name has 1 to 100 characters")
    return plain


def municipality(value: str) -> str:
    if not ISTAT.fullmatch(value):
        raise Refused("MUNICIPALITY_INVALID", "a municipality is given by its six ISTAT digits, as 072006 for Bari")
    return value


WORDS: Mapping[Any, Callable[[str], str]] = {
    TaxCode: tax_code, Code: code, Reference: reference, Municipality: municipality, PersonName: person_name,
}
