"""A PostgreSQL database copied, and set back to the copy, as a restore from a backup does it: nobody is connected meanwhile."""
from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psycopg


@contextmanager
def copied(url: str) -> Iterator[str]:
    """The name of a copy, gone at the end."""
    copy = f"backup_{uuid4().hex[:12]}"
    _over(url, f"CREATE DATABASE {copy} TEMPLATE {_name(url)}")
    try:
        yield copy
    finally:
        _over(url, f"DROP DATABASE {copy} WITH (FORCE)")


def set_back(url: str, copy: str) -> None:
    _over(url, f"DROP DATABASE {_name(url)} WITH (FORCE)", f"CREATE DATABASE {_name(url)} TEMPLATE {copy}")


def _name(url: str) -> str:
    return urlsplit(url).path[1:]


def _over(url: str, *statements: str) -> None:
    with psycopg.connect(urlunsplit(urlsplit(url)._replace(path="/postgres")), autocommit=True) as admin:
        for statement in statements:
            admin.execute(statement)
