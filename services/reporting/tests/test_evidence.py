"""That a bundle was taken out of the house is put on record, once, with what it rests on."""
from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from chassis.decide import Refused
from reporting.domain.evidence import Archived, AuditEvidenceExported, Export, Sha256, TrailEnd, evolve, export_evidence
from reporting.domain.programme import Configuration, Programme, ProgrammeActivated

ROOT = Sha256("ab" * 32)
BASIS = (TrailEnd("stipend", 1, 63, Sha256("cd" * 32), "002"), TrailEnd("stipend", 1, 4, Sha256("ef" * 32)))
OTHER = TrailEnd("stipend", 1, 5, Sha256("ab" * 32), "003")
ACTIVE = Programme(ProgrammeActivated("002", "Bari", "PN", None, None, None, None, None, None, 1, Configuration({})))
EXPORTED = AuditEvidenceExported("e1", "002", None, None, 312, ROOT, BASIS)


def exported(state: Export = Export(), programme: Programme = ACTIVE, **given: Any) -> list[Any]:  # noqa: B008 (frozen)
    said: dict[str, Any] = {"root_hash": ROOT, "facts": 312, "basis": BASIS, "archived": Archived(frozenset(BASIS)), **given}
    return export_evidence(state, export_id="e1", programme_id="002", programme=programme, **said)


def test_an_export_names_its_root_hash_and_the_heads_it_rests_on() -> None:
    assert exported() == [EXPORTED]


def test_an_export_of_a_period_names_its_days() -> None:
    since, until = date(2025, 2, 1), date(2025, 2, 28)
    assert exported(since=since, until=until) == [replace(EXPORTED, since=since, until=until)]


def test_the_same_export_said_again_changes_nothing() -> None:
    assert exported(evolve(Export(), EXPORTED)) == []


@pytest.mark.parametrize(("code", "given"), [
    ("ALREADY_EXPORTED", {"state": evolve(Export(), EXPORTED), "root_hash": Sha256("00" * 32)}),
    ("PROGRAMME_NOT_ACTIVE", {"programme": Programme()}),
    ("EVIDENCE_EMPTY", {"basis": ()}),
    ("EVIDENCE_EMPTY", {"facts": 0}),
    ("PERIOD_INVALID", {"since": date(2025, 2, 2), "until": date(2025, 2, 1)}),
    ("BASIS_AMBIGUOUS", {"basis": (*BASIS, replace(BASIS[0], number=62))}),
    ("BASIS_AMBIGUOUS", {"basis": (*BASIS, BASIS[1])}),
    ("BASIS_NOT_HELD", {"archived": Archived(frozenset(BASIS[:1]))}),
    ("BASIS_NOT_HELD", {"basis": (OTHER,), "archived": Archived(frozenset([OTHER]))}),
])
def test_an_export_that_proves_nothing_is_refused(code: str, given: dict[str, Any]) -> None:
    with pytest.raises(Refused) as no:
        exported(**given)
    assert no.value.code == code
