"""What a domain file may import besides the standard library: a refusal, the marks of a field, the one who acts, what was heard."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any

__all__ = ["Actor", "Heard", "NewId", "OccurredOn", "Private", "Refused", "Release", "Take", "Task", "TaskRaised", "Today", "refuse"]


class Refused(Exception):
    """A rule said no.

    `code` is one of the refusal codes; `detail` says what is wrong and what to do next, without personal data; `about` is the
    part a code is refused for (`TEAM_QUORUM_MISSING:ORIENTATORE`); `also` are further refusals found at the same time.
    """

    def __init__(self, code: str, detail: str, *, about: str | None = None, also: tuple[Refused, ...] = ()) -> None:
        self.code = f"{code}:{about}" if about else code
        self.detail, self.also = detail, also
        super().__init__(f"{self.code}: {detail}")


def refuse(*found: Refused | None) -> None:
    """Raise the first of the refusals found, carrying the others; nothing if there is none. The order given is the answer's."""
    nos = tuple(no for no in found if no is not None)
    if nos:
        nos[0].also = nos[1:]
        raise nos[0]


@dataclass(frozen=True)
class Private:
    """Marks a field that is sealed and never leaves the service, and the purpose of its key: `Annotated[str, Private("bank")]`."""

    purpose: str


@dataclass(frozen=True)
class Mark:
    """Marks a decision's argument that the chassis fills: `minted` a fresh id, `occurred` the date the facts happened on, `today`."""

    what: str


NewId = Annotated[str, Mark("minted")]
"""An id that is made for the command, before the decision: a random UUID."""
OccurredOn = Annotated[date, Mark("occurred")]
"""A date of the body on which the facts occurred (Europe/Rome); never after today, never before the back-dating limit."""
Today = Annotated[date, Mark("today")]
"""Today in Rome."""


@dataclass(frozen=True)
class Actor:
    """Who acts: a pseudonymous operator id, one role code, an organisation code, the tenant."""

    user: str
    role: str
    org: str
    tenant: str


@dataclass(frozen=True)
class Heard:
    """A fact of another service (or of one's own), as it was heard. `data` is its payload: strings, integers, lists, mappings."""

    type: str
    id: str
    source: str
    aggregate: str
    occurred: date
    recorded: str
    case: str | None = None
    programme: str | None = None
    subject: str | None = None
    policyref: str | None = None
    actor: str = ""
    actorrole: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Take:
    """A claim taken with the events: `key` of `kind` belongs to `owner` until released. Two owners at once: one is refused."""

    kind: str
    key: str
    owner: str


@dataclass(frozen=True)
class Release:
    """A claim given back with the events."""

    kind: str
    key: str


@dataclass(frozen=True)
class TaskRaised:
    """Something a person has to do; open until a fact of type `done_by` is known of the same case."""

    task_id: str
    kind: str
    role: str
    due: date
    cause: str
    done_by: str
    case_id: str | None = None
    programme_id: str | None = None
    subject_id: str | None = None


@dataclass(frozen=True)
class Task:
    raised: bool = False
    case_id: str | None = None
    programme_id: str | None = None
    subject_id: str | None = None
