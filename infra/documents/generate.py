"""The documents that are made from the code: JSON Schemas, AsyncAPI, OpenAPI, under `contracts/documents/`.

`generate.py` writes them; `generate.py --check` says which are stale, and then ends with 1.
"""
from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from asyncapi_document import asyncapi
from openapi_documents import openapi
from schema_files import envelope, file_of, payloads

from chassis.declare import Declared
from chassis.service import with_its_log

SERVICES = ("intake", "assessment", "placement", "stipend", "reporting")
FOLDER = Path(__file__).parents[2] / "contracts/documents"


class Plain(yaml.SafeDumper):
    """YAML without anchors: every part is written out where it stands."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def text(self, data: str) -> yaml.ScalarNode:
        return self.represent_scalar("tag:yaml.org,2002:str", data, style="|" if "\n" in data else None)


Plain.add_representer(str, Plain.text)


def declared(service: str) -> Declared:
    """What a service declares, and what every service says of its log."""
    return with_its_log(importlib.import_module(f"{service}.service").DECLARED)


def documents() -> dict[str, str]:
    """Every document by its path in the folder, as text; the same from the same code, byte for byte."""
    services = {service: declared(service) for service in SERVICES}
    made = {"schemas/envelope.json": _json(envelope()), "asyncapi.yaml": _yaml(asyncapi(services))}
    for service, its in services.items():
        made |= {f"schemas/{file_of(type_)}": _json(schema) for type_, schema in payloads(its).items()}
        made[f"openapi/{service}.yaml"] = _yaml(openapi(importlib.import_module(f"{service}.service").DECLARED))
    return made


def stale(made: Mapping[str, str], folder: Path = FOLDER) -> list[str]:
    """What differs between these documents and those in the folder, a line each."""
    there = {str(file.relative_to(folder)): file.read_text("utf-8") for file in sorted(folder.rglob("*")) if file.is_file()}
    return ([f"{name} is missing" for name in made if name not in there]
            + [f"{name} is not what the code says" for name, text in made.items() if there.get(name, text) != text]
            + [f"{name} is of nothing any more" for name in there if name not in made])


def write(made: Mapping[str, str], folder: Path = FOLDER) -> None:
    """Put the documents into the folder, and nothing else be there."""
    for file in folder.rglob("*"):
        if file.is_file() and str(file.relative_to(folder)) not in made:
            file.unlink()
    for name, text in made.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")


def _json(value: Any) -> str:
    return json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _yaml(value: Any) -> str:
    return yaml.dump(value, Dumper=Plain, sort_keys=False, allow_unicode=True, width=120)


def main(arguments: list[str]) -> int:
    made = documents()
    if arguments == ["--check"]:
        wrong = stale(made)
        sys.stdout.write("".join(f"contracts/documents/{line}: run make schemas\n" for line in wrong))
        return 1 if wrong else 0
    write(made)
    sys.stdout.write(f"{len(made)} documents in contracts/documents\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
