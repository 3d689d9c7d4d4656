"""What `$name` stands for in a scenario: an id made up, something saved from an answer, an operator, a value of `about`."""
from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid5

from percorso.errors import Sorry

WHOLE = re.compile(r"^\$([a-z][a-z0-9_]*(?:\.[A-Za-z0-9_]+)*)$")
INSIDE = re.compile(r"\$\{([a-z][a-z0-9_]*(?:\.[A-Za-z0-9_]+)*)\}")


class Values:
    """`play` makes the ids: another play of the same file makes others, the same play the same."""

    def __init__(self, play: UUID, ids: list[str], about: Mapping[str, Any]) -> None:
        self.play = play
        self._known: dict[str, Any] = {**about, "operator": {}, **{name: str(uuid5(play, name)) for name in ids}}

    def save(self, name: str, value: Any) -> None:
        self._known[name] = value

    def operator(self, actor: str, operator_id: str) -> None:
        self._known["operator"][actor] = operator_id

    def put_in(self, value: Any) -> Any:
        """The value as JSON can carry it, with every `$name` (alone) and `${name}` (inside a text) replaced.

        `{rows: {of: {…}, name: [a, b, …]}}` is a list: one object a value, with `name` and what `of` says.
        """
        match value:
            case {"rows": {"of": Mapping()} as rows} if len(value) == 1:
                return self._rows(rows)
            case str():
                return self._text(value)
            case Mapping():
                return {self._text(str(key)): self.put_in(inner) for key, inner in value.items()}
            case list() | tuple():
                return [self.put_in(inner) for inner in value]
            case date() | datetime():
                return value.isoformat()
            case _:
                return value

    def _rows(self, rows: Mapping[str, Any]) -> list[Any]:
        return [self.put_in({**rows["of"], name: one}) for name, many in rows.items() if name != "of" for one in many]

    def _text(self, text: str) -> Any:
        whole = WHOLE.match(text)
        if whole:
            return self.put_in(self._find(whole[1]))
        return INSIDE.sub(lambda found: str(self.put_in(self._find(found[1]))), text)

    def _find(self, path: str) -> Any:
        found: Any = self._known
        for part in path.split("."):
            if not isinstance(found, Mapping) or part not in found:
                raise Sorry(f"Nothing is called ${path}: it is not under `ids` or `about`, and no step before saved it.")
            found = found[part]
        return found
