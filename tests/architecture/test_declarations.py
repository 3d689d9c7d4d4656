"""Every route declares roles, every event is spoken or silent, every leaf field of a contract has a class."""
from __future__ import annotations

import importlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, get_args, get_origin

import pytest
from fastapi import FastAPI
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from architecture.rules import SERVICES
from chassis.declare import Declared
from chassis.record import Codec
from chassis.service import build
from chassis.settings import Settings
from chassis.web.app import create_app
from chassis.web.openapi import undeclared
from contracts import log, task
from contracts.classes import FieldClass
from contracts.envelope import Fact


def declared(service: str) -> Declared:
    found: Declared = importlib.import_module(f"{service}.service").DECLARED
    return found


def unclassed(model: type[BaseModel], at: str = "") -> Iterator[str]:
    """The leaf fields of a contract that have no class."""
    for name, field in model.model_fields.items():
        yield from _unclassed(field.annotation, field, f"{at}{model.__name__}.{name}")


def _unclassed(hint: Any, field: FieldInfo | None, at: str) -> Iterator[str]:
    if field is not None and any(isinstance(mark, FieldClass) for mark in field.metadata):
        return
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        yield from unclassed(hint, f"{at}>")
        return
    if any(isinstance(mark, FieldClass) for mark in getattr(hint, "__metadata__", ())):
        return
    inner = [a for a in get_args(hint) if a not in (type(None), ...)]
    if get_origin(hint) is not None and inner and not hasattr(hint, "__metadata__"):
        for part in inner:
            yield from _unclassed(part, None, at)
    else:
        yield at


@pytest.mark.parametrize("service", SERVICES)
def test_every_leaf_field_of_every_contract_has_a_class(service: str) -> None:
    assert [at for model in declared(service).spoken.values() for at in unclassed(model)] == []


def test_the_contracts_every_service_shares_have_classes_too() -> None:
    assert [at for model in (task.TaskRaised, log.TrailSealed, log.SealTimestamped, log.LogReadmitted) for at in unclassed(model)] == []


def test_a_field_without_a_class_is_found() -> None:
    class Inner(BaseModel):
        text: str

    class Planted(Fact):
        note: str
        inner: list[Inner]
        maybe: dict[str, int] | None = None

    assert [at.rpartition(".")[2] for at in unclassed(Planted)] == ["note", "text", "maybe", "maybe"]


@pytest.mark.parametrize("service", SERVICES)
def test_every_event_is_spoken_or_silent(service: str) -> None:
    it = declared(service)
    Codec(it.name, it.kinds, it.spoken, it.silent, None)  # type: ignore[arg-type]


def test_every_contract_module_is_some_service_s() -> None:
    folder = Path(importlib.import_module("contracts").__path__[0])
    modules = {p.stem for p in folder.iterdir() if p.suffix == ".py" or p.is_dir()} - {"__init__", "__pycache__", "py"}
    assert set(SERVICES) <= modules


@asynccontextmanager
async def app_of(service: str, folder: Path) -> AsyncIterator[FastAPI]:
    """The service's app; nothing of it runs."""
    built = build(declared(service), Settings(
        service=service, database_url=f"sqlite:///{folder}/store.sqlite", bus=f"local:///{folder}/bus.sqlite",
        issuer_key_file=folder / "issuer.pem", master_key=bytes(32), actor_key=bytes(32)))
    try:
        yield create_app(built)
    finally:
        await built.stop()


@pytest.mark.parametrize("service", SERVICES)
async def test_every_route_declares_roles(service: str, tmp_path: Path) -> None:
    async with app_of(service, tmp_path) as app:
        assert undeclared(app) == []


async def test_a_route_without_roles_is_found(tmp_path: Path) -> None:
    async with app_of("intake", tmp_path) as app:
        app.get("/planted")(lambda: None)
        assert undeclared(app) == ["GET /planted"]
