"""A stored event made and read: which fields are spoken, which stay at home, which are sealed (`design.md` 3, 4).

A contract is an allow-list: it picks an event's fields by name. `case_id`, `programme_id`, `subject_id`, `policy_ref` and the
aggregate's key travel as attributes of the envelope. What is left stays at home; what is marked `Private` is sealed.
"""
from __future__ import annotations

import base64
import dataclasses
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple, get_args, get_type_hints

import orjson
from pydantic import BaseModel, TypeAdapter

from chassis.canonical import canonical
from chassis.decide import Actor, Private
from chassis.errors import TooLarge, UnknownStored
from chassis.kinds import Kind
from chassis.parts import MOST, PLACEHOLDER, Parts, rest, stamp_at
from chassis.vault import Vault

ERASED = "(erased)"
"""What a sealed field reads as, once the key of its subject is destroyed."""
CARRIED = {"case_id": "case", "programme_id": "programme", "subject_id": "subject", "policy_ref": "policyref"}
SILENT = "Private.v1"


class About(NamedTuple):
    """What an envelope says besides the payload."""

    id: str
    tenant: str
    aggregate: str
    sequence: int
    occurred: str
    actor: Actor
    correlation: str
    causation: str | None
    case: str | None
    programme: str | None
    subject: str | None


class Written(NamedTuple):
    """A new event: its stored name, its parts, where its `time` is to be filled in, the name it is spoken under, who it is about."""

    name: str
    parts: Parts
    stamp: int
    type: str
    subject: str


def stored_name(service: str, event: type) -> str:
    """`service.Name.v1`; an event class called `NameV2` is version 2 of `Name`."""
    name, version = re.fullmatch(r"(.+?)(?:V(\d+))?", event.__name__).groups()  # type: ignore[union-attr]
    return f"{service}.{name}.v{version or 1}"


def private_fields(event: type) -> dict[str, str]:
    """Field to purpose, for every field marked `Private`."""
    hints = get_type_hints(event, include_extras=True)
    marks = {name: [m for m in get_args(hint)[1:] if isinstance(m, Private)] for name, hint in hints.items()}
    return {name: found[0].purpose for name, found in marks.items() if found}


@dataclass(frozen=True)
class Form:
    """One event type: where each of its fields goes."""

    name: str
    event: type
    kind: Kind
    model: type[BaseModel] | None

    def __post_init__(self) -> None:
        wanted, there = set(self.spoken), {f.name for f in dataclasses.fields(self.event)}
        if lacking := wanted - there:
            raise TypeError(f"{self.name}: the contract names {sorted(lacking)}, the event does not have them")
        if leaking := wanted & set(self.private):
            raise TypeError(f"{self.name}: the contract names private fields {sorted(leaking)}")
        if self.kind.key not in there:
            raise TypeError(f"{self.name}: an event of {self.kind.name} carries {self.kind.key}")

    @cached_property
    def spoken(self) -> tuple[str, ...]:
        return tuple(self.model.model_fields) if self.model else ()

    @cached_property
    def private(self) -> dict[str, str]:
        return private_fields(self.event)

    @cached_property
    def carried(self) -> dict[str, str]:
        names = {f.name for f in dataclasses.fields(self.event)}
        return {name: attribute for name, attribute in CARRIED.items() if name in names} | {self.kind.key: "aggregate"}

    @cached_property
    def home(self) -> tuple[str, ...]:
        taken = {*self.spoken, *self.private, *self.carried}
        return tuple(f.name for f in dataclasses.fields(self.event) if f.name not in taken)

    @cached_property
    def defaults(self) -> dict[str, Any]:
        """What a field is where nothing is said of it."""
        return {f.name: f.default for f in dataclasses.fields(self.event)}

    @cached_property
    def adapter(self) -> TypeAdapter[Any]:
        return TypeAdapter(self.event)

    @cached_property
    def fields(self) -> dict[str, TypeAdapter[Any]]:
        hints = get_type_hints(self.event)
        return {f.name: TypeAdapter(hints[f.name]) for f in dataclasses.fields(self.event)}

    @cached_property
    def optional(self) -> tuple[str, ...]:
        """Fields without a default that may be None: absent when stored."""
        hints = get_type_hints(self.event)
        return tuple(f.name for f in dataclasses.fields(self.event) if type(None) in get_args(hints[f.name]))

    def plain(self, event: Any, names: tuple[str, ...]) -> dict[str, Any]:
        """These fields as JSON values; None is left out."""
        found = {n: self.fields[n].dump_python(getattr(event, n), mode="json") for n in names if getattr(event, n) is not None}
        return {n: without_none(value) for n, value in found.items()}


def without_none(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: without_none(v) for k, v in value.items() if v is not None}
    return [without_none(v) for v in value] if isinstance(value, list) else value


