"""How a policy is referred to: its id and the beginning of its digest, so that a reference always means the same rules.

Receivers make the reference from the policy *as they heard it*, never from a model of theirs: a later version of `Policy` may know
more optional fields.
"""
from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from contracts.programme import Policy


def policy_ref(policy: Policy | Mapping[str, Any]) -> str:
    """`policy_id@` and the first 16 hexadecimal digits of the SHA-256 of the policy's RFC 8785 form without nulls.

    Strings, integers, booleans, lists, objects with ASCII keys: for those sorted keys without white space are that form.
    """
    said = policy.model_dump(mode="json") if isinstance(policy, Policy) else policy
    form = json.dumps(_without_nulls(said), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return f"{said['policy_id']}@{hashlib.sha256(form.encode()).hexdigest()[:16]}"


def _without_nulls(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_nulls(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, float):
        raise TypeError("a policy has no floats: numbers are decimal strings")
    return [_without_nulls(inner) for inner in value] if isinstance(value, list | tuple) else value
