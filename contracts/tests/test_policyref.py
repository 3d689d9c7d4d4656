"""A policy reference means the same rules for ever: a vector."""
from __future__ import annotations

import hashlib
from typing import Any

import pytest

from contracts.policyref import policy_ref

POLICY: dict[str, Any] = {"policy_id": "P-1", "valid_from": "2024-01-01", "changes_days": 5, "hours": {"night": False, "cap": "40"},
                          "steps": [{"start": "0.40"}], "note": "età", "weekly_min": None}
FORM = ('{"changes_days":5,"hours":{"cap":"40","night":false},"note":"età","policy_id":"P-1","steps":[{"start":"0.40"}],'
        '"valid_from":"2024-01-01"}')


def test_the_reference_is_the_digest_of_the_rfc_8785_form_without_nulls() -> None:
    assert policy_ref(POLICY) == "P-1@" + hashlib.sha256(FORM.encode()).hexdigest()[:16] == "P-1@9ceba4c4a6aa0e22"


def test_the_order_of_keys_and_absent_values_make_no_difference() -> None:
    given = {key: value for key, value in reversed(POLICY.items()) if value is not None}
    assert policy_ref(given) == policy_ref(POLICY)


def test_a_changed_figure_is_another_policy() -> None:
    assert policy_ref(POLICY | {"changes_days": 6}) != policy_ref(POLICY)


def test_a_policy_has_no_floats() -> None:
    with pytest.raises(TypeError, match="no floats"):
        policy_ref(POLICY | {"ratio": 0.7})
