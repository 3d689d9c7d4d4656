"""A play with its progress shown."""
from __future__ import annotations

from pathlib import Path
from uuid import UUID

from percorso.scenario.file import Planned
from percorso.scenario.player import Played, Player
from percorso.screen import progress
from percorso.suite import Suite


async def watched(suite: Suite, file: Path, play: UUID, *, clock: bool = True) -> Played:
    with progress(file.name) as watch:

        def step(planned: Planned, of: int) -> None:
            watch(f"{planned.on} {planned.step.do or 'apply programme':<44.44}", planned.number - 1, of)

        return await Player(suite, file, play, clock=clock, watch=step).run()
