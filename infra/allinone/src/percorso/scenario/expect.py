"""Whether an answer is what a step expects, and how it differs."""
from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import httpx

from percorso.errors import Sorry

SILENT = ".Private.v1"


def came(answer: httpx.Response) -> str:
    """An answer in a few words: its status, and of a problem its code and what it says."""
    try:
        said = answer.json()
    except ValueError:
        return f"{answer.status_code} ({answer.text[:80]!r})"
    if answer.is_success or not isinstance(said, Mapping):
        return str(answer.status_code)
    where = "; ".join(f"{error.get('at')}: {error.get('why')}" for error in said.get("errors", []))
    more = ", ".join(str(also.get("code")) for also in said.get("also", []))
    return (f"{answer.status_code} {said.get('code', '')}: {said.get('detail', '')}"
            + (f" [{where}]" if where else "") + (f" (also {more})" if more else ""))


def unexpected(expect: str | int | None, answer: httpx.Response) -> str | None:
    """None if the answer is as expected; else what was expected. A text is a refusal's code, a number a status, nothing success."""
    if expect is None:
        return None if answer.is_success else "success"
    if isinstance(expect, int):
        return None if answer.status_code == expect else f"the status {expect}"
    refused = answer.status_code in (404, 409, 422) and answer.headers.get("content-type", "").startswith("application/problem+json")
    return None if refused and answer.json().get("code") == expect else f"the refusal {expect}"


def missing(expected: Any, actual: Any, at: str = "") -> str | None:
    """The first thing expected that is not there. Of an object its named fields are compared; each element of a list needs one like it."""
    if isinstance(expected, Mapping):
        if not isinstance(actual, Mapping):
            return f"{at or 'the answer'} is {actual!r}, expected an object"
        found = (missing(value, actual.get(key), f"{at}.{key}" if at else str(key)) for key, value in expected.items())
        return next((text for text in found if text), None)
    if isinstance(expected, list):
        if not isinstance(actual, Sequence) or isinstance(actual, str):
            return f"{at} is {actual!r}, expected a list"
        lacking = next((value for value in expected if all(missing(value, one) for one in actual)), None)
        return None if lacking is None else f"{at or 'the answer'} has nothing like {lacking!r}"
    return None if expected == actual else f"{at} is {actual!r}, expected {expected!r}"


def part(said: Any, path: str) -> Any:
    """A part of an answer, such as `lines.0.end_to_end_id` or `accruals.period=2.accrual_id` (the first one with that field).

    A plain name is looked for among the ids that a command made first.
    """
    made = said.get("ids", {}) if isinstance(said, Mapping) else {}
    if path in made:
        return made[path]
    found = said
    try:
        for key in path.split("."):
            found = _of_list(found, key) if isinstance(found, list) else found[key]
    except (KeyError, IndexError, TypeError, ValueError, StopIteration):
        raise Sorry(f"the answer has no {path}") from None
    return found


def _of_list(rows: list[Any], key: str) -> Any:
    name, equals, value = key.partition("=")
    return next(row for row in rows if str(row.get(name)) == value) if equals else rows[int(key)]


def miscounted(expected: Mapping[str, int], rows: Sequence[Mapping[str, Any]]) -> str | None:
    """The first type of fact that is there more or less often than expected; a type that is not named is expected not at all.

    Silent facts, of which nothing but that they are is spoken, are not counted.
    """
    actual = Counter(kind for kind in (str(row.get("type")) for row in rows) if not kind.endswith(SILENT))
    for name in (*expected, *actual):
        if actual[name] != expected.get(name, 0):
            return f"{name} is there {actual[name]} times, expected {expected.get(name, 0)}"
    return None
