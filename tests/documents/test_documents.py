"""The committed documents are what the code says, and are well-formed by their own standards."""
from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import generate
import pytest
import yaml
from jsonschema import Draft7Validator, Draft202012Validator  # type: ignore[import-untyped]
from openapi_spec_validator import OpenAPIV31SpecValidator

from chassis.declare import Declared
from contracts.envelope import OPTIONAL

SCHEMAS = sorted((generate.FOLDER / "schemas").rglob("*.json"))
OFFICIAL = Path(generate.__file__).parent / "vendor/asyncapi-3.0.0.json"


@cache
def made() -> Mapping[str, str]:
    return generate.documents()


def asyncapi() -> Any:
    return yaml.safe_load((generate.FOLDER / "asyncapi.yaml").read_text("utf-8"))


def refs(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from (inner for name, inner in value.items() if name == "$ref")
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from refs(inner)


def test_the_committed_documents_are_what_the_code_says() -> None:
    assert generate.stale(made()) == [], "run make schemas"


def test_a_document_that_differs_lacks_or_is_of_nothing_is_found(tmp_path: Path) -> None:
    generate.write(made(), tmp_path)
    assert generate.stale(made(), tmp_path) == []
    (tmp_path / "asyncapi.yaml").write_text("asyncapi: 3.0.0\n")
    (tmp_path / "openapi/intake.yaml").unlink()
    (tmp_path / "schemas/intake/Gone.v1.json").write_text("{}\n")
    assert [line.partition(" ")[0] for line in generate.stale(made(), tmp_path)] == [
        "openapi/intake.yaml", "asyncapi.yaml", "schemas/intake/Gone.v1.json"]
    generate.write(made(), tmp_path)
    assert generate.stale(made(), tmp_path) == []


@pytest.mark.parametrize("service", generate.SERVICES)
def test_the_openapi_document_is_valid(service: str) -> None:
    document = yaml.safe_load((generate.FOLDER / f"openapi/{service}.yaml").read_text("utf-8"))
    assert [error.message for error in OpenAPIV31SpecValidator(document).iter_errors()] == []


@pytest.mark.parametrize("service", generate.SERVICES)
def test_the_openapi_document_has_every_command_once(service: str) -> None:
    declared: Declared = generate.declared(service)
    document = yaml.safe_load((generate.FOLDER / f"openapi/{service}.yaml").read_text("utf-8"))
    there = {f"{method.upper()} {path}" for path, operations in document["paths"].items() for method in operations}
    operations = [it["operationId"] for path in document["paths"].values() for it in path.values()]
    assert {command.route for command in declared.commands if command.route} <= there
    assert len(operations) == len(set(operations))


def test_the_asyncapi_document_is_valid() -> None:
    errors = Draft7Validator(json.loads(OFFICIAL.read_text("utf-8"))).iter_errors(asyncapi())
    assert [f"{list(error.absolute_path)}: {error.message[:200]}" for error in errors] == []


def test_an_asyncapi_document_with_a_fault_is_found() -> None:
    document = asyncapi()
    document["channels"]["intake"]["adress"] = document["channels"]["intake"].pop("address")
    assert not Draft7Validator(json.loads(OFFICIAL.read_text("utf-8"))).is_valid(document)


def test_every_reference_of_the_asyncapi_document_leads_somewhere() -> None:
    document = asyncapi()
    for ref in set(refs(document)):
        file, _, pointer = ref.partition("#")
        assert not file or (generate.FOLDER / file).is_file(), ref
        at = document
        for step in pointer.split("/")[1:]:
            at = at[step]


def test_the_asyncapi_document_has_a_channel_a_service_and_all_that_it_says() -> None:
    channels = asyncapi()["channels"]
    assert [channel["address"] for channel in channels.values()] == [f"percorso.{s}.facts.v1" for s in generate.SERVICES]
    for service, channel in channels.items():
        assert set(channel["messages"]) == {*generate.declared(service).spoken, f"{service}.Private.v1"}


@pytest.mark.parametrize("file", SCHEMAS, ids=lambda file: file.stem)
def test_the_json_schema_is_valid(file: Path) -> None:
    Draft202012Validator.check_schema(json.loads(file.read_text("utf-8")))


def leaves(schema: Any, at: str = "") -> Iterator[tuple[str, Any]]:
    """The leaf schemas: no object, no list, no reference."""
    for name, inner in (schema.get("properties") or {}).items():
        yield from leaves(inner, f"{at}.{name}")
    for name in ("items", "additionalProperties"):
        if isinstance(schema.get(name), dict):
            yield from leaves(schema[name], f"{at}.{name}")
    for name, inner in (schema.get("$defs") or {}).items():
        yield from leaves(inner, f"{at}>{name}")
    if schema.get("type") not in ("object", "array", None):
        yield at, schema


@pytest.mark.parametrize("file", [f for f in SCHEMAS if f.stem != "envelope"], ids=lambda file: file.stem)
def test_every_leaf_of_a_payload_shows_its_class_and_nothing_is_null(file: Path) -> None:
    found = dict(leaves(json.loads(file.read_text("utf-8"))))
    assert [at for at, leaf in found.items() if "x-class" not in leaf or leaf["type"] in ("null", "number")] == []
    assert [at for at, leaf in found.items() if leaf.get("x-class") == "public" and not leaf.get("x-reason")] == []


def test_the_envelope_requires_all_but_what_may_be_absent() -> None:
    envelope = json.loads((generate.FOLDER / "schemas/envelope.json").read_text("utf-8"))
    assert set(envelope["properties"]) - set(envelope["required"]) == {*OPTIONAL, "data"}
