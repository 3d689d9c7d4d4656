"""What intake speaks of: all that it records."""
from __future__ import annotations

from contracts import intake

SPOKEN = intake.SPOKEN
SILENT: tuple[type, ...] = ()
