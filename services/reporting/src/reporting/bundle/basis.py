"""What an export rests on, read at one archive sequence: trails, cases, participations, and the figures as they are shown."""
from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from chassis.database import Database, Tx
from reporting import archive, generations, shown
from reporting.bundle.spoken import TrailKey, trails_of
from reporting.explain.configured import configuration_facts
from reporting.explain.counted import figures_of_participation
from reporting.explain.figure import Figure
from reporting.explain.payments import figures_of_case
from reporting.views.fact import Fact
from reporting.views.indicators import figures
from reporting.views.payment_ledger import totals

AT_ONCE = 50
"""Cases, or participations, whose facts are read together."""


class Basis(NamedTuple):
    """`upto`: the archive sequence at which `totals` and `indicators` are shown."""

    upto: int
    trails: list[TrailKey]
    programme: dict[str, Any]
    configured: list[Fact]
    cases: list[str]
    people: list[str]
    totals: dict[str, int]
    indicators: list[dict[str, Any]]


def basis_of(database: Database, tenant: str, programme: str) -> Basis | None:
    """None where no fact of such a programme is known."""
    return shown.together(database, lambda tx: _read(tx, tenant, programme))


def _read(tx: Tx, tenant: str, programme: str) -> Basis | None:
    row = shown.one(tx, tenant, "programmes", programme)
    if row is None:
        return None
    upto = generations.sequence(tx)
    lines = list(shown.every(tx, tenant, "payment_ledger", within=programme))
    people = list(shown.every(tx, tenant, "participations", within=programme))
    return Basis(upto, trails_of(tx, tenant, programme), row, configuration_facts(tx, tenant, programme, upto),
                 list(dict.fromkeys(line.key for line in lines)), [one.key for one in people], totals(line.row for line in lines),
                 figures((one.row for one in people), row.get("catalogue") or {}))


def figures_of(database: Database, tenant: str, programme: str, basis: Basis) -> Iterator[Figure]:
    """Of each case what it was paid, then of each participation what it counts for."""
    for keys, facts in _facts(database, tenant, basis.cases, basis.upto):
        yield from figures_of_case([fact for fact in facts if fact.case == keys and fact.programme == programme], basis.configured)
    for keys, facts in _facts(database, tenant, basis.people, basis.upto):
        yield from figures_of_participation([fact for fact in facts if fact.aggregate == keys], basis.configured)


def _facts(database: Database, tenant: str, keys: Sequence[str], upto: int) -> Iterator[tuple[str, list[Fact]]]:
    for start in range(0, len(keys), AT_ONCE):
        with database.reading() as tx:
            found = archive.about(tx, tenant, keys[start:start + AT_ONCE], upto)
        yield from found.items()
