"""What was heard about an id, in canonical order; parsed facts are remembered, since they never change."""
from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Mapping, Sequence
from threading import Lock

import orjson

from chassis.coming import about_key, heard_of
from chassis.database import Database
from chassis.decide import Heard

MOST = 8192
Key = tuple[str, int, int]


class HeardFacts:
    """(occurred, recorded, source, incarnation, position) is the order in which facts are folded, everywhere; within one aggregate they
    follow one another as they did there, whatever their dates say: each takes the next of its aggregate's places.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: OrderedDict[Key, Heard] = OrderedDict()
        self._lock = Lock()

    def about(self, tenant: str, about: str) -> list[Heard]:
        """The facts heard about an id (case, subject, aggregate, any `…_id` of a payload), of this tenant."""
        asked = (about_key(tenant, about),)
        with self._database.reading() as tx:
            rows = tx.execute("SELECT source, incarnation, position FROM heard_about WHERE about = %s", asked)
            keys: list[Key] = [(row["source"], row["incarnation"], row["position"]) for row in rows]
            with self._lock:
                found = {key: self._known[key] for key in keys if key in self._known}
            if len(found) < len(keys):
                bodies = tx.execute("SELECT h.source, h.incarnation, h.position, h.body FROM heard_about a JOIN heard h USING "
                                    "(source, incarnation, position) WHERE a.about = %s", asked)
                found = {(r["source"], r["incarnation"], r["position"]): heard_of(orjson.loads(bytes(r["body"]))) for r in bodies}
                self._remember(found)
        order = sorted(found, key=lambda key: (found[key].occurred, found[key].recorded, *key))
        return _in_sequence(order, found)

    def _remember(self, facts: dict[Key, Heard]) -> None:
        with self._lock:
            self._known.update(facts)
            while len(self._known) > MOST:
                self._known.popitem(last=False)


def _in_sequence(order: Sequence[Key], facts: Mapping[Key, Heard]) -> list[Heard]:
    places: dict[tuple[str, str], list[Key]] = defaultdict(list)
    for key in order:
        places[key[0], facts[key].aggregate].append(key)
    turns = {aggregate: iter(sorted(keys)) for aggregate, keys in places.items()}
    return [facts[next(turns[key[0], facts[key].aggregate])] for key in order]
