"""A kind of aggregate: its events, its state before anything happened, how an event changes it."""
from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from types import UnionType
from typing import Any, get_args

from chassis.decide import Actor, Release, Take

Mac = Callable[[str, str], str]
"""(kind, value) to the keyed digest that stands for a personal value in a claim."""


@dataclass(frozen=True)
class Kind:
    """`name` is spoken as the aggregate's type; `key` names the field that holds the aggregate's id in each of its events.

    `claims(event, mac)` gives the claims that an event takes or releases, if any; one whose key is a digest of what is personal of a
    subject belongs to that subject, and goes when the subject is erased. `speaker(event, actor)` who is said to have
    acted, where naming the actor's role or organisation would reveal what is sealed.
    """

    name: str
    key: str
    events: Any
    start: Callable[[], Any]
    evolve: Callable[[Any, Any], Any]
    claims: Callable[[Any, Mac], Iterable[Take | Release]] = lambda event, mac: ()
    speaker: Callable[[Any, Actor], Actor] = lambda event, actor: actor

    @cached_property
    def types(self) -> tuple[type, ...]:
        return get_args(self.events) if isinstance(self.events, UnionType) else (self.events,)
