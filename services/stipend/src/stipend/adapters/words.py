"""The forms that are checked before a decision: each gives the value as it is kept, or refuses it (`domain.md` 7)."""
from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from stdnum import iban as international

from chassis.decide import Refused
from contracts.words import Cup, Iban, holds_tax_code
from stipend.domain.forms import AccountingCode, ActNo, Digest, Reference

SEPA = frozenset(re.findall(
    "..", "ADALATBEBGCHCYCZDEDKEEESFIFRGBGIGRHRHUIEISITLILTLULVMCMDMEMKMTNLNOPLPTRORSSESISKSMVA"))
ITALIAN = re.compile(r"IT\d{2}([A-Z])(\d{10}[0-9A-Z]{12})")
ODD = dict(zip("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", (
    1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23),
    strict=True))
EVEN = {c: int(c, 36) - (10 if c.isalpha() else 0) for c in ODD}
CUP = re.compile(r"[A-Z][0-9]{2}[A-Z][0-9]{11}")
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:@/+-]{0,79}")
REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:@-]{0,34}")
ACT_NUMBER = re.compile(r"[A-Za-z0-9]+(?:[ /._-]{1,2}[A-Za-z0-9]+)*")
LETTERS = re.compile(r"[A-Za-z]+")
ADMINISTRATIVE = frozenset((
    "AMBITO", "ANNO", "AREA", "ATTO", "COMUNALE", "COMUNE", "CONSIGLIO", "DECRETO", "DEL", "DELIBERA", "DELIBERAZIONE", "DET", "DETERMINA",
    "DETERMINAZIONE", "DIR", "DIRIGENZIALE", "GEN", "GENERALE", "GIUNTA", "IMPEGNO", "LIQ", "LIQUIDAZIONE", "MANDATO", "NUMERO",
    "ORDINANZA", "ORDINATIVO", "PROT", "PROTOCOLLO", "REG", "REGIONALE", "REGIONE", "REGISTRO", "SERVIZIO", "SETTORE", "UFFICIO"))
"""Words of administration, of which the number of an act may hold as many as it likes."""
ABBREVIATION, ABBREVIATIONS = 4, 6
"""Letters of one other word, and of those that follow one another: fewer than most full names have."""
DIGEST = re.compile(r"[0-9a-f]{64}")


def national_check(bban: str) -> str:
    """The check character (CIN) of ABI, CAB and account: the odd positions weighted as in a tax code."""
    return chr(65 + sum((ODD if place % 2 == 0 else EVEN)[c] for place, c in enumerate(bban)) % 26)


def iban(value: str) -> str:
    """An IBAN of a SEPA country without spaces, in capitals; an Italian one with its CIN."""
    plain = "".join(value.split()).upper()
    italian = ITALIAN.fullmatch(plain) if plain.isascii() else None
    if plain[:2] not in SEPA or not international.is_valid(plain) or (plain[:2] == "IT" and italian is None):
        raise Refused("IBAN_INVALID", "this is not an IBAN of the SEPA area: country, length or check digits are wrong")
    if italian and national_check(italian[2]) != italian[1]:
        raise Refused("IBAN_INVALID", "the IBAN's national check character (CIN) is wrong")
    return plain


def cup(value: str) -> str:
    return _formed(CUP, value.strip().upper(), "a CUP is a letter, two digits, a letter and eleven digits")


def act_no(value: str) -> str:
    """The number of an act is spoken, and published: nothing that could be a person's name or tax code is taken for one."""
    plain = value.strip()
    if len(plain) > 60 or not ACT_NUMBER.fullmatch(plain) or not any(c.isdigit() for c in plain):
        raise Refused("INPUT_INVALID", "the number of an act has a digit, letters joined by space / . - _ and at most 60 characters")
    if holds_tax_code(plain) or _could_name(plain.upper()):
        raise Refused("INPUT_INVALID", "the number of an act is published: give its number and abbreviations, no person's name or tax code")
    return plain


def _could_name(plain: str) -> bool:
    """Whether letters between two numbers are more than words of administration and short abbreviations."""
    for between in re.split(r"[0-9]+", plain):
        words = [word for word in LETTERS.findall(between) if word not in ADMINISTRATIVE]
        if any(len(word) > ABBREVIATION for word in words) or sum(map(len, words)) > ABBREVIATIONS:
            return True
    return False


def reference(value: str) -> str:
    return _formed(REFERENCE, value, "a reference has letters, digits and _ . : @ - only, and at most 35 of them")


def accounting_code(value: str) -> str:
    return _formed(CODE, value, "a code has letters, digits and _ . : @ / + - only, and at most 80 of them")


def digest(value: str) -> str:
    return _formed(DIGEST, value, "a digest is 64 lower-case hexadecimal digits")


def _formed(form: re.Pattern[str], value: str, why: str) -> str:
    if not form.fullmatch(value):
        raise Refused("INPUT_INVALID", why)
    return value


WORDS: Mapping[Any, Callable[[str], str]] = {
    Iban: iban, Cup: cup, ActNo: act_no, Reference: reference, AccountingCode: accounting_code, Digest: digest,
}
