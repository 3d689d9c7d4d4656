"""How far back a programme lets its facts occur, from what was heard of it."""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from contracts.programme import Parameters


def backdate_limit_days(heard: Iterable[Mapping[str, Any]]) -> int | None:
    """In days before today, as the last of these payloads that carries a configuration says.

    None where none does. Source: `domain.md` 13.7.
    """
    said = [data["config"].get("parameters", {}) for data in heard if "config" in data]
    return Parameters.model_validate(said[-1]).backdate_limit_days if said else None
