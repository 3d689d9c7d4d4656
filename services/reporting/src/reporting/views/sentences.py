"""What a history says of a fact: one sentence, in Italian first, in English second."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from string import Formatter
from typing import Any

from reporting.views.fact import Fact
from reporting.views.wording import SENTENCES

PRIVATE = ("Fatto riservato", "Private fact")
COMMA = str.maketrans(",.", ".,")
UNKNOWN = ("Fatto sconosciuto a questa versione: {}", "A fact unknown to this version: {}")


@dataclass(frozen=True)
class Said:
    it: str
    en: str
    known: bool = True


class Wording:
    """Formats fields of a payload: `eur` cents as money, `h` hours, `pct` a ratio as per cent, `d` a date, `n` how many; else as text."""

    def __init__(self, italian: bool) -> None:
        self._italian = italian
        self._cached = lru_cache(maxsize=8192, typed=True)(self._filled)  # the same is said again and again, of many people

    def said(self, sentence: str, data: Mapping[str, Any]) -> str:
        """The sentence; where a field is missing or has another form, what comes before its colon."""
        try:
            return self._cached(sentence, *[data[name] for name in fields(sentence)])
        except TypeError:
            return self._filled(sentence, *[data[name] for name in fields(sentence)])
        except KeyError:
            return sentence.split(":")[0]

    def _filled(self, sentence: str, *values: Any) -> str:
        given = iter(values)
        try:
            return "".join(literal + (self._field(next(given), spec) if name else "") for literal, name, spec in parsed(sentence))
        except (ValueError, TypeError, InvalidOperation):
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
    name = fact.type.split(".", 1)[-1]
    if name == "Private.v1":
        return Said(*PRIVATE)
    if (sentence := SENTENCES.get(fact.type) or SENTENCES.get(f"*.{name}")) is None:
        return Said(UNKNOWN[0].format(fact.type), UNKNOWN[1].format(fact.type), known=False)
    data = fact.data or {}
    return Said(ITALIAN.said(sentence[0], data), ENGLISH.said(sentence[1], data))
