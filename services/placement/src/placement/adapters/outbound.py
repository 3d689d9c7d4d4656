"""What placement says of its events: every one of them is spoken."""
from __future__ import annotations

import contracts.placement

SPOKEN = contracts.placement.SPOKEN
SILENT: tuple[type, ...] = ()
