"""A scenario's file: who acts, the people and hosts it is about, its steps in order of date, and what must be true at the end."""
from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, time
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from percorso.errors import Sorry

FIRST_OF_DAY = time(9)
PARAMETER = re.compile(r"\{([a-z_]+)\}")


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Actor(Strict):
    """Who acts: a role code, an organisation code; `sub` as the token's subject (default: the name given to the actor here)."""

    role: str
    org: str
    sub: str | None = None
    tenant: str | None = None


class Step(Strict):
    """One operation by one actor. `days`: the same once a day, each with fields of its own. `apply`: a programme's file, loaded."""

    at: time | None = None
    by: str = Field(alias="as")
    do: str | None = Field(default=None, pattern=r"^[a-z]+\.[A-Za-z]+$")
    apply: str | None = None
    on: date | None = None
    fields: dict[str, Any] = Field(default={}, alias="with")
    days: dict[date, dict[str, Any] | None] = {}
    save: dict[str, str] = {}
    expect: str | int | None = None
    shows: Any = None
    counts: dict[str, int] | None = None
    note: str = ""

    @model_validator(mode="after")
    def _one_thing(self) -> Step:
        if (self.do is None) == (self.apply is None):
            raise ValueError("a step has either `do` or `apply`")
        if self.days and self.on:
            raise ValueError("a step has either `on` or `days`")
        return self

    @property
    def service(self) -> str:
        return self.do.partition(".")[0] if self.do else "reporting"

    @property
    def operation(self) -> str:
        return self.do.partition(".")[2] if self.do else ""


class Scenario(Strict):
    """`ids`: names for ids that this file makes up; any other `$name` must have been saved from an answer, or be under `about`.

    Among the steps, `{each: [{m: 1, …}, …], steps: […]}` stands for its steps once a row, with `{m}` replaced.
    """

    scenario: str
    tenant: str
    actors: dict[str, Actor]
    ids: list[str] = []
    about: dict[str, Any] = {}
    steps: list[dict[str, Any]]
    then: list[dict[str, Any]] = []


@dataclass(frozen=True)
class Planned:
    """A step on its day. `number` counts as played, `line` is where it stands in the file."""

    number: int
    line: int
    on: date
    at: time
    step: Step
    fields: Mapping[str, Any]

    def __str__(self) -> str:
        what = self.step.do or f"apply {self.step.apply}"
        return f"Step {self.number} (line {self.line}), {self.on}, {what} as {self.step.by}"


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # ten times faster, where it is there
    """YAML in which only `true` and `false` are truth values: `on` is a key here."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, form) for tag, form in known if tag != "tag:yaml.org,2002:bool" or first in "tTfF"]
    for first, known in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _date(loader: Any, node: yaml.ScalarNode) -> Any:
    try:
        return yaml.SafeLoader.construct_yaml_timestamp(loader, node)
    except ValueError:
        raise yaml.constructor.ConstructorError(None, None, f"{node.value} is no date", node.start_mark) from None


_Loader.add_constructor("tag:yaml.org,2002:timestamp", _date)


def load(path: Path) -> tuple[Scenario, list[Planned], list[Planned]]:
    """The scenario, its steps in order of date (of one day: in the file's order), and its last questions."""
    root, said = _read(path)
    try:
        scenario = Scenario.model_validate(said)
    except ValidationError as e:
        raise Sorry(f"{path}, {_first(e)}.") from None
    steps, then = ([(line, _step(path, line, raw)) for raw, line in spread(_child(root, key), getattr(scenario, key))]
                   for key in ("steps", "then"))
    unknown = {step.by for _, step in (*steps, *then)} - set(scenario.actors)
    if unknown:
        raise Sorry(f"{path}: `actors` names nobody called {', '.join(sorted(unknown))}.")
    planned = sorted(_days(steps), key=lambda p: p.on)
    last = planned[-1].on if planned else date.min
    asked = [Planned(n, line, last, FIRST_OF_DAY, step, step.fields) for n, (line, step) in enumerate(then, len(planned) + 1)]
    return scenario, [replace(p, number=n) for n, p in enumerate(planned, 1)], asked


def _read(path: Path) -> tuple[yaml.Node | None, Any]:
    try:
        loader = _Loader(path.read_text(encoding="utf-8"))
        root = loader.get_single_node()
        return root, loader.construct_document(root) if root else None
    except OSError as e:
        raise Sorry(f"{path} cannot be read: {e.strerror}.") from None
    except (yaml.YAMLError, UnicodeDecodeError) as e:
        raise Sorry(f"{path} is not YAML: {' '.join(str(e).split())}.") from None


def _step(path: Path, line: int, raw: Any) -> Step:
    try:
        return Step.model_validate(raw)
    except ValidationError as e:
        raise Sorry(f"{path}, line {line}, {_first(e)}.") from None


def _first(e: ValidationError) -> str:
    error = e.errors()[0]
    return f"{'.'.join(map(str, error['loc'])) or 'the step'}: {error['msg'].removeprefix('Value error, ')}"


def spread(node: yaml.Node | None, raw: list[dict[str, Any]]) -> Iterator[tuple[dict[str, Any], int]]:
    """Every step with its line, `each` blocks written out."""
    nodes = node.value if isinstance(node, yaml.SequenceNode) else [None] * len(raw)
    for item, one in zip(raw, nodes, strict=True):
        if "each" not in item:
            yield item, one.start_mark.line + 1 if one else 0
            continue
        if not isinstance(item["each"], list) or not all(isinstance(row, Mapping) for row in item["each"]):
            raise Sorry(f"Line {one.start_mark.line + 1 if one else 0}: `each` is a list of rows, each of names and values.")
        for row in item["each"]:
            for inner, line in spread(_child(one, "steps"), item.get("steps", [])):
                yield _filled(inner, row), line


def _filled(value: Any, row: Mapping[str, Any]) -> Any:
    """`{name}` alone is the row's value; inside a text it is put in."""
    match value:
        case str() if value[:1] == "{" and value[-1:] == "}" and value[1:-1] in row:
            return row[value[1:-1]]
        case str():
            return PARAMETER.sub(lambda found: str(row.get(found[1], found[0])), value)
        case Mapping():
            return {_filled(key, row): _filled(inner, row) for key, inner in value.items()}
        case list():
            return [_filled(inner, row) for inner in value]
        case _:
            return value


def _days(steps: Sequence[tuple[int, Step]]) -> Iterator[Planned]:
    """Every step on its day: its own, else that of the step before it in the file."""
    day: date | None = None
    for line, step in steps:
        at = step.at or FIRST_OF_DAY
        if step.days:
            for each, own in step.days.items():
                yield Planned(0, line, each, at, step, {**step.fields, **(own or {})})
            continue
        day = step.on or day
        if day is None:
            raise Sorry(f"Line {line}: the first step needs a date (`on`).")
        yield Planned(0, line, day, at, step, step.fields)


def _child(node: yaml.Node | None, key: str) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        return next((value for name, value in node.value if name.value == key), None)
    return None
