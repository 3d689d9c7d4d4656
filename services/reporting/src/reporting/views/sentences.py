"""What a history says of a fact: one sentence, in Italian first, in English second."""
from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from string import Formatter
from typing import Any, NamedTuple

from reporting.views.fact import Fact
from reporting.views.wording import SENTENCES

PRIVATE = ("Fatto riservato", "Private fact")
COMMA = str.maketrans(",.", ".,")
UNKNOWN = ("Fatto sconosciuto a questa versione: {}", "A fact unknown to this version: {}")


class Said(NamedTuple):
    it: str
    en: str
    known: bool = True


class Wording:
    """Formats fields of a payload: `eur` cents as money, `h` hours, `pct` a ratio as per cent, `d` a date, `n` how many; else as text."""

    def __init__(self, italian: bool) -> None:
        self._italian = italian

    def said(self, sentence: str, data: Mapping[str, Any]) -> str:
        """The sentence; where a field is missing or has another form, what comes before its colon."""
        try:
            return "".join(literal + (self._field(data[name], spec) if name else "") for literal, name, spec in parsed(sentence))
        except (KeyError, ValueError, TypeError, InvalidOperation):
            return sentence.split(":")[0]

    def _field(self, value: Any, spec: str) -> str:
        match spec:
            case "eur":
                amount = f"{Decimal(value) / 100:,.2f}"
                return f"{self._comma(amount)} €" if self._italian else f"€{amount}"
            case "h":
                return self._comma(plain(Decimal(value)))
            case "pct":
                return self._comma(f"{Decimal(value) * 100:.2f}")
            case "d":
                return "/".join(reversed(str(value).split("-"))) if self._italian else str(value)
            case "n":
                return str(len(value))
        return ", ".join(map(str, value)) if isinstance(value, list) else str(value)

    def _comma(self, number: str) -> str:
        return number.translate(COMMA) if self._italian else number


@lru_cache(maxsize=1024)
def parsed(sentence: str) -> tuple[tuple[str, str, str], ...]:
    """Literal text, and the field and its form that follow it, if any."""
    return tuple((literal, name or "", spec or "") for literal, name, spec, _ in Formatter().parse(sentence))


@lru_cache(maxsize=1024)
def fields(sentence: str) -> tuple[str, ...]:
    return tuple(name for _, name, _ in parsed(sentence) if name)


def plain(number: Decimal) -> str:
    """Without trailing zeros: 72, 7.5."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


ITALIAN, ENGLISH = Wording(italian=True), Wording(italian=False)


def say(fact: Fact) -> Said:
    """The sentence of the fact's type; where a field is missing, what comes before its colon; of no known type, its name."""
    data = fact.data or {}
    try:
        return _again(fact.type, *[data[name] for name in sentences_of(fact.type)[1]])
    except (KeyError, TypeError):
        return _said(fact.type, data)


@lru_cache(maxsize=1024)
def sentences_of(kind: str) -> tuple[Said, tuple[str, ...]]:
    """The sentences of a type, and the fields that they name."""
    name = kind.split(".", 1)[-1]
    if name == "Private.v1":
        return Said(*PRIVATE), ()
    if (found := SENTENCES.get(kind) or SENTENCES.get(f"*.{name}")) is None:
        return Said(UNKNOWN[0].format(kind), UNKNOWN[1].format(kind), known=False), ()
    return Said(*found), tuple({name: None for sentence in found for name in fields(sentence)})


def _said(kind: str, data: Mapping[str, Any]) -> Said:
    (italian, english, known), names = sentences_of(kind)
    return Said(ITALIAN.said(italian, data), ENGLISH.said(english, data), known) if names else Said(italian, english, known)


@lru_cache(maxsize=8192, typed=True)
def _again(kind: str, *values: Any) -> Said:
    """The same is said again and again, of many people."""
    return _said(kind, dict(zip(sentences_of(kind)[1], values, strict=True)))
