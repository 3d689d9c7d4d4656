"""The history of a case (storia del caso): one line a fact, in canonical order."""
from __future__ import annotations

from functools import lru_cache

from reporting.views.fact import Fact
from reporting.views.sentences import say
from reporting.views.view import Lines, Row


@lru_cache(maxsize=2048)
def line(fact: Fact) -> Row:
    """A fact as a reader sees it, not to be changed. `known` is false where this version does not know its type."""
    said = say(fact)
    row: Row = {
        "id": fact.id, "type": fact.type, "known": said.known, "it": said.it, "en": said.en, "occurred": fact.occurred,
        "recorded": fact.recorded, "source": fact.source, "incarnation": fact.incarnation, "position": fact.position,
        "case": fact.case, "programme": fact.programme, "subject": fact.subject, "aggregatetype": fact.aggregatetype,
        "aggregate": fact.aggregate, "sequence": fact.sequence, "actor": fact.actor, "actorrole": fact.actorrole,
        "actororg": fact.actororg, "correlation": fact.correlation, "causation": fact.causation, "policyref": fact.policyref,
        "data": fact.data}
    return {name: value for name, value in row.items() if value is not None}


VIEW = Lines("case_history", lambda fact: fact.case, line)
