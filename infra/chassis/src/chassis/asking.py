"""What looks and reactions ask before a decision; what is read of the own service is remembered, so that the append can guard it."""
from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import date
from functools import reduce
from typing import TYPE_CHECKING, Any, TypeVar

from chassis.commit import owners
from chassis.database import Tx
from chassis.decide import Actor, Heard, Refused
from chassis.kinds import Kind
from chassis.loader import Loaded, stream_of

if TYPE_CHECKING:
    from chassis.execute import Executor

Known = TypeVar("Known")
NOT_YET = "{what} is not known here yet: if it exists, its facts are on their way; try again shortly"


class Asking:
    """One command's questions. `loaded` and `owned` are what it read: streams with their versions, claims with their owners.

    `anew`: every aggregate is read from the log. Else what is kept of it will do: `recalled` says that it did, `unjudged` that this
    was found out to be too little. `tried`: how often the command was decided before. `after`: what it read, as it is once its append
    has passed. `erasures`: how many this process knew of when it began to read.
    """

    def __init__(self, executor: Executor, args: Mapping[str, Any], actor: Actor, state: Any, today: date, anew: bool = True,
                 tried: int = 0) -> None:
        self.args, self.actor, self.state, self.today, self.tried = args, actor, state, today, tried
        self._executor, self._anew = executor, anew
        self.recalled = self.unjudged = False
        self.erasures = executor.codec.vault.erasures
        self.loaded: dict[str, Loaded] = {}
        self.after: dict[str, Loaded] = {}
        self.owned: dict[tuple[str, str, str], str | None] = {}

    def value(self, name: str) -> Any:
        found = self.args.get(name)
        return found if found is not None else getattr(self.state, name, None)

    def heard(self, about: str) -> list[Heard]:
        return self._executor.heard_about(self.actor.tenant, about)

    def known(self, about: str, start: Known, fold: Callable[[Known, Heard], Known], *, missing: str | None = None) -> Known:
        facts = self.heard(about) if about else []
        if not facts and missing:
            raise Refused(missing, NOT_YET.format(what=f"'{about}'"))
        return reduce(fold, facts, start)

    def aggregate(self, kind: Kind, key: str) -> Any:
        stream = stream_of(self.actor.tenant, kind, key)
        if stream not in self.loaded:
            self.loaded[stream] = self.recall(stream) or self._executor.loader.load_now(kind, stream)
        return self.loaded[stream][0]

    def recall(self, stream: str) -> Loaded | None:
        found = None if self._anew else self._executor.loader.recall(stream)
        self.recalled = self.recalled or found is not None
        return found

    def owner(self, kind: str, key: str) -> str | None:
        at = (self.actor.tenant, kind, key)
        if at not in self.owned:
            with self._executor.log.database.reading() as tx:
                self.owned[at] = owners(tx, {at}).get(at)
        return self.owned[at]

    def mac(self, kind: str, value: str) -> str:
        return self._executor.codec.vault.mac(kind, value)

    def reading(self) -> AbstractContextManager[Tx]:
        return self._executor.log.database.reading()
