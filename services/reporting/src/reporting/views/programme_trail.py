"""The facts of a programme (traccia del programma): one line a fact, with its number and hash in the trail of its source."""
from __future__ import annotations

from reporting.views.case_history import line
from reporting.views.fact import Fact
from reporting.views.view import Lines, Row

LEFT_OUT = ("correlation", "programme", "subject", "causation", "data")
"""Of the line in the history of its case."""


def trail_line(fact: Fact) -> Row:
    row = line(fact) | {"trail_number": fact.trail_number, "trail_hash": fact.trail_hash}
    for name in LEFT_OUT:
        row.pop(name, None)
    return row


VIEW = Lines("programme_trail", lambda fact: fact.programme, trail_line, within="actor")
