"""The worked cases as scenarios, and places to play them in."""
from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from percorso.connect import embedded
from percorso.data import Data, open_data
from percorso.scenario.histories import cases, told
from percorso.scenario.player import Played, Player

HERE = Path(__file__).parent
CASE_002, OTHER_FIGURES, CORRECTIONS = HERE / "case-002.yaml", HERE / "other-figures.yaml", HERE / "corrections.yaml"


@dataclass
class Play:
    """A scenario, played embedded. Its suite has stopped; its files are there."""

    data: Data
    player: Player
    played: Played
    told: dict[str, list[Any]]

    def case(self, n: int = 0) -> str:
        return cases(self.played)[n]

    @property
    def history(self) -> list[Any]:
        """Of the first case."""
        return self.told["case 1"]


def played(file: Path, folder: Path) -> Play:
    async def go() -> Play:
        data = open_data(folder)
        async with embedded(data) as suite:
            player = Player(suite, file, uuid4())
            done = await player.run()
            return Play(data, player, done, await told(suite, done))

    return asyncio.run(go())
