"""A database copied, and set back to the copy, as a restore from a backup does it: nobody is connected meanwhile."""
from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psycopg


@contextmanager
def copied(url: str) -> Iterator[str]:
    """The name of a copy, gone at the end; of an SQLite file the copy is a file beside it."""
    if url.startswith("sqlite:"):
        file = Path(url.removeprefix("sqlite:///"))
        copy = f"{file}.backup"
        with closing(sqlite3.connect(file)) as whole, closing(sqlite3.connect(copy)) as to:
            whole.backup(to)
        yield copy
        return
    copy = f"backup_{uuid4().hex[:12]}"
    _over(url, f"CREATE DATABASE {copy} TEMPLATE {_name(url)}")
    try:
        yield copy
    finally:
        _over(url, f"DROP DATABASE {copy} WITH (FORCE)")


def set_back(url: str, copy: str) -> None:
    if url.startswith("sqlite:"):
        file = Path(url.removeprefix("sqlite:///"))
        for old in (f"{file}-wal", f"{file}-shm"):
            Path(old).unlink(missing_ok=True)
        file.write_bytes(Path(copy).read_bytes())
        return
    _over(url, f"DROP DATABASE {_name(url)} WITH (FORCE)", f"CREATE DATABASE {_name(url)} TEMPLATE {copy}")


def _name(url: str) -> str:
    return urlsplit(url).path[1:]


def _over(url: str, *statements: str) -> None:
    with psycopg.connect(urlunsplit(urlsplit(url)._replace(path="/postgres")), autocommit=True) as admin:
        for statement in statements:
            admin.execute(statement)
