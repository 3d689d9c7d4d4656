"""JSON Schema (2020-12) of the envelope and of the payload of each fact and version, as they go over the wire."""
from __future__ import annotations

import inspect
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue

from chassis.declare import Declared
from contracts.envelope import RELAYED, Envelope

DIALECT = "https://json-schema.org/draft/2020-12/schema"


class OnTheWire(GenerateJsonSchema):
    """What has no value is absent on the wire, never null."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def nullable_schema(self, schema: Any) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: Any) -> JsonSchemaValue:
        made = super().default_schema(schema)
        return {name: value for name, value in made.items() if name != "default" or value is not None}


def schema_of(model: type[BaseModel], title: str) -> dict[str, Any]:
    """The schema of a model's JSON form; its own title and description first."""
    made = model.model_json_schema(mode="serialization", schema_generator=OnTheWire)
    return {"$schema": DIALECT, **made, "title": title, "description": inspect.getdoc(model) or ""}


def envelope() -> dict[str, Any]:
    """The envelope as a receiver sees it: what the relay adds is always there."""
    made = schema_of(Envelope, "Envelope")
    return {**made, "required": [*made["required"], *RELAYED]}


def payloads(declared: Declared) -> dict[str, dict[str, Any]]:
    """The schema of `data`, by type."""
    return {type_: schema_of(model, type_) for type_, model in declared.spoken.items()}


def file_of(type_: str) -> str:
    """`intake.CaseOpened.v1` is in `intake/CaseOpened.v1.json`."""
    return type_.replace(".", "/", 1) + ".json"
