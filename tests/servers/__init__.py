"""Real PostgreSQL and Apache Kafka for tests and benches: addresses given, else containers, else own processes on loopback."""
from __future__ import annotations

from servers.server import Server, ServersMissing, chosen
from servers.start import kafka, postgres

__all__ = ["Server", "ServersMissing", "chosen", "kafka", "postgres"]