class Codec:
    """The event types of one service, by stored name and by class. A name is never used for another type."""

    def __init__(self, service: str, kinds: tuple[Kind, ...], spoken: Mapping[str, type[BaseModel]], silent: tuple[type, ...],
                 vault: Vault) -> None:
        self.service, self.vault = service, vault
        self.by_type: dict[type, Form] = {}
        for kind in kinds:
            for event in kind.types:
                name = stored_name(service, event)
                if (name in spoken) == (event in silent):
                    raise TypeError(f"{name}: speak it or declare it silent, one of the two")
                self.by_type[event] = Form(name, event, kind, spoken.get(name))
        self.by_name = {form.name: form for form in self.by_type.values()}
        if lost := set(spoken) - set(self.by_name):
            raise TypeError(f"contracts of events that {service} does not have: {sorted(lost)}")

    def write(self, event: Any, about: About) -> Written:
        """The event's name and parts; `TooLarge` where the fact would be over 256 KiB."""
        form = self.by_type[type(event)]
        spoken_as = form.name if form.model else f"{self.service}.{SILENT}"
        home = canonical(form.plain(event, form.home))
        sealed, salt = self._seal(form, event, spoken_as, about), os.urandom(32)
        fact = self._envelope(form, event, spoken_as, about, rest(home, sealed, salt))
        if form.model:
            said = form.model.model_validate({n: getattr(event, n) for n in form.spoken}, from_attributes=True)
            fact["data"] = said.model_dump(mode="json", exclude_none=True)
        body = canonical(fact)
        if len(body) > MOST:
            raise TooLarge(f"{form.name} would be {len(body)} bytes; {MOST} at most")
        return Written(form.name, Parts(body, home, sealed, salt), stamp_at(body), spoken_as, fact.get("subject", ""))

    def read(self, name: str, parts: Parts) -> Any:
        """The event as it was decided; sealed fields of a forgotten subject read as `ERASED`."""
        form = self.by_name.get(name)
        if form is None:
            raise UnknownStored(f"{name} is stored, and this version does not know it")
        fact = orjson.loads(parts.fact)
        found: dict[str, Any] = dict.fromkeys(form.optional)
        found.update(fact.get("data", {}) if form.model else {})
        found.update(orjson.loads(parts.home))
        found.update({n: fact.get(attribute) for n, attribute in form.carried.items()})
        gone = self._unseal(form, fact, parts.sealed, found)
        if not gone:
            return form.adapter.validate_python(found)
        return form.event(**{n: ERASED if n in gone else form.fields[n].validate_python(v) for n, v in found.items()})

    def _envelope(self, form: Form, event: Any, spoken_as: str, about: About, kept: str) -> dict[str, Any]:
        said = {"specversion": "1.0", "id": about.id, "source": self.service, "type": spoken_as, "time": PLACEHOLDER,
                "occurred": about.occurred, "tenant": about.tenant, "aggregatetype": form.kind.name, "aggregate": about.aggregate,
                "sequence": str(about.sequence), "actor": about.actor.user, "actorrole": about.actor.role,
                "actororg": about.actor.org, "correlation": about.correlation, "rest": kept, "causation": about.causation,
                "case": getattr(event, "case_id", None) or about.case, "subject": getattr(event, "subject_id", None) or about.subject,
                "programme": getattr(event, "programme_id", None) or about.programme,
                "policyref": getattr(event, "policy_ref", None)}
        return {name: value for name, value in said.items() if value is not None}

    def _seal(self, form: Form, event: Any, spoken_as: str, about: About) -> bytes:
        """Nothing where nothing private is said: what is only a figure may still be recorded of one who is erased."""
        said = {n: purpose for n, purpose in form.private.items() if getattr(event, n) != form.defaults[n]}
        subject = getattr(event, "subject_id", None) or about.subject or ""
        bound = bound_to(about.id, spoken_as, about.aggregate, str(about.sequence), subject)
        sealed = {}
        for purpose in sorted(set(said.values())):
            plain = form.plain(event, tuple(n for n, p in said.items() if p == purpose))
            if plain:
                sealed[purpose] = base64.b64encode(
                    self.vault.seal(about.tenant, subject, purpose, orjson.dumps(plain), bound)).decode()
        return canonical(sealed) if sealed else b""

    def _unseal(self, form: Form, fact: dict[str, Any], sealed: bytes, found: dict[str, Any]) -> set[str]:
        """Put the opened fields into `found`; the names of those that cannot be opened any more."""
        if not sealed:
            return set()
        subject, gone = fact.get("subject", ""), set()
        bound = bound_to(fact["id"], fact["type"], fact["aggregate"], fact["sequence"], subject)
        for purpose, text in orjson.loads(sealed).items():
            plain = self.vault.open(fact["tenant"], subject, purpose, base64.b64decode(text), bound)
            if plain is None:
                gone |= {n for n, p in form.private.items() if p == purpose}
            else:
                found.update(orjson.loads(plain))
        found.update(dict.fromkeys(gone))
        return gone


def bound_to(*attributes: str) -> bytes:
    """What a sealed part is authenticated with: event id, type, aggregate, sequence, subject."""
    return "\0".join(attributes).encode()
