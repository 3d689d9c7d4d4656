"""Whether a server answers yet: by asking it, never by waiting a while."""
from __future__ import annotations

import logging
import time
from collections.abc import Callable

PATIENCE_S = 90.0


def until(what: str, answers: Callable[[], bool], dead: Callable[[], str | None] = lambda: None) -> None:
    """Poll until it answers; `dead` tells why it never will."""
    end = time.monotonic() + PATIENCE_S
    while not answers():
        why = dead()
        if why is not None:
            raise RuntimeError(f"{what} ended at once: {why}")
        if time.monotonic() > end:
            raise RuntimeError(f"{what} did not answer within {PATIENCE_S:.0f} s")
        time.sleep(0.1)


def postgres_answers(address: str) -> bool:
    import psycopg

    try:
        with psycopg.connect(address, connect_timeout=2) as connection:
            connection.execute("SELECT 1")
    except psycopg.Error:
        return False
    return True


def kafka_answers(address: str) -> bool:
    """An admin call, after the port is open: kafka-python's own retries take seconds on a closed one."""
    import socket

    from kafka.admin import KafkaAdminClient
    from kafka.errors import KafkaError

    host, port = address.rsplit(":", 1)
    logging.getLogger("kafka").setLevel(logging.CRITICAL)
    try:
        socket.create_connection((host, int(port)), 0.5).close()
        admin = KafkaAdminClient(bootstrap_servers=address, request_timeout_ms=3000, bootstrap_timeout_ms=3000)
        try:
            admin.list_topics()
        finally:
            admin.close()
    except (KafkaError, OSError, ValueError):
        return False
    return True
