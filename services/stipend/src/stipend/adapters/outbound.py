"""What stipend speaks of, and what stays home because it only orders its own decisions."""
from __future__ import annotations

from contracts import stipend
from stipend.domain.batch import BatchClosed
from stipend.domain.commitment import ShareChanged
from stipend.domain.numbering import AccrualNumbered
from stipend.domain.payment import ExecutionAwaited

SPOKEN = stipend.SPOKEN
SILENT: tuple[type, ...] = (ShareChanged, AccrualNumbered, BatchClosed, ExecutionAwaited)
