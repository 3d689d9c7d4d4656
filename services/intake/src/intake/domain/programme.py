"""What intake knows of a programme, from what `reporting` said: when it runs, who may refer, who may enter."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from chassis.decide import Heard


@dataclass(frozen=True)
class Source:
    """A referral source (fonte di segnalazione). Where naming it would reveal something of the person, it is `sealed`."""

    kind: str
    org: str | None = None
    sealed: bool = False


@dataclass(frozen=True)
class Rules:
    """One version of a programme's configuration, as far as intake decides by it."""

    since: date = date.min
    rule_version: str = ""
    sources: Mapping[str, Source] = field(default_factory=dict)
    all_of: tuple[str, ...] = ()
    any_of: tuple[str, ...] = ()
    min_age: int = 16
    residence: tuple[str, ...] = ()
    max_months: Mapping[str, int] = field(default_factory=dict)
    quota_exempt: tuple[str, ...] = ()


@dataclass(frozen=True)
class Programme:
    """A programme (programma): its window and the versions of its rules, in the order in which they came."""

    start: date | None = None
    end: date | None = None
    activated: bool = False
    versions: tuple[Rules, ...] = ()

    def active(self, on: date) -> bool:
        """Whether it runs on that day; a null date means open (`domain.md` 13.4)."""
        return self.activated and (self.start is None or self.start <= on) and (self.end is None or on <= self.end)

    def rules(self, on: date) -> Rules:
        """The rules in force on that day: of those effective by then, the last that was said."""
        return next((rules for rules in reversed(self.versions) if rules.since <= on), Rules())


def fold(known: Programme, fact: Heard) -> Programme:
    match fact.type:
        case "reporting.ProgrammeActivated.v1":
            versions = (_rules(fact.data, date.min), *known.versions)
            return Programme(_day(fact.data.get("start")), _day(fact.data.get("end")), True, versions)
        case "reporting.ProgrammeConfigurationVersioned.v1":
            since = _day(fact.data.get("effective_from")) or fact.occurred
            return replace(known, versions=(*known.versions, _rules(fact.data, since)))
        case _:
            return known


def _day(said: Any) -> date | None:
    return date.fromisoformat(said) if said else None


def _rules(data: Mapping[str, Any], since: date) -> Rules:
    config = data.get("config") or {}
    gates = config.get("eligibility") or {}
    sources = {source["code"]: Source(source.get("kind", ""), source.get("org"), bool(source.get("sealed")))
               for source in config.get("sources", ())}
    policies: tuple[Mapping[str, Any], ...] = tuple(config.get("policies", ()))
    policy = max(policies, key=lambda policy: str(policy.get("valid_from", "")), default={})
    return Rules(since, gates.get("rule_version", ""), sources, tuple(gates.get("all_of", ())), tuple(gates.get("any_of", ())),
                 int(gates.get("min_age", 16)), tuple(gates.get("residence", ())),
                 dict((policy.get("duration") or {}).get("max_months", {})), tuple((policy.get("quota") or {}).get("exempt", ())))
