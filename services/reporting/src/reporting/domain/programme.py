"""A programme (programma): activated with its whole configuration, which then changes by versions; policies never change."""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from chassis.decide import Refused, Today, refuse
from contracts.words import Configuration, Cup


@dataclass(frozen=True)
class ProgrammeActivated:
    programme_id: str
    title: str
    fund: str
    cup: str | None
    clp: str | None
    priority: str | None
    action: str | None
    start: date | None
    end: date | None
    config_version: int
    config: Configuration


@dataclass(frozen=True)
class ProgrammeConfigurationVersioned:
    programme_id: str
    title: str
    fund: str
    cup: str | None
    clp: str | None
    priority: str | None
    action: str | None
    start: date | None
    end: date | None
    config_version: int
    config: Configuration
    effective_from: date


Event = ProgrammeActivated | ProgrammeConfigurationVersioned


@dataclass(frozen=True)
class Programme:
    """`current`: what the latest version says. `windows`: since when each version is in force, its start and end; null means open."""

    current: ProgrammeActivated | None = None
    windows: tuple[tuple[date, date | None, date | None], ...] = ()
    programme_id: str | None = None

    def runs(self, on: date) -> bool:
        """By the version in force on that day: of those effective by then, the last that was said."""
        start, end = next(((start, end) for since, start, end in reversed(self.windows) if since <= on), (None, None))
        return (start or on) <= on <= (end or on)


def evolve(state: Programme, event: Event) -> Programme:
    since = event.effective_from if isinstance(event, ProgrammeConfigurationVersioned) else date.min
    return replace(state, current=_content(event), windows=(*state.windows, (since, event.start, event.end)),
                   programme_id=event.programme_id)


def activate_programme(state: Programme, *, programme_id: str, title: str, fund: str, config_version: int, config: Configuration,
                       cup: Cup | None = None, clp: str | None = None, priority: str | None = None, action: str | None = None,
                       start: date | None = None, end: date | None = None) -> list[Event]:
    """Activate a programme with its whole configuration (attivazione del programma)."""
    activated = ProgrammeActivated(programme_id, title, fund, cup, clp, priority, action, start, end, config_version, config)
    if state.current == activated:
        return []
    refuse(
        Refused("PROGRAMME_ALREADY_ACTIVE", "give the change as the next version of its configuration") if state.current else None,
        _backwards(activated),
        _without_version(activated, 0),
    )
    return [activated]


def version_configuration(state: Programme, *, programme_id: str, title: str, fund: str, config_version: int,
                          config: Configuration, cup: Cup | None = None, clp: str | None = None, priority: str | None = None,
                          action: str | None = None, start: date | None = None, end: date | None = None,
                          effective_from: date | None = None, today: Today) -> list[Event]:
    """Give a programme its next configuration (nuova versione della configurazione), in force from `effective_from`, else from today.

    What is in an earlier version of a policy stays: other rules are another policy, with an id of its own.
    """
    current = state.current
    if current is None:
        raise Refused("PROGRAMME_NOT_ACTIVE", "activate the programme first")
    given = ProgrammeActivated(programme_id, title, fund, cup, clp, priority, action, start, end, config_version, config)
    if given == current:
        return []
    refuse(
        _backwards(given),
        Refused("VERSION_IMMUTABLE", "the content differs from what this version said: raise config_version")
        if config_version == current.config_version else _without_version(given, current.config_version),
        *_rewritten(current.config, config),
    )
    return [ProgrammeConfigurationVersioned(programme_id, title, fund, cup, clp, priority, action, start, end, config_version,
                                            config, effective_from or today)]


def _content(event: Event) -> ProgrammeActivated:
    return ProgrammeActivated(event.programme_id, event.title, event.fund, event.cup, event.clp, event.priority, event.action,
                              event.start, event.end, event.config_version, event.config)


def _backwards(given: ProgrammeActivated) -> Refused | None:
    if given.start is None or given.end is None or given.end >= given.start:
        return None
    return Refused("PROGRAMME_ENDS_BEFORE_START", "a programme ends on or after the day it starts")


def _without_version(given: ProgrammeActivated, current: int) -> Refused | None:
    if given.config_version > current:
        return None
    return Refused("STALE_VERSION", f"config_version is greater than {current}")


def _rewritten(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterable[Refused]:
    now = {policy["policy_id"]: policy for policy in after["policies"]}
    for policy in before["policies"]:
        if now.get(policy["policy_id"]) != policy:
            yield Refused("POLICY_IMMUTABLE", "keep this policy as it is, and add one with another policy_id and valid_from",
                          about=policy["policy_id"])
