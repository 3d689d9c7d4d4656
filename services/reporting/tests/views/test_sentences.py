"""Every fact that a service speaks has a sentence, and a sentence names only what its contract has."""
from __future__ import annotations

import pytest
from pydantic import BaseModel

from contracts import assessment, intake, placement, reporting, stipend
from contracts.envelope import spoken
from contracts.log import LogReadmitted, SealTimestamped, TrailSealed
from reporting.views.sentences import ENGLISH, ITALIAN, parsed
from reporting.views.wording import SENTENCES

SPOKEN: dict[str, type[BaseModel]] = {
    **intake.SPOKEN, **assessment.SPOKEN, **placement.SPOKEN, **stipend.SPOKEN, **reporting.SPOKEN,
    **spoken("intake", TrailSealed, SealTimestamped, LogReadmitted)}


@pytest.mark.parametrize("kind", sorted(SPOKEN))
def test_a_spoken_fact_has_its_sentence_in_two_languages(kind: str) -> None:
    sentences = SENTENCES.get(kind) or SENTENCES[f"*.{kind.split('.', 1)[1]}"]
    for sentence in sentences:
        assert {name for _, name, _ in parsed(sentence) if name} <= set(SPOKEN[kind].model_fields)


def test_money_hours_and_dates_are_written_as_each_language_writes_them() -> None:
    data = {"cents": 336000, "hours": "7.50", "day": "2025-02-18", "ids": ["a", "b"]}
    assert ITALIAN.said("{cents:eur} {hours:h} {day:d} {ids:n}", data) == "3.360,00 € 7,5 18/02/2025 2"
    assert ENGLISH.said("{cents:eur} {hours:h} {day:d} {ids:n}", data) == "€3,360.00 7.5 2025-02-18 2"


@pytest.mark.parametrize("data", [{}, {"cents": None}, {"cents": "much"}, {"cents": []}])
def test_a_sentence_whose_field_is_missing_says_what_comes_before_the_colon(data: dict[str, object]) -> None:
    assert ITALIAN.said("Pagato: {cents:eur}", data) == "Pagato"
