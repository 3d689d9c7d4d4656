"""Rows of a log, read and digested a range of positions at a time: by this process, or by others side by side.

What is bound to one row is looked at here: its form, that its fact is of its aggregate, and what its service keeps of it at home. What
binds one fact to the next is the chain's. This module imports little: a worker of its own begins with it.
"""
from __future__ import annotations

import re
import sqlite3
from array import array
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from hashlib import sha256
from struct import Struct
from typing import Any, NamedTuple
from urllib.parse import quote

from chassis.errors import StoreAway

HEAD = re.compile(rb'"aggregate":"([^"]+)","aggregatetype":"([^"]+)"')
"""Near the beginning of a fact: before it stand the actor's fields alone."""
TAIL = re.compile(
    rb',"id":"[^"]+","occurred":".{10}"(?:,"policyref":"[^"]+")?(?:,"programme":"([^"]+)")?,"rest":"(.{64})","sequence":"([0-9]+)",'
    rb'"source":"([^"]+)","specversion":"1\.0"(?:,"subject":"[^"]+")?,"tenant":"([^"]+)","time":"(.{27})","type":"([^"]+)"\}', re.DOTALL)
"""What a fact ends with, after its payload: in the RFC 8785 form names are sorted. An unescaped `"` ends a string, so that the last
`,"id":"` is the envelope's own."""
_STATE, _FORM = Struct(">BII"), 1
"""How a stored event begins: its form, the lengths of fact and home (`chassis.parts`)."""
Key = tuple[bytes, bytes | None]
"""Of a trail: tenant, programme."""


class Where(NamedTuple):
    """A log's database, as a worker opens it. `dialect` is `postgres` or `sqlite`, `at` a URL or a path."""

    dialect: str
    at: str
    service: str


class Wrong(NamedTuple):
    """The first row of a range that is not what it should be."""

    what: str
    position: int
    why: str


class Digested(NamedTuple):
    """A range of rows: of each its position, the index of its trail in `keys`, the SHA-256 of its stored bytes."""

    keys: Sequence[Key]
    positions: array[int]
    trails: array[int]
    digests: bytes
    octets: int
    first: bytes
    """When its first fact was recorded, and its last."""
    last: bytes
    wrong: Wrong | None


def digested(where: Where, spans: Iterable[tuple[int, int]]) -> Generator[Digested, None, None]:
    """The rows of a log after a position, up to another; one range after another. `StoreAway` where they cannot be read."""
    source = where.service.encode()
    with _reading(where) as read:
        for span in spans:
            yield looked_at(source, read(span))


Read = Callable[[tuple[int, int]], Iterable[Sequence[Any]]]
_ROWS = "SELECT {0}, {1}, originator_version, {2}, state FROM stored_events WHERE {0} > {3} AND {0} <= {3} ORDER BY {0}"


@contextmanager
def _reading(where: Where) -> Iterator[Read]:
    if where.dialect == "sqlite":
        sql = _ROWS.format("rowid", "CAST(originator_id AS BLOB)", "CAST(topic AS BLOB)", "?")
        try:
            with closing(sqlite3.connect(f"file:{quote(where.at)}?mode=ro", uri=True, timeout=10)) as db:
                yield lambda span: db.execute(sql, span)  # row by row: what was just read is looked at while it is near
        except sqlite3.Error as away:
            raise StoreAway(f"SQLite: {away}") from away
        return
    import psycopg

    sql = _ROWS.format("notification_id", "convert_to(originator_id, 'UTF8')", "convert_to(topic, 'UTF8')", "%s")
    try:
        with psycopg.connect(where.at, autocommit=True) as connection, connection.cursor(binary=True) as cursor:
            yield lambda span: cursor.execute(sql, span).fetchall()
    except psycopg.Error as away:
        raise StoreAway(f"PostgreSQL: {type(away).__name__}") from away


def looked_at(source: bytes, rows: Iterable[Sequence[Any]]) -> Digested:
    """Look at each row, and digest it; up to the first that is wrong."""
    indices: dict[Key, int] = {}
    positions, trails, digests = list[int](), list[int](), list[bytes]()
    octets, first, last = 0, b"", b""
    wrong = None
    head, tail, begins, size, index_of = HEAD.search, TAIL.fullmatch, _STATE.unpack_from, Struct(">Q").pack, indices.get
    for position, stream, version, name, state in rows:
        try:
            form, length, home = begins(state)
            end, salted = 9 + length, 9 + length + home
            fact = state[9:end]
            key, kind = head(fact).groups()  # type: ignore[union-attr]
            programme, rest, sequence, said, tenant, recorded, type_ = tail(fact, fact.rfind(b',"id":"')).groups()  # type: ignore[union-attr]
            kept = sha256(state[salted:salted + 32] + size(home) + state[end:salted] + state[salted + 32:]).hexdigest()
            of = tenant + b"/" + kind + b"/" + key
        except Exception as trouble:
            wrong = Wrong("changed", position, f"its row holds no fact ({type(trouble).__name__})")
            break
        if recorded <= last:
            wrong = Wrong("reordered", position, "it was recorded before the fact that lies before it")
            break
        if of != stream or int(sequence) != version:
            wrong = Wrong("reordered", position, f"its row is event {version} of {_plain(stream)}, and the fact in it is another's")
            break
        if kept.encode() != rest or form != _FORM:
            wrong = Wrong("changed", position, "what its service keeps of it at home is not what its fact vouches for")
            break
        if said != source or (type_ != name and not type_.endswith(b".Private.v1")):
            wrong = Wrong("changed", position, f"it lies there as a {_plain(name)}, and is a {_plain(type_)}")
            break
        if (index := index_of(of_trail := (tenant, programme))) is None:
            index = indices[of_trail] = len(indices)
        positions.append(position)
        trails.append(index)
        digests.append(sha256(fact).digest())
        octets += len(state)
        first, last = first or recorded, recorded
    return Digested(list(indices), array("Q", positions), array("I", trails), b"".join(digests), octets, first, last, wrong)


def _plain(octets: bytes) -> str:
    return octets.decode("ascii", "replace")
