"""What reporting's own decisions listen to. The archive keeps every fact, listed or not."""
from __future__ import annotations

from chassis.declare import Reaction

HEARS: tuple[str, ...] = ("intake.CaseOpened.v1",)
REACTIONS: tuple[Reaction, ...] = ()
