"""The history of a case (storia del caso): one line a fact, in canonical order."""
from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from reporting.views.fact import Fact, ids_in
from reporting.views.sentences import say
from reporting.views.view import Lines, Row

STATEMENT = "stipend.BankStatementImported.v1"


@lru_cache(maxsize=2048)
def line(fact: Fact) -> Row:
    """A fact as a reader sees it, not to be changed. `known` is false where this version does not know its type."""
    said = say(fact)
    row: Row = {
        "id": fact.id, "type": fact.type, "known": said.known, "it": said.it, "en": said.en, "occurred": fact.occurred,
        "recorded": fact.recorded, "source": fact.source, "incarnation": fact.incarnation, "position": fact.position,
        "aggregatetype": fact.aggregatetype, "aggregate": fact.aggregate, "sequence": fact.sequence, "actor": fact.actor,
        "actorrole": fact.actorrole, "actororg": fact.actororg, "correlation": fact.correlation}
    for name, value in (("case", fact.case), ("programme", fact.programme), ("subject", fact.subject), ("causation", fact.causation),
                        ("policyref", fact.policyref), ("data", fact.data)):
        if value is not None:
            row[name] = value
    return row


def cites(lines: Iterable[Row]) -> list[str]:
    """Every id that a case's lines are about, their programme's too."""
    about = (one for row in lines for one in (row.get("case"), row.get("subject"), row["aggregate"], row.get("programme"),
                                              *ids_in(row.get("data") or {})) if one)
    return list(dict.fromkeys(about))


def cited(fact: Fact, own: Iterable[Row]) -> Row:
    """A fact of no case that a case cites, as the case's reader sees it: of a bank statement only the lines of the case's own orders."""
    row = line(fact) | {"cited": True}
    if fact.type != STATEMENT:
        return row
    said = [one.get("data", {}) for one in own]
    payments = {data["end_to_end_id"] for data in said if "end_to_end_id" in data}
    matched = {data["line"] for data in said if "line" in data and data.get("statement_id") == fact.aggregate}
    lines = [n for n in fact.get("lines") or () if n.get("end_to_end_id") in payments or n.get("line") in matched]
    return row | {"data": {**(fact.data or {}), "lines": lines}}


VIEW = Lines("case_history", lambda fact: fact.case, line)
