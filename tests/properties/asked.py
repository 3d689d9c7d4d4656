"""The five services as declared, and what a decision may ask of one: whatever was heard, whatever its aggregates have become."""
from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import date, timedelta
from functools import cache, cached_property, reduce
from typing import Any, TypeVar

from hypothesis import strategies as st

import assessment.service
import contracts.assessment
import contracts.intake
import contracts.placement
import contracts.reporting
import contracts.stipend
import intake.service
import placement.service
import reporting.service
import stipend.service
from chassis.database import Database, Tx, open_database
from chassis.decide import Actor, Heard, Refused
from chassis.declare import Command, Declared
from chassis.kinds import Kind
from chassis.record import ERASED, Codec, private_fields
from chassis.schema import migrate
from chassis.signature import arguments
from chassis.vault import Vault
from properties import made

DECLARED: Mapping[str, Declared] = {d.name: d for d in (
    intake.service.DECLARED, assessment.service.DECLARED, placement.service.DECLARED, stipend.service.DECLARED, reporting.service.DECLARED)}
SPOKEN = {**contracts.intake.SPOKEN, **contracts.assessment.SPOKEN, **contracts.placement.SPOKEN, **contracts.stipend.SPOKEN,
          **contracts.reporting.SPOKEN}
KINDS = {f"{d.name}/{kind.name}": kind for d in DECLARED.values() for kind in d.kinds}
ACTOR = Actor("op-1", "CASE_MANAGER", "comune", "bari")
TODAY = date(2025, 4, 14)
MINTED = "00000000-0000-4000-8000-00000000000f"
Known = TypeVar("Known")


@cache
def events(kind: Kind) -> st.SearchStrategy[list[Any]]:
    return st.lists(st.one_of(*(made.built(event) for event in kind.types)), max_size=8)


@st.composite
def histories(draw: st.DrawFn, kind: Kind) -> list[Any]:
    """Events of a kind in any order; of some purposes the key is destroyed."""
    happened = draw(events(kind))
    purposes = sorted({purpose for event in happened for purpose in private_fields(type(event)).values()})
    gone = draw(st.sets(st.sampled_from(purposes))) if purposes else set()
    return [erased(event, gone) for event in happened]


def erased(event: Any, gone: set[str]) -> Any:
    """The event as the loader gives it, once these keys are destroyed."""
    private = private_fields(type(event))
    return type(event)(**{name: ERASED if private.get(name) in gone else value for name, value in vars(event).items()})


def state(kind: Kind) -> st.SearchStrategy[Any]:
    return histories(kind).map(lambda happened: reduce(kind.evolve, happened, kind.start()))


def facts(names: tuple[str, ...], most: int = 4) -> st.SearchStrategy[list[Heard]]:
    """Facts of these types with any payload that their contracts allow, in canonical order."""
    return st.lists(st.sampled_from(names).flatmap(fact), max_size=most).map(
        lambda some: sorted(some, key=lambda f: (f.occurred, f.recorded, f.source)))


@cache
def fact(name: str) -> st.SearchStrategy[Heard]:
    ids, data = st.sampled_from(made.IDS), made.said(SPOKEN[name]) if name in SPOKEN else st.just({})
    return st.builds(
        Heard, st.just(name), st.uuids().map(str), st.just(name.partition(".")[0]), ids, st.dates(date(2024, 1, 1), TODAY),
        st.integers(0, 59).map("2025-04-14T08:00:{:02d}.000000Z".format), st.none() | ids,
        st.none() | st.sampled_from(made.PROGRAMMES), st.none() | ids, st.none() | st.sampled_from(made.codes()),
        st.just("op-1"), st.just("CASE_MANAGER"), data)


class Asked:
    """An `Ask` that answers anything, and the same again when asked again."""

    def __init__(self, draw: Callable[[st.SearchStrategy[Any]], Any], declared: Declared, args: Mapping[str, Any], state: Any,
                 kind: Kind | None = None) -> None:
        self._draw, self._declared, self.args, self.state, self.today = draw, declared, args, state, TODAY
        self.actor = ACTOR
        self._states = {(kind.name, args[kind.key]): state} if kind else {}
        self._owners: dict[tuple[str, str], str | None] = {}

    def value(self, name: str) -> Any:
        found = self.args.get(name)
        return found if found is not None else getattr(self.state, name, None)

    @cached_property
    def _facts(self) -> list[Heard]:
        return self._draw(facts(self._declared.hears)) if self._declared.hears else []

    def heard(self, about: str) -> list[Heard]:
        return self._facts

    def known(self, about: str, start: Known, fold: Callable[[Known, Heard], Known], *, missing: str | None = None) -> Known:
        if not self._facts and missing:
            raise Refused(missing, "not heard")
        return reduce(fold, self._facts, start)

    def aggregate(self, kind: Kind, key: str) -> Any:
        if (kind.name, key) not in self._states:
            self._states[kind.name, key] = self._draw(state(kind))
        return self._states[kind.name, key]

    def owner(self, kind: str, key: str) -> str | None:
        if (kind, key) not in self._owners:
            self._owners[kind, key] = self._draw(st.none() | st.sampled_from(made.IDS)) if len(self._owners) < 6 else None
        return self._owners[kind, key]

    def mac(self, kind: str, value: str) -> str:
        return "m" * 64

    def reading(self) -> AbstractContextManager[Tx]:
        """Tables in which nothing is."""
        return tables_of(self._declared.name).reading()


def given(declared: Declared, command: Command) -> st.SearchStrategy[dict[str, Any]]:
    """What a caller gives, and what is minted: any value that the web layer would let through."""
    asks = [a for a in arguments(command.decision, declared.looks) if a.fills in ("body", "occurred", "minted")]
    return st.fixed_dictionaries({a.name: _argument(a.hint, a.name, a.fills) for a in asks})


def _argument(hint: Any, name: str, fills: str) -> st.SearchStrategy[Any]:
    if fills == "minted":
        return st.just(MINTED)
    return st.dates(TODAY - timedelta(days=400), TODAY) if fills == "occurred" else made.of(hint, name)


def decide(declared: Declared, command: Command, ask: Asked) -> list[Any]:
    """The decision, its arguments filled as the executor does."""
    fills: dict[str, Callable[[Any], Any]] = {
        "actor": lambda a: ask.actor, "today": lambda a: ask.today, "look": lambda a: declared.looks[a.hint](ask)}
    filled = {a.name: fills[a.fills](a) if a.fills in fills else ask.args.get(a.name, a.default)
              for a in arguments(command.decision, declared.looks)}
    return command.decision(ask.state, **filled)


@cache
def tables_of(service: str) -> Database:
    database = open_database("sqlite://", service=service)
    migrate(database, DECLARED[service].tables)
    return database


@cache
def codec_of(service: str) -> Codec:
    declared = DECLARED[service]
    return Codec(service, declared.kinds, declared.spoken, declared.silent, Vault(tables_of(service), b"m" * 32))
