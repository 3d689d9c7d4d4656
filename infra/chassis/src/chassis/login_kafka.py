"""Where Kafka is and who asks: `[user:password@]host:port[,host:port][?tls=no][&mechanism=PLAIN]`."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, unquote

from faststream.kafka.security import parse_security
from faststream.security import BaseSecurity, SASLPlaintext, SASLScram512

MECHANISMS: dict[str, Callable[..., BaseSecurity]] = {"SCRAM-SHA-512": SASLScram512, "PLAIN": SASLPlaintext}
KNOWN = {"tls": ("yes", "no"), "mechanism": tuple(MECHANISMS)}


def parsed(where: str) -> tuple[list[str], BaseSecurity | None]:
    """The brokers, and how to log in: SCRAM-SHA-512 over TLS, unless it says otherwise; without a user, not at all."""
    at, _, query = where.partition("?")
    login, _, servers = at.rpartition("@")
    asked = {"tls": "yes", "mechanism": "SCRAM-SHA-512", **dict(parse_qsl(query, keep_blank_values=True))}
    if set(asked) > KNOWN.keys() or not all(asked[name] in KNOWN[name] for name in KNOWN):
        raise ValueError("after the brokers' addresses stands tls=no or mechanism=PLAIN, or nothing")
    if not login:
        return servers.split(","), None
    user, _, password = login.partition(":")
    return servers.split(","), MECHANISMS[asked["mechanism"]](unquote(user), unquote(password), use_ssl=asked["tls"] == "yes")


def options(security: BaseSecurity | None) -> dict[str, Any]:
    """The same for the clients that FastStream does not open."""
    return {name: value for name, value in parse_security(security).items() if value is not None}
