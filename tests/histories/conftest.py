"""Says how many histories were driven: the number is what is promised."""
from __future__ import annotations

from typing import Any

from histories.told import SAID


def pytest_terminal_summary(terminalreporter: Any) -> None:
    for line in SAID:
        terminalreporter.write_line(line)
