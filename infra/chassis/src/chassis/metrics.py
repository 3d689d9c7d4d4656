"""What a service counts, for Prometheus; one registry a service, since five may share a process."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256)
GAUGES = {"log": "last position of the log", "relayed": "last position that was spoken", "parked": "parked facts and reactions",
          "reactions": "reactions ready to run", "deadlines": "deadlines due", "views_behind": "archived facts the views lack",
          "relay_lag": "positions between the log's last and the relayed one", "halted": "1 while commands are refused",
          "sources_stopped": "sources that are not heard until an operator decides"}


class Metrics:
    """Counters that others add to, and gauges taken from the service's status at each scrape."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        self._http = Histogram("percorso_http_seconds", "time to answer, by route template", ("method", "route", "status"),
                               registry=registry, buckets=SECONDS)
        self._commands = Counter("percorso_commands", "commands by outcome", ("operation", "outcome"), registry=registry)
        self._refusals = Counter("percorso_refusals", "refusals by code", ("code",), registry=registry)
        self._group = Histogram("percorso_group_size", "appends that shared one commit", registry=registry, buckets=SIZES)
        self._gauges = {name: Gauge(f"percorso_{name}", text, registry=registry) for name, text in GAUGES.items()}
        self._heard = Gauge("percorso_heard_position", "last position heard", ("source", "partition"), registry=registry)
        self._lag = Gauge("percorso_consumer_lag", "records not yet heard", ("topic", "partition"), registry=registry)

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        self._http.labels(method, route, str(status)).observe(seconds)

    def command(self, operation: str, outcome: str) -> None:
        self._commands.labels(operation, outcome).inc()

    def refusal(self, code: str) -> None:
        """Count a refusal, under its code without the part it is about."""
        self._refusals.labels(code.partition(":")[0]).inc()

    def group(self, size: int) -> None:
        """Count one commit of `size` appends."""
        self._group.observe(size)

    def render(self, status: Mapping[str, Any]) -> bytes:
        """The text format, gauges as `status` has them."""
        shown = {**status, "views_behind": status.get("views", {}).get("behind", 0), "halted": bool(status.get("halted")),
                 "sources_stopped": len(status.get("stopped", {})),
                 "relay_lag": _position(status.get("log")) - _position(status.get("relayed"))}
        for name, gauge in self._gauges.items():
            gauge.set(_position(shown.get(name)))
        for gauge, by_source in ((self._heard, status.get("heard", {})), (self._lag, status.get("lag", {}))):
            for source, partitions in by_source.items():
                for partition, position in partitions.items():
                    gauge.labels(source, str(partition)).set(_position(position))
        return generate_latest(self.registry)


def _position(value: Any) -> int:
    """A position may come with its incarnation before it."""
    return int(value[-1] if isinstance(value, list | tuple) else value or 0)
