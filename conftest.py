"""For every test of the workspace: real PostgreSQL and Kafka (`tests/servers`)."""
from __future__ import annotations

import sys
from pathlib import Path

import pytest

import contracts  # noqa: F401 - before pytest takes the folder of that name for the package

sys.path.insert(0, str(Path(__file__).parent / "tests"))

pytest_plugins = ["servers.fixtures"]


def pytest_configure(config: pytest.Config) -> None:
    # kafka-python leaves the sockets that could not connect to the garbage collector.
    config.addinivalue_line("filterwarnings", r"ignore:unclosed <socket.socket fd=.+ laddr=\('0.0.0.0':ResourceWarning")
