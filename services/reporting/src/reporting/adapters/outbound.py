"""What reporting says: all of its events."""
from __future__ import annotations

from contracts import reporting

SPOKEN = reporting.SPOKEN
SILENT: tuple[type, ...] = ()
