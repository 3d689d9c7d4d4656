"""No field of a contract looks like free text, or like who somebody is; what is public is a closed list."""
from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from contracts import log
from contracts.classes import FieldClass, Title
from contracts.envelope import Fact, Part

SERVICES = ("intake", "assessment", "placement", "stipend", "reporting")
FORBIDDEN = re.compile(
    r"(.*_)?(names?|surname|(tax|fiscal)_code|vat(_number)?|iban|bic|holder|notes?|texts?|title|description|comments?|rationale|"
    r"motivation|wish(es)?|topics|findings|answers?|score_of|address|street|residence|municipality|birth(_date|_place)?|born.*|"
    r"phone|e?mail|contact|citizenship|nationality|ethnicity|religion|minority|disability|diagnosis|health.*|judicial.*|offence|"
    r"protocol(_no)?|certificate(_no)?|signatory)(_.*)?")
ALLOWED = {
    "Eligibility.residence": "the municipalities that a programme is for, by ISTAT code",
    "Parameters.iban_cooling_days": "a number of days",
    "Criterion.name": "the code of a criterion of matching",
    "BankDetailsRegistered.holder_role": "a code: PARTICIPANT, GUARDIAN",
}
PUBLIC = {
    "HostRegistered.body_name", "CommitmentRegistered.act_no", "StipendApproved.act_no", "PaymentOrderIssued.mandate_no",
    "PaymentReissued.mandate_no", "ProgrammeActivated.title", "ProgrammeConfigurationVersioned.title", "Indicator.title_it",
    "Indicator.title_en",
}
"""The closed list of `design.md` 8; the reason of each is in its class."""
CLASSES = {"id", "code", "number", "money", "date", "instant", "flag", "digest", "public"}


def spoken() -> Iterator[type[BaseModel]]:
    for service in SERVICES:
        yield from importlib.import_module(f"contracts.{service}").SPOKEN.values()
    yield from (log.TrailSealed, log.SealTimestamped, log.LogReadmitted)


def fields(model: type[BaseModel]) -> Iterator[tuple[str, list[FieldClass]]]:
    """Every field of a contract and of its parts, with the classes of its leaves."""
    for name, field in model.model_fields.items():
        inner = list(_inside(field.annotation))
        yield f"{model.__name__}.{name}", [mark for mark in (*field.metadata, *inner) if isinstance(mark, FieldClass)]
        for part in inner:
            if isinstance(part, type) and issubclass(part, BaseModel):
                yield from fields(part)


def _inside(hint: Any) -> Iterator[Any]:
    """An annotation's marks and all that it is made of."""
    yield from (hint, *getattr(hint, "__metadata__", ()))
    for part in get_args(hint):
        yield from _inside(part)


def personal(model: type[BaseModel]) -> list[str]:
    """The fields whose names look like free text or personal data, and that are not public."""
    return sorted({at for at, classes in fields(model) if FORBIDDEN.fullmatch(at.partition(".")[2])
                   and not any(mark.name == "public" for mark in classes)})


def test_no_field_looks_like_free_text_or_personal_data() -> None:
    assert sorted({at for model in spoken() for at in personal(model)}) == sorted(ALLOWED)


def test_a_field_that_does_is_found_wherever_it_is() -> None:
    class Inner(Part):
        tax_code: str
        reason_text: str
        reason_code: str

    class Planted(Fact):
        inner: list[Inner] | None = None
        birth_date: str
        title: Title

    assert personal(Planted) == ["Inner.reason_text", "Inner.tax_code", "Planted.birth_date"]


@pytest.mark.parametrize("name", [
    "name", "given_name", "family_name", "tax_code", "vat_number", "iban", "note", "text", "reason_text", "address", "birth_date",
    "phone", "email", "protocol_no", "certificate_no", "health_category"])
def test_these_names_are_forbidden(name: str) -> None:
    assert FORBIDDEN.fullmatch(name)


def test_what_is_public_is_the_closed_list_and_says_why() -> None:
    found = {at: mark for model in spoken() for at, classes in fields(model) for mark in classes if mark.name == "public"}
    assert set(found) == PUBLIC
    assert all(mark.reason for mark in found.values())


def test_every_class_is_one_of_the_known() -> None:
    assert {mark.name for model in spoken() for _, classes in fields(model) for mark in classes} <= CLASSES
