"""How large the machine is, and what runs on it."""
from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bench.place import Place

LIBRARIES = ("eventsourcing", "psycopg", "faststream", "aiokafka", "fastapi", "uvicorn", "pydantic", "orjson", "cryptography")
DURABLE = ("fsync", "synchronous_commit", "full_page_writes")


def cores() -> int:
    """That this process may use."""
    return len(os.sched_getaffinity(0))


def machine(place: Place) -> dict[str, Any]:
    """Cores that this process may use, memory, versions; `durable`: PostgreSQL's settings of that name; the load before the run."""
    return {"cores": cores(), "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
            "cpu": _cpu(), "kernel": platform.release(), "python": platform.python_version(), "postgresql": place.setting("server_version"),
            "durable": {name: place.setting(name) for name in DURABLE}, "kafka": _kafka(), "servers": place.way,
            "libraries": {name: version(name) for name in LIBRARIES}, "load_before": round(os.getloadavg()[0], 1)}


def sentence(of: dict[str, Any]) -> str:
    durable = "durable" if set(of["durable"].values()) == {"on"} else f"NOT DURABLE: {of['durable']}"
    return (f"{of['cores']} cores ({of['cpu']}), {of['memory_gib']} GiB, load before the run {of['load_before']}; Python {of['python']}; "
            f"PostgreSQL {of['postgresql']} ({durable}) and Kafka {of['kafka']} on the same cores ({of['servers']}); "
            + ", ".join(f"{name} {number}" for name, number in of["libraries"].items()))


def _cpu() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _kafka() -> str:
    """What the tests' servers are: `infra/kafka/pom.xml` and the image name the same release."""
    from servers.containers import KAFKA_IMAGE

    return KAFKA_IMAGE.rpartition(":")[2]
