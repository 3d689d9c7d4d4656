"""What intake knows of a programme, from what `reporting` said: when it runs, who may refer, who may enter."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from chassis.decide import Heard

RETENTION_YEARS = 10
"""Where a programme says nothing: the ordinary term of the civil code (`domain.md` 4.5)."""


@dataclass(frozen=True)
class Source:
    """A referral source (fonte di segnalazione). Where naming it would reveal something of the person, it is `sealed`."""

    kind: str
    org: str | None = None
    sealed: bool = False


@dataclass(frozen=True)
class Policy:
    """What a policy grants to categories of persons, from a day on."""

    valid_from: date = date.min
    max_months: Mapping[str, int] = field(default_factory=dict)
    quota_exempt: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rules:
    """One version of a programme's configuration, in force from `since`, as far as intake decides by it. A null date means open."""

    since: date = date.min
    start: date | None = None
    end: date | None = None
    rule_version: str = ""
    sources: Mapping[str, Source] = field(default_factory=dict)
    all_of: tuple[str, ...] = ()
    any_of: tuple[str, ...] = ()
    min_age: int = 16
    residence: tuple[str, ...] = ()
    policies: tuple[Policy, ...] = ()
    retention_years: int = RETENTION_YEARS

    def policy(self, on: date) -> Policy:
        """The policy that applies on that day: of those valid by then, the youngest."""
        return max((one for one in self.policies if one.valid_from <= on), key=lambda one: one.valid_from, default=Policy())


@dataclass(frozen=True)
class Programme:
    """A programme (programma): the versions of its configuration, in the order in which they were said."""

    versions: tuple[Rules, ...] = ()

    def active(self, on: date) -> bool:
        """Whether it runs on that day, by the version in force then (`domain.md` 13.4)."""
        rules = self._in_force(on)
        return rules is not None and (rules.start or on) <= on <= (rules.end or on)

    def rules(self, on: date) -> Rules:
        """The version in force on that day: of those effective by then, the last that was said."""
        return self._in_force(on) or Rules()

    def _in_force(self, on: date) -> Rules | None:
        return next((rules for rules in reversed(self.versions) if rules.since <= on), None)


def fold(known: Programme, fact: Heard) -> Programme:
    match fact.type:
        case "reporting.ProgrammeActivated.v1":
            return Programme((_rules(fact.data, date.min), *known.versions))
        case "reporting.ProgrammeConfigurationVersioned.v1":
            since = _day(fact.data.get("effective_from")) or fact.occurred
            return Programme((*known.versions, _rules(fact.data, since)))
        case _:
            return known


def _day(said: Any) -> date | None:
    return date.fromisoformat(said) if said else None


def _rules(data: Mapping[str, Any], since: date) -> Rules:
    config = data.get("config") or {}
    gates = config.get("eligibility") or {}
    sources = {source["code"]: Source(source.get("kind", ""), source.get("org"), bool(source.get("sealed")))
               for source in config.get("sources", ())}
    return Rules(since, _day(data.get("start")), _day(data.get("end")), gates.get("rule_version", ""), sources,
                 tuple(gates.get("all_of", ())), tuple(gates.get("any_of", ())), int(gates.get("min_age", 16)),
                 tuple(gates.get("residence", ())), tuple(_policy(policy) for policy in config.get("policies", ())),
                 int((config.get("parameters") or {}).get("retention_years", RETENTION_YEARS)))


def _policy(policy: Mapping[str, Any]) -> Policy:
    return Policy(_day(policy.get("valid_from")) or date.min, dict((policy.get("duration") or {}).get("max_months", {})),
                  tuple((policy.get("quota") or {}).get("exempt", ())))
