"""What assessment says: all of its events."""
from __future__ import annotations

from contracts import assessment

SPOKEN = assessment.SPOKEN
SILENT: tuple[type, ...] = ()
