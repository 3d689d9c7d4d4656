"""Load, decide, append: the one path by which anything is ever stored."""
from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

import orjson

from chassis import erasure
from chassis.asking import Asking
from chassis.clock import rome_date
from chassis.decide import Actor, Heard, Refused
from chassis.declare import Command, Decision, Declared
from chassis.erasure import Erased
from chassis.errors import Busy, Halted, KeyReused, StoreAway
from chassis.identity import event_id, fresh
from chassis.judge import Verdict
from chassis.loader import Loaded, Loader, stream_of
from chassis.log import Append, Log, NewEvent
from chassis.record import About, Codec
from chassis.signature import Argument, arguments
from chassis.writer import Writer

TRIES = 50
LOOKS_AGAIN = 20
"""How often, a quarter of a second apart, the command log is asked after an append whose answer was lost."""


@dataclass(frozen=True)
class Call:
    """One command as it was called. `id` is scoped by tenant, caller and operation; `digest` is of what was asked."""

    id: str
    digest: bytes
    correlation: str
    causation: str | None = None
    occurred: date | None = None
    kept: bool = False
    """Whether its answer is kept though nothing came of it: so that it is answered the same when it is sent again."""


@dataclass(frozen=True)
class Answer:
    """What a command answers, and answers again: ids and codes only. `events` are (id, type) in order."""

    kind: str
    id: str
    version: int
    events: tuple[tuple[str, str], ...] = ()
    ids: Mapping[str, str] | None = None

    def to_json(self) -> bytes:
        return orjson.dumps([self.kind, self.id, self.version, self.events, self.ids or {}])

    @staticmethod
    def from_json(stored: bytes) -> Answer:
        kind, key, version, events, ids = orjson.loads(stored)
        return Answer(kind, key, version, tuple((i, t) for i, t in events), ids)


