"""The AsyncAPI 3.0 document of the suite: a channel a service, a message a fact and version."""
from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from typing import Any

from schema_files import file_of

from chassis.declare import Declared
from chassis.record import SILENT
from chassis.topics import Wanted, topic_of
from contracts.envelope import Private

CONTENT = "application/cloudevents+json"
ABOUT = """What the five services of Percorso say to one another, over Kafka.

Each value is a fact: a CloudEvents 1.0 event in structured mode, RFC 8785 form, with what the relay adds at its end. Flat
string attributes, payload in `data`; what has no value is absent, never null. Receivers ignore fields that they do not
know; a version only gains optional fields. A field's class is in `x-class`; `x-heard-by` names the services that list the
type (reporting archives all). Facts carry pseudonyms: these are personal data all the same, and the topics are closed to
all but the services."""
KEY = ("The case; without one, the aggregate's id (of a fact about a person: their pseudonym). "
       "An aggregate keeps its key for life.")


def asyncapi(services: Mapping[str, Declared]) -> dict[str, Any]:
    """The document; payloads are references to the files of `schema_files`."""
    messages = {service: dict(_messages(declared, services)) for service, declared in services.items()}
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Percorso: facts", "version": "1", "description": ABOUT, "license": {"name": "EUPL-1.2"}},
        "defaultContentType": CONTENT,
        "channels": {service: _channel(service, said) for service, said in messages.items()},
        "operations": {f"{service}Speaks": {"action": "send", "channel": {"$ref": f"#/channels/{service}"},
                                            "summary": f"{service} says what it has decided."} for service in services},
        "components": {"messages": {type_: message for said in messages.values() for type_, message in said.items()}},
    }


def _channel(service: str, messages: Mapping[str, Any]) -> dict[str, Any]:
    wanted = Wanted(topic_of(service))
    return {
        "address": wanted.name, "title": f"Facts of {service}",
        "description": "Kept for ever, never compacted; its number of partitions never changes.",
        "messages": {type_: {"$ref": f"#/components/messages/{type_}"} for type_ in messages},
        "bindings": {"kafka": {
            "topic": wanted.name, "partitions": wanted.partitions, "bindingVersion": "0.5.0",
            "topicConfiguration": {"cleanup.policy": ["delete"], "retention.ms": -1, "retention.bytes": -1}}},
    }


def _messages(declared: Declared, services: Mapping[str, Declared]) -> Iterator[tuple[str, dict[str, Any]]]:
    for type_, model in declared.spoken.items():
        data = {"properties": {"data": {"$ref": f"./schemas/{file_of(type_)}"}}, "required": ["data"]}
        heard = [name for name, other in services.items() if type_ in (*other.hears, other.erases)]
        yield type_, _message(type_, model, data) | {"x-heard-by": heard}
    silent = f"{declared.name}.{SILENT}"
    yield silent, _message(silent, Private, {"not": {"required": ["data"]}})


def _message(type_: str, model: type, data: Mapping[str, Any]) -> dict[str, Any]:
    about = inspect.getdoc(model) or ""
    said = {"source": {"const": type_.partition(".")[0]}, "type": {"const": type_}, **data.get("properties", {})}
    return {
        "name": type_, "title": type_, "summary": about.partition("\n")[0], "description": about, "contentType": CONTENT,
        "payload": {"allOf": [{"$ref": "./schemas/envelope.json"}, {"type": "object", **data, "properties": said}]},
        "correlationId": {"location": "$message.payload#/correlation"},
        "bindings": {"kafka": {"key": {"type": "string", "description": KEY}, "bindingVersion": "0.5.0"}},
    }
