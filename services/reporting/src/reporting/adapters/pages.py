"""Answers in pages, as JSON or CSV; a cursor says where the next page begins, and means nothing to a client."""
from __future__ import annotations

import base64
import csv
import io
from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Literal

import orjson
from fastapi import Header, Query, Response
from pydantic import BaseModel

from chassis.web.problems import Problem

Limit = Annotated[int, Query(ge=1, le=1000, description="rows a page")]
Cursor = Annotated[str, Query(max_length=1000, description="`next` of the page before")]
Form = Annotated[Literal["json", "csv"] | None, Query(alias="format", description="overrides the Accept header")]
Accept = Annotated[str, Header(include_in_schema=False)]


class Page(BaseModel):
    """One page. `next` is the cursor of the page that follows; absent on the last. In CSV it is in the header `Next-Cursor`.

    `basis_token`, in CSV the header `Basis-Token`: by it, as `basis`, exactly this is answered again.
    """

    items: list[dict[str, Any]]
    next: str | None = None


HEADERS = {"next": "Next-Cursor", "basis_token": "Basis-Token"}
"""What of a page a CSV file's headers say."""
ALSO_CSV: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}
"""For the OpenAPI document."""


def cursor_of(at: Sequence[str | bytes | int]) -> str:
    plain = [part.decode() if isinstance(part, bytes) else part for part in at]
    return base64.urlsafe_b64encode(orjson.dumps(plain)).decode().rstrip("=")


def place(cursor: str, *kinds: type) -> list[Any]:
    """What a cursor says; a 422 problem where it is not one of ours."""
    try:
        found = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except ValueError:
        found = None
    if not isinstance(found, list) or [type(part) for part in found] != [*kinds] or any(
            "\0" in part if isinstance(part, str) else part < 0 for part in found):
        raise Problem(422, "INPUT_INVALID", "the cursor is not one that a page gave",
                      errors=[("query/cursor", "take `next` of the page before, or none")])
    return found


def answer(page: dict[str, Any], columns: Sequence[str], form: str | None, accept: str) -> Response:
    """A page: `items`, `next`, and what belongs to the whole; in CSV only the items."""
    if form == "csv" or (form is None and "text/csv" in accept):
        headers = {header: page[name] for name, header in HEADERS.items() if page.get(name)}
        return Response(table(page["items"], columns), media_type="text/csv; charset=utf-8", headers=headers)
    return Response(orjson.dumps({name: value for name, value in page.items() if name != "next" or value}), media_type="application/json")


def table(items: Iterable[dict[str, Any]], columns: Sequence[str]) -> str:
    """RFC 4180; lists and objects as JSON, true and false in lower case."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([_cell(item.get(name)) for name in columns] for item in items)
    return out.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    return orjson.dumps(value).decode() if isinstance(value, dict | list) else value
