"""What a started server is to a test, and which way of starting one this machine has."""
from __future__ import annotations

import os
import socket
from functools import cache
from pathlib import Path
from typing import Literal, Protocol

CHECKOUT = Path(__file__).resolve().parents[2]
CACHE = CHECKOUT / ".percorso"

Way = Literal["containers", "processes"]


class ServersMissing(Exception):
    """No way to a server on this machine; says what to install."""


class Server(Protocol):
    """A server of a test's own. Its address stays the same over `kill` and `start`."""

    address: str

    def start(self) -> None:
        """Start, or start again over the same data, and wait until it answers."""
        ...

    def kill(self) -> None:
        """`kill -9`: no flush, no farewell."""
        ...

    def pause(self) -> None:
        """Stop the world inside it: connections stay open, nothing answers."""
        ...

    def resume(self) -> None: ...

    def stop(self) -> None:
        """Stop it and remove all it left."""
        ...


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


@cache
def chosen() -> Way:
    """Containers where a Docker engine answers, unless PERCORSO_TEST_SERVERS=processes."""
    wanted = os.environ.get("PERCORSO_TEST_SERVERS", "")
    if wanted not in ("", "processes", "containers"):
        raise ServersMissing(f"PERCORSO_TEST_SERVERS={wanted}: it may be `containers` or `processes`.")
    if wanted == "processes":
        return "processes"
    from servers.containers import engine_answers

    if wanted == "containers" and not engine_answers():
        raise ServersMissing("PERCORSO_TEST_SERVERS=containers, but no Docker engine answers. Start one, or unset the variable.")
    return "containers" if engine_answers() else "processes"
