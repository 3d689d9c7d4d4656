"""The facts of a programme (traccia del programma): one line a fact, with its number and hash in the trail of its source."""
from __future__ import annotations

from reporting.views.case_history import line
from reporting.views.fact import Fact
from reporting.views.view import Lines, Row

NAMES = ("id", "type", "known", "it", "en", "occurred", "recorded", "source", "incarnation", "position", "case", "aggregatetype",
         "aggregate", "sequence", "actor", "actorrole", "actororg", "policyref")


def trail_line(fact: Fact) -> Row:
    said = line(fact)
    return {name: said[name] for name in NAMES if name in said} | {"trail_number": fact.trail_number, "trail_hash": fact.trail_hash}


VIEW = Lines("programme_trail", lambda fact: fact.programme, trail_line, within="actor")
