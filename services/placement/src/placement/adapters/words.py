"""The forms that are checked before a decision: each gives the value as it is kept, or refuses it."""
from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from stdnum.it import iva

from chassis.decide import Refused
from contracts.words import OperatorId, VatNumber
from placement.domain.agreement import DocumentDigest
from placement.domain.events import ClockTime
from placement.domain.tutoring import Minutes

CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]", re.ASCII)
DIGEST = re.compile(r"[0-9a-f]{64}")
OPERATOR = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def vat_number(value: str) -> str:
    """A partita IVA: eleven digits with a check digit (`domain.md` 7)."""
    plain = value.strip()
    if len(plain) != 11 or plain == "0" * 11 or not iva.is_valid(plain):
        raise Refused("PIVA_INVALID", "this is not a VAT number: eleven digits, the last a check digit; copy it from the visura")
    return plain


def clock_time(value: str) -> str:
    if not CLOCK.fullmatch(value):
        raise Refused("TIME_INVALID", "a time of day is given as 09:00")
    return value


def operator_id(value: str) -> str:
    if not OPERATOR.fullmatch(value):
        raise Refused("OPERATOR_ID_INVALID", "an operator is named by the id that GET /me gives them, a UUID in lower case")
    return value


def document_digest(value: str) -> str:
    if not DIGEST.fullmatch(value):
        raise Refused("DIGEST_INVALID", "a document's digest is an HMAC-SHA-256 of 64 lower-case hexadecimal digits")
    return value


def minutes(value: Any) -> Any:
    if value < 1:
        raise Refused("INPUT_INVALID", "a visit takes whole minutes, at least one")
    return value


WORDS: Mapping[Any, Callable[[str], str]] = {
    VatNumber: vat_number, OperatorId: operator_id, ClockTime: clock_time, DocumentDigest: document_digest,
    Minutes: minutes,
}
