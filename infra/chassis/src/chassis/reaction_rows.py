"""The reactions that are still to run, as rows: put there when a fact is heard, gone when they are done."""
from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from chassis.bulk import Statement, Table
from chassis.coming import Came
from chassis.database import Tx
from chassis.declare import Reaction

TABLES = (
    "CREATE TABLE IF NOT EXISTS reaction (id TEXT PRIMARY KEY, kind TEXT NOT NULL, source TEXT NOT NULL, incarnation {big} NOT NULL, "
    "position {big} NOT NULL, key TEXT NOT NULL, batch {big} NOT NULL, state TEXT NOT NULL, reason TEXT)",
    "CREATE INDEX IF NOT EXISTS reaction_key ON reaction (source, key)",
    "CREATE TABLE IF NOT EXISTS reaction_wait (about TEXT NOT NULL, reaction TEXT NOT NULL, PRIMARY KEY (about, reaction))",
)
"""`state`: ready, waiting (for a fact about one of `reaction_wait`), parked (its code raised)."""
_REACTION = Table("reaction", {"id": "text", "kind": "text", "source": "text", "incarnation": "bigint", "position": "bigint",
                               "key": "text", "batch": "bigint", "state": "text"}, "ON CONFLICT DO NOTHING")


def fresh_reactions(tx: Tx, reactions: Sequence[Reaction], heard: Sequence[Came], old: Mapping[tuple[str, int], tuple[int, int]],
                    batch: int) -> list[Statement]:
    """Reactions to facts just heard. To those that were there before their type was listed (`old`), only if the reaction says so."""
    by_type: dict[str, list[Reaction]] = defaultdict(list)
    for reaction in reactions:
        by_type[reaction.on].append(reaction)
    rows = []
    for came in heard:
        for reaction in by_type.get(came.fact["type"], ()):
            past = came.place <= old.get((reaction.on, came.record.partition), (0, 0))
            if not past or reaction.from_beginning:
                rows.append((reaction_id(reaction.kind, came.source, *came.place), reaction.kind, came.source, *came.place, came.key,
                             batch, "ready"))
    return _REACTION.statements(tx, rows)


def reaction_id(kind: str, source: str, incarnation: int, position: int) -> str:
    return f"reaction:{kind}:{source}:{incarnation}:{position}"


def wake_all(tx: Tx) -> None:
    """Make ready all that wait: what they waited for may be no fact, but an operator's decision."""
    tx.execute("UPDATE reaction SET state = 'ready' WHERE state = 'waiting'")


def wake(tx: Tx, about: Sequence[str]) -> None:
    """Make ready the reactions that wait for a fact about one of these."""
    if about and tx.execute("SELECT 1 AS some FROM reaction_wait LIMIT 1"):
        for row in tx.among("SELECT DISTINCT reaction FROM reaction_wait WHERE about {among}", about):
            tx.execute("UPDATE reaction SET state = 'ready' WHERE id = %s AND state = 'waiting'", (row["reaction"],))
