"""The history of a case (storia del caso): one line a fact, in canonical order."""
from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
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
    found: dict[str, None] = {}
    for row in lines:
        found[row["aggregate"]] = None
        for name in ("case", "subject", "programme"):
            if name in row:
                found[row[name]] = None
        if "data" in row:
            found.update(dict.fromkeys(ids_in(row["data"])))
    return list(found)


def cited(facts: Iterable[Fact], own: Sequence[Row]) -> Iterator[Row]:
    """Facts of no case that a case cites, as the case's reader sees them: of a bank statement only the lines of the case's own orders."""
    said = [row["data"] for row in own if "data" in row]
    payments = {data["end_to_end_id"] for data in said if "end_to_end_id" in data}
    matched = {(data["statement_id"], data["line"]) for data in said if "line" in data and "statement_id" in data}
    for fact in facts:
        row = line(fact) | {"cited": True}
        if fact.type == STATEMENT:
            lines = [n for n in fact.get("lines") or () if n.get("end_to_end_id") in payments or (fact.aggregate, n.get("line")) in matched]
            row["data"] = {**(fact.data or {}), "lines": lines}
        yield row


VIEW = Lines("case_history", lambda fact: fact.case, line)
