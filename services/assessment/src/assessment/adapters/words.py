"""The forms that are checked before a decision: each gives the value as it is kept, or refuses it."""
from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from chassis.decide import Refused
from contracts.words import OperatorId

OPERATOR = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def operator_id(value: str) -> str:
    if not OPERATOR.fullmatch(value):
        raise Refused("OPERATOR_ID_INVALID", "an operator is named by the id that GET /me gives them, a UUID in lower case")
    return value


WORDS: Mapping[Any, Callable[[str], str]] = {OperatorId: operator_id}
