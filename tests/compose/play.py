"""The worked cases, played twice: embedded, and in the containers. What both leave must be equal, fact for fact."""
from __future__ import annotations

import asyncio
import re
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import yaml

from compose.stack import ROOT, Stack, Wrong
from percorso.connect import embedded as embedded_suite
from percorso.connect import minting
from percorso.data import open_data
from percorso.scenario import histories
from percorso.scenario.file import Planned, Scenario, load
from percorso.scenario.player import Played, Player, client
from percorso.suite import SERVICES, Suite

PRIVATE = {"given_name", "family_name", "tax_code", "iban", "accounts", "birth_date", "protocol", "protocol_no", "motivation", "notes"}
Told = dict[str, list[Any]]


def files() -> list[Path]:
    """The whole case last: on it all else is looked at. What the other scenarios are about, no deployment changes."""
    return [ROOT / "tests/scenarios/other-figures.yaml", ROOT / "tests/scenarios/case-002.yaml"]


@dataclass(frozen=True)
class Play:
    """A scenario that was played in the containers."""

    file: Path
    scenario: Scenario
    steps: list[Planned]
    played: Played

    @property
    def refused(self) -> Counter[tuple[str, str]]:
        """(service, code) of each refusal that the scenario expects."""
        return Counter((one.step.service, one.step.expect.partition(":")[0]) for one in self.steps if isinstance(one.step.expect, str))


def embedded() -> dict[str, Told]:
    """What each scenario leaves in five services of one process, by the scenario's name."""

    async def one(file: Path) -> Told:
        with tempfile.TemporaryDirectory() as folder:
            async with embedded_suite(open_data(Path(folder))) as suite:
                return (await _play(suite, file))[1]

    async def go() -> dict[str, Told]:
        return {file.stem: await one(file) for file in files()}

    return asyncio.run(go())


async def _play(suite: Suite, file: Path) -> tuple[Played, Told]:
    played = await Player(suite, file).run()
    return played, await histories.histories(suite, played)


def deployed(stack: Stack, http: httpx.AsyncClient, services: Sequence[str] = SERVICES) -> Suite:
    """The suite in the containers, or some services of it."""
    return Suite(stack.urls(services), http, minting(stack.secrets / "issuer.pem"))


def play_and_compare(stack: Stack, file: Path, plays: list[Play], other: Mapping[str, Told]) -> str:
    """Play a scenario in the containers, and compare what it leaves with what it left embedded."""

    async def go() -> tuple[Played, Told]:
        async with client() as http:
            return await _play(deployed(stack, http), file)

    played, told = asyncio.run(go())
    scenario, steps, _ = load(file)
    plays.append(Play(file, scenario, steps, played))
    facts = {name: len(some) for name, some in told.items()}
    if not facts or not all(facts.values()):
        raise Wrong(f"a history is empty: {facts}")
    if why := histories.difference(other[file.stem], told):
        raise Wrong(f"embedded and in containers differ: {why}")
    return f"{played.steps} steps, {played.refused} refused; equal: {', '.join(f'{name} {n}' for name, n in facts.items())}"


def personal() -> set[str]:
    """The names, tax codes, accounts and the like of the people of the scenarios."""
    found: set[str] = set()
    for file in files():
        _collect(yaml.safe_load(file.read_text("utf-8")), found)
    if len(found) < 8:
        raise Wrong(f"the scenarios name too few people to look for: {len(found)} values")
    return found


def named_in(text: str, personal: Iterable[str]) -> str | None:
    """The first of these values that a text names, as written or in capitals, said so that it is not repeated; None if there is none."""
    for value in sorted(personal):
        if re.search(rf"(?<!\w)(?:{re.escape(value)}|{re.escape(value.upper())})(?!\w)", text):
            return f"{value[:2]}… ({len(value)} characters), of a person"
    return None


def _collect(value: Any, found: set[str], private: bool = False) -> None:
    match value:
        case Mapping():
            for name, inner in value.items():
                _collect(inner, found, private or name in PRIVATE)
        case list():
            for inner in value:
                _collect(inner, found, private)
        case date() if private:
            found.add(value.isoformat())
        case str() if private and len(value) > 3 and not value.startswith(("$", "{")):
            found.add(value)
