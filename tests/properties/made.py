"""Values of a type, any: for Hypothesis. Few ids, so that what is made refers to what was made."""
from __future__ import annotations

import ast
import dataclasses
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache, partial
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NewType, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from hypothesis import strategies as st
from pydantic import BaseModel

from chassis.canonical import MOST
from chassis.web.bodies import FIRST, LAST
from contracts.classes import FieldClass
from contracts.programme import Configuration as SpokenConfiguration
from contracts.words import Configuration

SERVICES = Path(__file__).parents[2] / "services"
IDS = tuple(str(UUID(int=n)) for n in range(1, 5))
PROGRAMMES = ("002", "005")
DAYS = st.one_of(st.dates(date(2024, 1, 1), date(2026, 12, 31)), st.dates(FIRST, LAST), st.sampled_from((FIRST, LAST)))
WHOLES = st.one_of(st.integers(0, 7), st.integers(-MOST, MOST))
NUMBERS = st.one_of(st.decimals(0, 200, places=2), st.decimals(-10**15 + 1, 10**15 - 1, places=9), st.just(Decimal(0)))
PLAIN: Mapping[Any, st.SearchStrategy[Any]] = {
    int: WHOLES, bool: st.booleans(), date: DAYS, Decimal: NUMBERS, NoneType: st.none(), object: st.none(),
    datetime: DAYS.map(lambda day: datetime(day.year, day.month, day.day, 8, tzinfo=UTC))}


@cache
def codes() -> tuple[str, ...]:
    """Every word in capitals that a domain file speaks of."""
    files = (file for file in SERVICES.glob("*/src/*/*/*.py") if file.parent.name in ("domain", "adapters"))
    said = (node.value for file in sorted(files) for node in ast.walk(ast.parse(file.read_text("utf-8")))
            if isinstance(node, ast.Constant) and isinstance(node.value, str))
    return tuple(sorted({word for word in said if word.isidentifier() and word.isupper() and len(word) <= 60}))


TEXTS = st.deferred(lambda: st.one_of(st.sampled_from(codes()), st.sampled_from(IDS), st.text(max_size=4)))


@cache
def of(hint: Any, name: str = "") -> st.SearchStrategy[Any]:
    """Any value of a type; the field's `name` tells ids from other texts."""
    if hint is Configuration:
        return said(SpokenConfiguration)
    if isinstance(hint, NewType):
        return st.just("a" * 64) if hint.__name__ == "Sha256" else of(hint.__supertype__, name)
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return built(hint)
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        return said(hint)
    origin, args = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return classed(next((m.name for m in args[1:] if isinstance(m, FieldClass)), ""), args[0], name)
    if origin is Literal:
        return st.sampled_from(args)
    if origin in (Union, UnionType):
        return st.one_of(*(of(arg, name) for arg in args))
    return several(origin, args, name) if origin else plain(hint, name)


def plain(hint: Any, name: str) -> st.SearchStrategy[Any]:
    if hint is not str:
        return PLAIN[hint]
    if name.startswith("programme_id"):
        return st.sampled_from(PROGRAMMES)
    return st.sampled_from(IDS) if name.endswith(("_id", "_ids")) else TEXTS


def classed(kind: str, hint: Any, name: str) -> st.SearchStrategy[Any]:
    """A leaf of a contract, by its class; anything else by its type."""
    if kind == "id":
        return st.sampled_from(PROGRAMMES if name.startswith("programme_id") else IDS)
    if kind in ("code", "public"):
        return st.sampled_from(codes())
    return st.just("a" * 64) if kind == "digest" else of(hint, name)


def several(origin: Any, args: tuple[Any, ...], name: str) -> st.SearchStrategy[Any]:
    if origin is tuple and not (len(args) == 2 and args[1] is Ellipsis):
        return st.tuples(*(of(arg, name) for arg in args))
    if issubclass(origin, Mapping):
        return st.dictionaries(of(args[0]), of(args[1]) if args[1] is not Any else TEXTS, max_size=3)
    many = st.lists(of(args[0], name.removesuffix("s")), max_size=3)
    return many if issubclass(origin, list) or origin is Sequence else many.map(origin)


def built(shape: type[Any]) -> st.SearchStrategy[Any]:
    """An instance of a dataclass, every field made."""
    hints = get_type_hints(shape, include_extras=True)
    return st.builds(shape, **{f.name: of(hints[f.name], f.name) for f in dataclasses.fields(shape)})


def said(model: type[BaseModel]) -> st.SearchStrategy[Any]:
    """An object as a contract's model speaks it: JSON, nulls left out."""
    hints = get_type_hints(model, include_extras=True)
    fields = {name: of(hints[name], name) for name in model.model_fields}
    return st.fixed_dictionaries(fields).map(partial(_spoken, model))


def _spoken(model: type[BaseModel], fields: Mapping[str, Any]) -> Any:
    return model.model_validate(fields).model_dump(mode="json", exclude_none=True)

