"""What each service of a running suite answers about its trails."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from percorso.suite import SERVICES, Suite

NOTHING = "NOTHING_TO_SEAL"


async def each_service(suite: Suite, operation: str, headers: Mapping[str, str]) -> list[dict[str, Any]]:
    """The answers of the five; one that has nothing to seal says so. `Sorry` with a service's own words where it is another no."""
    found = []
    for name in SERVICES:
        answer = await suite.carry_out(await suite.operation(name, operation), {}, headers)
        said = answer.json()
        if not answer.is_success and said.get("code") != NOTHING:
            await suite.read(name, operation, {}, headers)
        found.append({"service": name, **said})
    return found
