"""Ids: time-ordered for events (UUID version 7), random for what a command mints, derived where a repetition must find the same."""
from __future__ import annotations

import os
from datetime import datetime
from uuid import NAMESPACE_OID, UUID, uuid4, uuid5


def event_id(now: datetime) -> str:
    """A UUID version 7 of this instant."""
    bits = int(now.timestamp() * 1000) << 80 | int.from_bytes(os.urandom(10), "big")
    return str(UUID(int=bits & ~(0xF << 76) & ~(0x3 << 62) | 0x7 << 76 | 0x2 << 62))


def fresh() -> str:
    return str(uuid4())


def derived(*parts: str) -> str:
    """Always the same UUID for the same parts."""
    return str(uuid5(NAMESPACE_OID, "\0".join(parts)))
