"""Programmes as files: read whole, with every fault and its line, then activated or versioned over HTTP. All or nothing."""
from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args, get_type_hints

import httpx
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from chassis.decide import Refused
from contracts.classes import Code, FieldClass, Title
from contracts.programme import Configuration
from percorso.errors import Sorry
from reporting.adapters import words
from reporting.adapters.configuration import read

At = tuple[str | int, ...]
_EURO = re.compile(r"\d{1,12}\.\d{2}")
_PLAIN_INTEGER = re.compile(r"-?(0|[1-9]\d*)")


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with a file."""

    path: Path
    line: int
    field: str
    why: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.field + ': ' if self.field else ''}{self.why}"


class FileFaulty(Sorry):
    """Nothing of the file was used."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = sorted(faults, key=lambda fault: (fault.line, fault.field))
        super().__init__("\n".join(map(str, self.faults)))


class ApplyRefused(Sorry):
    """The service did not take the file; its words."""


class ProgrammeFile(BaseModel):
    """What a file says. `evidence` is for its readers and not sent."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    programme: Code
    title: Title
    fund: Code
    cup: str | None = None
    clp: Code | None = None
    priority: Code | None = None
    action: Code | None = None
    start: date | None = None
    end: date | None = None
    config_version: int = Field(ge=1)
    effective_from: date | None = None
    config: dict[str, Any]
    evidence: dict[str, str] = {}

    def body(self) -> dict[str, Any]:
        return self.model_dump(mode="json", exclude_none=True, exclude={"programme", "effective_from", "evidence"})


def load(path: Path) -> ProgrammeFile:
    """The programme in a YAML file. `FileFaulty` with all that is wrong, line by line."""
    try:
        root = yaml.compose(path.read_text("utf-8"), Loader=yaml.SafeLoader)
    except (OSError, UnicodeDecodeError) as wrong:
        raise Sorry(f"{path} cannot be read: {getattr(wrong, 'strerror', None) or wrong}.") from None
    except yaml.YAMLError as wrong:
        mark = getattr(wrong, "problem_mark", None)
        raise FileFaulty([Fault(path, mark.line + 1 if mark else 1, "", str(getattr(wrong, "problem", wrong)))]) from None
    reader = Reader(path)
    given = reader.value(root, ()) if root else None
    if not isinstance(given, dict):
        raise FileFaulty([*reader.faults, Fault(path, 1, "", "the file holds the keys of a programme")])
    config, faults = _config(reader, given)
    found = _file(reader, given)
    for at, why in faults:
        reader.fault(("config", *at), why)
    if reader.faults or found is None or config is None:
        raise FileFaulty(reader.faults)
    return found.model_copy(update={"config": config.model_dump(mode="json", exclude_none=True)})


async def apply(path: Path, url: str, headers: Mapping[str, str], http: httpx.AsyncClient) -> str:
    """Activate the programme of a file, or give the running one its next version; a sentence saying which.

    `url` is reporting's; `headers` carry the caller's token. `FileFaulty`: nothing was sent. `ApplyRefused`: nothing was taken.
    """
    programme = load(path)
    body, name = programme.body(), programme.programme
    answer = await _post(http, f"{url}/programmes/{name}/activation", headers, body)
    if not _active_already(answer):
        return _outcome(answer, f"Programme {name} is active, with version {programme.config_version} of its configuration.")
    since = {"effective_from": programme.effective_from.isoformat()} if programme.effective_from else {}
    answer = await _post(http, f"{url}/programmes/{name}/configurations", headers, body | since)
    return _outcome(answer, f"Programme {name} now has version {programme.config_version} of its configuration.")


class Reader:
    """A YAML tree as plain values, with the line of each; what YAML would guess wrong is a fault."""

    def __init__(self, path: Path) -> None:
        self.path, self.faults = path, list[Fault]()
        self._lines: dict[At, int] = {(): 1}

    def fault(self, at: At, why: str, line: int | None = None) -> None:
        known = next(at[:end] for end in range(len(at), -1, -1) if at[:end] in self._lines)
        self.faults.append(Fault(self.path, line or self._lines[known], ".".join(map(str, at)), why))

    def value(self, node: yaml.Node, at: At) -> Any:
        self._lines.setdefault(at, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            return dict(self._pairs(node, at))
        if isinstance(node, yaml.SequenceNode):
            return [self.value(inner, (*at, index)) for index, inner in enumerate(node.value)]
        return self._scalar(node, at)

    def _pairs(self, node: yaml.MappingNode, at: At) -> Iterator[tuple[str, Any]]:
        seen: set[str] = set()
        for key, inner in node.value:
            name, line = str(key.value), key.start_mark.line + 1
            if name in seen:
                self.fault((*at, name), "is given twice", line)
            seen.add(name)
            self._lines[(*at, name)] = line
            yield name, self.value(inner, (*at, name))

    def _scalar(self, node: yaml.Node, at: At) -> Any:
        match node.tag.removeprefix("tag:yaml.org,2002:"):
            case "null":
                return None
            case "bool":
                return node.value.lower() in ("true", "yes", "on")
            case "int" if _PLAIN_INTEGER.fullmatch(node.value):
                return int(node.value)
            case "int":
                self.fault(at, f"write it in quotes: \"{node.value}\" is not a plain number")
            case "float":
                self.fault(at, f"write it in quotes: \"{node.value}\"; a number that is not whole is a decimal, never a float")
            case "str" | "timestamp":
                return str(node.value)
            case other:
                self.fault(at, f"{other} is nothing a programme is made of")
        return str(node.value)


def _config(reader: Reader, given: dict[str, Any]) -> tuple[Configuration | None, list[tuple[At, str]]]:
    if not isinstance(given.get("config"), dict):
        return None, []
    _cents(reader, Configuration, given["config"], ("config",))
    return read(given["config"])


def _file(reader: Reader, given: dict[str, Any]) -> ProgrammeFile | None:
    try:
        found = ProgrammeFile.model_validate(given)
        if found.cup is not None:
            words.cup(found.cup)
    except ValidationError as wrong:
        for error in wrong.errors(include_url=False, include_input=False):
            reader.fault(error["loc"], error["msg"])
        return None
    except Refused as no:
        reader.fault(("cup",), no.detail)
        return None
    if found.start and found.end and found.end < found.start:
        reader.fault(("end",), "is before start")
    return found


def _cents(reader: Reader, model: type[BaseModel], given: Mapping[str, Any], at: At) -> None:
    """Amounts are written in euro and sent in cents: which fields are amounts, the contract says."""
    for name, hint in get_type_hints(model, include_extras=True).items():
        value, kinds = given.get(name), list(_kinds(hint))
        if value is None:
            continue
        if any(isinstance(kind, FieldClass) and kind.name == "money" for kind in kinds):
            if isinstance(value, str) and _EURO.fullmatch(value):
                given[name] = int(Decimal(value) * 100)  # type: ignore[index]
            else:
                reader.fault((*at, name), "write an amount in euro with two decimals, in quotes: \"600.00\"")
                given[name] = 0  # type: ignore[index]
        for inner in (kind for kind in kinds if isinstance(kind, type)):
            parts = enumerate(value) if isinstance(value, list) else [(None, value)]
            for index, part in parts:
                if isinstance(part, dict):
                    _cents(reader, inner, part, (*at, name) if index is None else (*at, name, index))


def _kinds(hint: Any) -> Iterator[Any]:
    """The field classes and the models within an annotation."""
    if isinstance(hint, FieldClass) or (isinstance(hint, type) and issubclass(hint, BaseModel)):
        yield hint
    for inner in get_args(hint):
        yield from _kinds(inner)


async def _post(http: httpx.AsyncClient, url: str, headers: Mapping[str, str], body: Mapping[str, Any]) -> httpx.Response:
    return await http.post(url, json=body, headers={**headers, "Idempotency-Key": str(uuid.uuid4())})


def _active_already(answer: httpx.Response) -> bool:
    return answer.status_code == 409 and answer.json().get("code") == "PROGRAMME_ALREADY_ACTIVE"


def _outcome(answer: httpx.Response, done: str) -> str:
    if answer.is_success:
        return done if answer.json().get("events") else "The programme has this configuration already: nothing changed."
    raise ApplyRefused(f"reporting answered {answer.status_code}: {answer.text}")
