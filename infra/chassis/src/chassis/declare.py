"""What a service declares: its commands, what they may look at, what it hears, how it reacts, its deadlines."""
from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from chassis.decide import Actor, Heard
from chassis.kinds import Kind

if TYPE_CHECKING:
    from fastapi import APIRouter
    from pydantic import BaseModel

    from chassis.database import Tx
    from chassis.service import Service

Known = TypeVar("Known")
Decision = Callable[..., list[Any]]


class Ask(Protocol):
    """What a look, or a reaction, may ask before a decision. Everything it reads of this service is guarded by the append."""

    args: Mapping[str, Any]
    actor: Actor
    state: Any
    today: date

    def value(self, name: str) -> Any:
        """The argument of that name, else the attribute of the aggregate's state, else None."""
        ...

    def heard(self, about: str) -> list[Heard]:
        """The facts heard about an id (case, subject, aggregate, any `…_id` of a payload), in canonical order."""
        ...

    def known(self, about: str, start: Known, fold: Callable[[Known, Heard], Known], *, missing: str | None = None) -> Known:
        """What the facts heard about an id amount to. With none of them: `Refused(missing)`, if given."""
        ...

    def aggregate(self, kind: Kind, key: str) -> Any:
        """The state of another aggregate of this service; the append requires that it has not moved."""
        ...

    def owner(self, kind: str, key: str) -> str | None:
        """Who holds a claim of this tenant."""
        ...

    def mac(self, kind: str, value: str) -> str:
        """The keyed digest that stands for a personal value."""
        ...

    def reading(self) -> AbstractContextManager[Tx]:
        """Tables of the service's own that are only ever appended to: the append guards nothing that is read here."""
        ...


Look = Callable[[Ask], Any]


@dataclass(frozen=True)
class Command:
    """One decision, reached by HTTP at `route` by `by`, or by the service itself (`route` empty, `by` SYSTEM).

    The aggregate's id is the argument named `kind.key`. `parked`: refused while facts of the case are parked.
    """

    kind: Kind
    route: str
    decision: Decision
    by: tuple[str, ...]
    parked: bool = False
    also_refuses: tuple[str, ...] = ()


@dataclass(frozen=True)
class Do:
    """A command of this service, to be carried out: its decision and its arguments."""

    decision: Decision
    args: Mapping[str, Any]


@dataclass(frozen=True)
class Wait:
    """Nothing can be done yet: look again at each new fact of the case, or of one of these ids."""

    ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reaction:
    """What a fact sets off (process manager). `done_by`, `role`: the task for a person when it is refused.

    `from_beginning`: also for the facts that were there before their type was listed.
    """

    kind: str
    on: str
    react: Callable[[Heard, Ask], Do | Wait | None]
    done_by: str = ""
    role: str = "PARTNER_ADMIN"
    from_beginning: bool = False


@dataclass(frozen=True)
class Deadline:
    """A date or instant that an own event sets; at it (00:00 Rome of a date), a command. None: the event sets none."""

    kind: str
    on: type
    due: Callable[[Any], date | datetime | None]
    do: Callable[[Any], Do]


@dataclass(frozen=True)
class Declared:
    """A service, as data."""

    name: str
    kinds: tuple[Kind, ...]
    spoken: Mapping[str, type[BaseModel]]
    silent: tuple[type, ...] = ()
    commands: tuple[Command, ...] = ()
    looks: Mapping[Any, Look] = field(default_factory=dict)
    hears: tuple[str, ...] = ()
    reactions: tuple[Reaction, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    words: Mapping[Any, Callable[[str], str]] = field(default_factory=dict)
    codes: frozenset[str] = frozenset({"programme_id"})
    """Names ending in `_id` whose values are codes; all others are UUIDs."""
    backdating: Callable[[Ask, str], int | None] | None = None
    """How many days before today a fact of a programme may occur, at most, by a command's body; None: any."""
    routes: Callable[[Service], APIRouter] | None = None
    tables: tuple[str, ...] = ()
    """Tables of the service's own, made with the others; `{bytes}` and `{big}` stand for the dialect's types."""
    only_added: tuple[str, ...] = ()
    """Those of its tables of which nothing is ever changed or taken away: its role has no right to."""
    erases: str = ""
    """The type of fact, its own or another's, at which everything personal of its `subject` is destroyed. Heard by all processes first."""
    makes_tables: bool = False
    """Whether it makes tables while it runs, as reporting's rebuilds do: then its role may."""
    parts: Callable[[Service], Any] | None = None
    """More that runs with the service: reporting's archive and projector."""
