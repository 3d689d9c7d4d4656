"""Logs: a JSON object a line, with the correlation id, and without personal data.

The text of an exception may quote a row or a request, so that only its class and the places it passed are logged, except for those
whose text is ours. Nothing of a path, a query or a body is logged.
"""
from __future__ import annotations

import logging
import sys
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from time import monotonic
from types import TracebackType
from typing import Any, TextIO

import orjson

from chassis import bus, errors

correlation: ContextVar[str] = ContextVar("correlation", default="")
"""The id that one request, and all it leads to, is found by."""
service: ContextVar[str] = ContextVar("service", default="")
"""The service that is speaking, where several share a process."""
OURS: tuple[type[BaseException], ...] = (
    bus.BusAway, bus.TopicMissing, errors.KeyReused, errors.Busy, errors.StoreAway, errors.Halted, errors.UnknownStored, errors.TooLarge,
    OSError)
SELDOM, MOST_REMEMBERED = 10.0, 1000
QUIET = ("uvicorn", "httpx", "httpcore", "kafka", "aiokafka", "faststream", "eventsourcing", "asyncio", "psycopg")


class JsonLines(logging.Formatter):
    """`logger.info("relayed", extra={"fields": {"position": 7}})` adds fields. `name`: the service, where the speaking thread has none."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {"at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
                                "level": record.levelname, "service": service.get() or self._name, "logger": record.name,
                                "message": record.getMessage()}
        if this := correlation.get():
            line["correlation"] = this
        line |= getattr(record, "fields", {})
        if record.exc_info and record.exc_info[1]:
            line["error"], line["where"] = described(record.exc_info[1]), _places(record.exc_info[2])
        return orjson.dumps(line, default=str).decode()


def described(wrong: BaseException) -> str:
    """An exception without what it may quote."""
    return f"{type(wrong).__name__}: {wrong}" if isinstance(wrong, OURS) else type(wrong).__name__


def _places(trace: TracebackType | None) -> list[str]:
    return [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)[-12:]]


class Seldom(logging.Filter):
    """Of what a library says again and again, one line in ten seconds: a broker that is away makes fifty a second."""

    def __init__(self) -> None:
        super().__init__()
        self._last: dict[tuple[str, str], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.partition(".")[0] not in QUIET:
            return True
        said, now = (record.name, str(record.msg)), monotonic()
        if now - self._last.get(said, -SELDOM) < SELDOM:
            return False
        if len(self._last) >= MOST_REMEMBERED:
            self._last.clear()
        self._last[said] = now
        return True


def to_json(name: str, level: str, stream: TextIO | None = None) -> None:
    """All logs of this process as JSON lines; libraries only from WARNING on."""
    service.set(name)
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines(name))
    handler.addFilter(Seldom())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for library in QUIET:
        logging.getLogger(library).setLevel(logging.WARNING)