class Executor:
    """Carries out the commands of one service. `parked` and `heard_about` are the hearing's; `halted` says why nothing is taken."""

    def __init__(self, declared: Declared, log: Log, codec: Codec, writer: Writer, loader: Loader, now: Callable[[], datetime]) -> None:
        self.declared, self.log, self.codec, self.writer, self.loader, self.now = declared, log, codec, writer, loader, now
        self.halted: str | None = None
        self.heard_about: Callable[[str, str], list[Heard]] = lambda tenant, about: []
        self.parked: Callable[[str, Sequence[str]], str | None] = lambda tenant, ids: None
        self._readers = ThreadPoolExecutor(4, "looks")
        self._arguments = {c.decision: arguments(c.decision, declared.looks) for c in declared.commands}
        self._commands = {c.decision: c for c in declared.commands}

    def by_decision(self, decision: Decision) -> Command:
        return self._commands[decision]

    def halt(self, reason: str | None) -> None:
        """Refuse every command from now on, saying why; None lifts it."""
        self.halted = reason

    def asking(self, actor: Actor) -> Asking:
        """The questions of a reaction, before it is known what it does, or of one who reads: of nobody who is erased by now."""
        self.codec.vault.look()
        return Asking(self, {}, actor, None, self.today())

    def today(self) -> date:
        return rome_date(self.now())

    def close(self) -> None:
        self._readers.shutdown()
        self.loader.close()
        self.writer.close()

    async def carry_out(self, command: Command, args: Mapping[str, Any], actor: Actor, call: Call) -> Answer:
        """Carry out a command at most once. `Refused`, `KeyReused`, `Busy`, `StoreAway`, `Halted`, `UnknownStored`, `TooLarge`."""
        if self.halted:
            raise Halted(self.halted)
        asks = self._arguments[command.decision]
        given = {**args, **{a.name: fresh() for a in asks if a.fills == "minted" and a.name not in args}}
        anew = False
        for tried in range(TRIES):
            ask = Asking(self, given, actor, None, self.today(), anew, tried)
            if (answer := await self._tried(command, asks, ask, call)) is not None:
                return answer
            anew = ask.unjudged
        raise Busy("the aggregate keeps changing")

    async def _tried(self, command: Command, asks: tuple[Argument, ...], ask: Asking, call: Call) -> Answer | None:
        """The answer. None where it is to be decided again: what was read has moved, or was recalled and no append can judge it."""
        try:
            prepared: Append | Answer | Refused = await self._prepared(command, asks, ask, call)
        except Refused as no:
            prepared = no
        if isinstance(prepared, Append):
            return await self._stored(prepared, ask, call)
        if ask.recalled:
            ask.unjudged = True
            self.loader.forget(ask.loaded)
            return None
        if (before := await self._answered(call)) is not None:
            return before
        if isinstance(prepared, Refused):
            raise prepared
        return prepared

    async def _stored(self, append: Append, ask: Asking, call: Call) -> Answer | None:
        verdict, answer = await self._append(append, call)
        if append.erases:
            await asyncio.to_thread(self.codec.vault.look)
        if verdict is Verdict.PASSED and ask.erasures == self.codec.vault.erasures:
            self.loader.keep(ask.after)
        else:
            self.loader.forget(ask.loaded)
        if verdict is Verdict.REUSED:
            raise KeyReused
        if verdict is Verdict.ERASED:
            raise erasure.refused()
        return None if verdict is Verdict.MOVED else Answer.from_json(answer)

    async def _prepared(self, command: Command, asks: tuple[Argument, ...], ask: Asking, call: Call) -> Append | Answer:
        stream = stream_of(ask.actor.tenant, command.kind, ask.args[command.kind.key])
        own = ask.loaded[stream] = ask.recall(stream) or await self.loader.load(command.kind, stream)
        ask.state = own[0]
        occurred = call.occurred or self._occurred(asks, ask)
        looks_back = self.declared.backdating and call.occurred is None and occurred < ask.today
        if command.parked or looks_back or any(a.fills == "look" for a in asks):
            return await asyncio.get_running_loop().run_in_executor(
                self._readers, self._decide, command, asks, ask, stream, call, occurred)
        return self._decide(command, asks, ask, stream, call, occurred)

    def _decide(self, command: Command, asks: tuple[Argument, ...], ask: Asking, stream: str, call: Call,
                occurred: date) -> Append | Answer:
        filled = {a.name: self._fill(a, ask) for a in asks}
        if command.parked and (why := self.parked(ask.actor.tenant, _ids(ask))):
            raise Refused("CASE_PARKED", f"facts about this are set aside and wait for an operator: {why}")
        events = command.decision(ask.state, **filled)
        if not events:
            state, version = ask.loaded[stream]
            answer = Answer(command.kind.name, ask.value(command.kind.key), version, (), _named_ids(state))
            ask.after = dict(ask.loaded)
            return Append(call.id, call.digest, answer.to_json(), versions={name: at for name, (_, at) in ask.loaded.items()},
                          owners=ask.owned, tried=ask.tried) if call.kept else answer
        append = self._appended(command, ask, stream, call, occurred, events)
        if call.occurred is None and occurred < ask.today:
            self._not_too_old(ask, occurred)
        return append

    def _not_too_old(self, ask: Asking, occurred: date) -> None:
        """What a person reports may lie as far back as the programme lets it; what follows from a fact occurs with its cause."""
        within = self.declared.backdating
        for programme in {getattr(state, "programme_id", None) for state, _ in ask.after.values()} if within else ():
            days = within(ask, programme) if within and programme else None
            if days is not None and occurred < ask.today - timedelta(days):
                raise Refused("DATE_TOO_FAR_BACK", f"{occurred} is more than {days} days before today, {ask.today}: "
                              "the programme's backdate_limit_days")

    def _occurred(self, asks: tuple[Argument, ...], ask: Asking) -> date:
        """The date of the body on which the facts occurred, else today; never after today."""
        given: date = next((ask.args[a.name] for a in asks if a.fills == "occurred" and a.name in ask.args), ask.today)
        if given > ask.today:
            raise Refused("DATE_IN_THE_FUTURE", f"{given} is after today, {ask.today}: facts are recorded once they have occurred")
        return given

    def _fill(self, argument: Argument, ask: Asking) -> Any:
        match argument.fills:
            case "actor":
                return ask.actor
            case "today":
                return ask.today
            case "look":
                return self.declared.looks[argument.hint](ask)
        return ask.args.get(argument.name, argument.default)

    def _appended(self, command: Command, ask: Asking, stream: str, call: Call, occurred: date, events: Sequence[Any]) -> Append:
        tenant, now = ask.actor.tenant, self.now()
        states, new, said, claims = dict(ask.loaded), [], [], []
        sealed_for: set[Erased] = set()
        erases: dict[Erased, str] = {}
        for event in events:
            kind = self.codec.by_type[type(event)].kind
            to = stream_of(tenant, kind, getattr(event, kind.key))
            state, version = states.get(to) or (kind.start(), 0)
            state = kind.evolve(state, event)
            states[to] = (state, version + 1)
            about = About(event_id(now), tenant, getattr(event, kind.key), version + 1, occurred.isoformat(),
                          kind.speaker(event, ask.actor), call.correlation, call.causation,
                          *(getattr(state, n, None) for n in ("case_id", "programme_id", "subject_id")))
            written = self.codec.write(event, about)
            new.append(NewEvent(to, version + 1, written.name, written.parts, written.stamp))
            said.append((about.id, written.type))
            if written.parts.sealed and written.subject:
                sealed_for.add((tenant, written.subject))
            if written.type == self.declared.erases:
                erases[tenant, written.subject] = about.id
            claims += [(tenant, claim) for claim in kind.claims(event, self.codec.vault.mac)]
        answer = Answer(command.kind.name, getattr(events[0], command.kind.key, ask.value(command.kind.key)), states[stream][1],
                        tuple(said), _named_ids(states[stream][0]))
        ask.after = states
        read = {name: loaded[1] for name, loaded in ask.loaded.items()} | {
            e.stream: 0 for e in new if e.stream not in ask.loaded}
        return Append(call.id, call.digest, answer.to_json(), new, read, ask.owned, claims, frozenset(sealed_for), erases, ask.tried)

    async def _append(self, append: Append, call: Call) -> tuple[Verdict, bytes]:
        """Append; where the answer to COMMIT was lost, the command log says what became of it."""
        try:
            return await self.writer.append(append)
        except StoreAway:
            self.loader.forget_all()  # what comes back may be an older backup
            for _ in range(LOOKS_AGAIN):
                try:
                    before = await self._answered(call)
                except StoreAway:
                    await asyncio.sleep(0.25)
                    continue
                return (Verdict.REPEATED, before.to_json()) if before else (Verdict.MOVED, b"")
            raise

    async def _answered(self, call: Call) -> Answer | None:
        """The answer this command id had before, if any. `KeyReused` if it came with another request."""
        stored = await asyncio.get_running_loop().run_in_executor(self._readers, self._stored_answer, call.id)
        if stored is None:
            return None
        if stored[0] != call.digest:
            raise KeyReused
        return Answer.from_json(stored[1])

    def _stored_answer(self, command_id: str) -> tuple[bytes, bytes] | None:
        with self.log.database.reading() as tx:
            rows = tx.execute("SELECT digest, answer FROM command_log WHERE id = %s", (command_id,))
        return (bytes(rows[0]["digest"]), bytes(rows[0]["answer"])) if rows else None


def _ids(ask: Asking) -> list[str]:
    """Every id that the command names, or an aggregate it read."""
    named = {value for name, value in ask.args.items() if name.endswith("_id") and isinstance(value, str)}
    return sorted(named.union(*(_named_ids(state).values() for state, _ in ask.loaded.values())))


def _named_ids(state: Any) -> dict[str, str]:
    found = {name: getattr(state, name) for name in _id_fields(state.__class__)}
    return {name: value for name, value in found.items() if isinstance(value, str) and value}


@cache
def _id_fields(of: type) -> tuple[str, ...]:
    return tuple(f.name for f in fields(of) if f.name.endswith("_id"))


__all__ = ["Answer", "Call", "Executor", "Loaded"]
