"""What intake speaks of: all that it records."""
from __future__ import annotations

from contracts import intake

SPOKEN = intake.SPOKEN
ERASES = "intake.SubjectErased.v1"
"""Its own fact, heard as the other services hear it."""
SILENT: tuple[type, ...] = ()
