"""What reporting's own decisions listen to. The archive keeps every fact, listed or not."""
from __future__ import annotations

from chassis.declare import Reaction

ERASES = "intake.SubjectErased.v1"
HEARS: tuple[str, ...] = ("intake.CaseOpened.v1",)
REACTIONS: tuple[Reaction, ...] = ()
