"""Every event version ever stored loads for ever: one sample of each, made once and never changed."""
from __future__ import annotations

import json
import shutil
from base64 import b64decode
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import generate
import golden
import pytest
import yaml
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from referencing import Registry, Resource

from chassis.declare import Declared
from chassis.parts import pack, rest, unpack
from chassis.record import ERASED, SILENT, Form
from chassis.wire import parted, trail_next, trail_start
from contracts.envelope import ATTRIBUTES, RELAYED

SAMPLES = sorted(golden.index())
each = pytest.mark.parametrize("name", SAMPLES)


def sample(name: str) -> golden.Sample:
    found: golden.Sample = json.loads((golden.FOLDER / name).read_text("utf-8"))
    return found


@cache
def today() -> dict[str, tuple[Declared, Form]]:
    return golden.wanted()


@cache
def published() -> tuple[Any, Registry[Any]]:
    """The AsyncAPI document, and the schemas that it refers to."""
    document = yaml.safe_load((generate.FOLDER / "asyncapi.yaml").read_text("utf-8"))
    files = (generate.FOLDER / "schemas").rglob("*.json")
    return document, Registry().with_resources(
        (f"./{file.relative_to(generate.FOLDER)}", Resource.from_contents(json.loads(file.read_text("utf-8")))) for file in files)


def test_every_event_version_spoken_or_silent_has_a_sample() -> None:
    assert sorted(set(today()) - set(SAMPLES)) == [], "run make schemas"


def test_no_sample_is_of_an_event_that_this_version_does_not_know() -> None:
    assert sorted(set(SAMPLES) - set(today())) == []


def test_every_sample_is_in_the_index_and_none_is_missing() -> None:
    there = {str(file.relative_to(golden.FOLDER)) for file in golden.FOLDER.rglob("*.json")}
    assert there == set(SAMPLES)


@each
def test_the_sample_was_never_changed(name: str) -> None:
    assert sha256((golden.FOLDER / name).read_bytes()).hexdigest() == golden.index()[name]


@each
def test_the_sample_loads_as_the_event_that_was_stored(name: str) -> None:
    its, form = today()[name]
    event = golden.load(its, sample(name))
    plain = golden.plain(form, event)
    assert type(event) is form.event
    assert plain | sample(name)["event"] == plain, "a field has gone, or reads otherwise"
    form.kind.evolve(form.kind.start(), event)


@each
def test_the_sample_loads_when_its_keys_are_destroyed(name: str) -> None:
    its, form = today()[name]
    event = golden.load(its, {**sample(name), "keys": {}})
    assert {getattr(event, field) for field in form.private if field in sample(name)["event"]} <= {ERASED}
    form.kind.evolve(form.kind.start(), event)


@each
def test_the_parts_are_in_the_stored_bytes_and_rest_covers_them(name: str) -> None:
    parts, stored = golden.parts_of(sample(name)), b64decode(sample(name)["stored"])
    assert unpack(stored) == parts
    assert pack(parts) == stored
    assert json.loads(parts.fact)["rest"] == rest(parts.home, parts.sealed, parts.salt)


@each
def test_the_relay_speaks_the_same_value_and_its_hash_recomputes(name: str) -> None:
    value = sample(name)["value"].encode()
    stored, added = parted(value)
    fact = json.loads(value)
    head = trail_start(fact["source"], added.incarnation, fact["tenant"], fact.get("programme", ""))
    assert trail_next(head, added.trailnumber, added.position, stored).hex() == added.trailhash
    assert golden.spoken(stored) == value


@each
def test_the_value_is_an_envelope_of_strings_and_the_contract_reads_its_payload(name: str) -> None:
    _, form = today()[name]
    fact = json.loads(sample(name)["value"])
    data = fact.pop("data", None)
    assert set(fact) <= {*ATTRIBUTES, *RELAYED}
    assert all(type(said) is str for said in fact.values())
    if form.model is None:
        assert (data, fact["type"].partition(".")[2]) == (None, SILENT)
    else:
        assert form.model.model_validate(data).model_dump(mode="json", exclude_none=True) == data


@each
def test_the_value_is_as_the_asyncapi_document_says(name: str) -> None:
    fact = json.loads(sample(name)["value"])
    document, schemas = published()
    payload = document["components"]["messages"][fact["type"]]["payload"]
    assert [error.message for error in Draft202012Validator(payload, registry=schemas).iter_errors(fact)] == []
    assert not Draft202012Validator(payload, registry=schemas).is_valid({**fact, "type": "intake.Other.v1"})


@each
def test_nothing_sealed_is_in_the_value_or_at_home(name: str) -> None:
    _, form = today()[name]
    told = sample(name)
    secret = [v for field in form.private if isinstance(v := told["event"].get(field), str) and len(v) > 2]
    assert [value for value in secret if value in told["value"] or value in told["home"]] == []


def test_only_what_is_missing_is_made(tmp_path: Path) -> None:
    shutil.copytree(golden.FOLDER, tmp_path, dirs_exist_ok=True)
    *others, last = (tmp_path / "INDEX").read_text("utf-8").splitlines(keepends=True)
    (tmp_path / "INDEX").write_text("".join(others), "utf-8")
    name = last.split()[1]
    (tmp_path / name).unlink()
    assert golden.add_missing(tmp_path) == [name]
    assert (tmp_path / "INDEX").read_text("utf-8").startswith("".join(others))
    assert [n for n in SAMPLES if n != name and (tmp_path / n).read_bytes() != (golden.FOLDER / n).read_bytes()] == []


def test_a_sample_that_is_there_is_never_written_over(tmp_path: Path) -> None:
    (tmp_path / SAMPLES[0]).parent.mkdir()
    (tmp_path / SAMPLES[0]).write_text("kept")
    with pytest.raises(FileExistsError):
        golden.add_missing(tmp_path)
    assert (tmp_path / SAMPLES[0]).read_text() == "kept"
