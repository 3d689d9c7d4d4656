"""The same views the library's own way: its `ProjectionRunner` hands over one event, which is folded and tracked in one transaction."""
from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate
from eventsourcing.persistence import Tracking
from eventsourcing.postgres import PostgresTrackingRecorder
from eventsourcing.projection import Projection, ProjectionRunner

from bench.library import environment
from chassis.database import open_database
from chassis.postgres import PostgresTx
from reporting import archive, generations
from reporting.folding import Batch
from reporting.views.fact import Fact, read_fact

PATIENCE_S = 300


class Heard(Aggregate):
    """A fact, as an event of the library's."""

    def __init__(self, place: str) -> None:
        self.place = place


class Facts(Application[UUID]):
    name = "facts"


class Kept(PostgresTrackingRecorder):
    """The views' tables, and where each fact is found."""

    values: dict[str, bytes]
    of: generations.Served
    upto: int

    def keep(self, place: str, tracking: Tracking) -> None:
        with self.datastore.transaction(commit=True) as cursor:
            Batch(PostgresTx(cursor), self.of, self.upto).fold([read_fact(self.values[place])])
            self._insert_tracking(cursor, tracking)


class Views(Projection[Kept]):
    name = "views"

    def process_event(self, domain_event: Any, tracking: Tracking) -> None:
        self.view.keep(domain_event.place, tracking)


async def projected(url: str, sample: Sequence[Fact]) -> float:
    """Facts a second, from the first to the last of the sample."""
    return await asyncio.to_thread(partial(_projected, url, [fact.place for fact in sample]))


def _projected(url: str, places: Sequence[str]) -> float:
    database, env = open_database(url, service="reporting"), environment(url) | {"PERSISTENCE_MODULE": "eventsourcing.postgres"}
    with database.transaction() as tx:
        kept = {row["place"]: bytes(row["value"]) for row in tx.execute("SELECT place, value FROM archive")}
        generation = generations.new(tx, "postgres")
        generations.index(tx, generation)
        Kept.values, Kept.of, Kept.upto = kept, dict.fromkeys(generations.served(tx), generation), archive.head(tx)
    name = f"facts{uuid4().hex[:6]}"
    heard = type("Facts", (Facts,), {"name": name})
    app = heard(env)
    for start in range(0, len(places), 100):
        last = app.save(*(Heard(place) for place in places[start:start + 100]))[-1].notification.id
    runner = ProjectionRunner(application_class=heard, projection_class=Views, view_class=Kept, env=env)
    begun = time.perf_counter()
    with runner:
        runner.wait(last, timeout=PATIENCE_S)
        took = time.perf_counter() - begun
    app.close()
    with database.transaction() as tx:
        generations.drop(tx, generation)
    database.close()
    return len(places) / took
