"""Ids: time-ordered for events (UUID version 7), random for what a command mints, derived where a repetition must find the same."""
from __future__ import annotations

import os
from datetime import datetime
from uuid import NAMESPACE_OID, uuid4, uuid5


def event_id(now: datetime) -> str:
    """A UUID version 7 of this instant."""
    at, any_ = f"{int(now.timestamp() * 1000):012x}", os.urandom(10).hex()
    return f"{at[:8]}-{at[8:]}-7{any_[:3]}-{'89ab'[int(any_[3], 16) & 3]}{any_[4:7]}-{any_[7:19]}"


def fresh() -> str:
    return str(uuid4())


def derived(*parts: str) -> str:
    """Always the same UUID for the same parts."""
    return str(uuid5(NAMESPACE_OID, "\0".join(parts)))
