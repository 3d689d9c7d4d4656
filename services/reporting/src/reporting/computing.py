"""The figures of a large programme at a moment, computed in the background, some keys at a time, and kept under their basis.

What is done is kept after each step, with the place to go on from: after a kill the computation goes on, it does not begin anew.
"""
from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any
from uuid import NAMESPACE_OID, uuid5

import orjson

from chassis.database import Database, Tx
from chassis.database import Row as Found
from chassis.errors import StoreAway
from reporting import basis as bases
from reporting import figures, moment
from reporting.moment import Moment
from reporting.shown import START
from reporting.views.indicators import figures as counted
from reporting.views.payment_ledger import totals
from reporting.views.view import Row

TABLES = (
    "CREATE TABLE IF NOT EXISTS computing (computing_id TEXT PRIMARY KEY, tenant TEXT NOT NULL, programme TEXT NOT NULL, "
    "basis TEXT NOT NULL, asked_at TEXT NOT NULL, done {big} NOT NULL, facts {big} NOT NULL, milliseconds {big} NOT NULL, "
    "view TEXT NOT NULL, place TEXT NOT NULL, figures TEXT NOT NULL)",
)
STEPS = ("payment_ledger", "participations")
"""The views that are folded, one after the other; then it is done."""
DONE = "done"
SOURCES = {"payment_ledger": "stipend", "participations": "reporting"}
PAUSE = 1.0
"""Seconds until it goes on after trouble with the database."""
logger = logging.getLogger(__name__)


class Computing:
    """One thread works on what is unfinished, the oldest first; whoever else works on it too changes nothing twice."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._stopped, self._lock = threading.Event(), threading.Lock()
        self._thread: threading.Thread | None = None

    def ask(self, tx: Tx, tenant: str, programme: str, token: str, at: str) -> str:
        """Note that these figures are wanted; the id under which they are looked at. Asked again it is the same."""
        computing_id = str(uuid5(NAMESPACE_OID, f"{tenant} {programme} {token}"))
        facts = bases.unpacked(token)[0].facts(programme, *SOURCES.values())
        nothing = orjson.dumps({"totals": totals(()), "participations": 0, "counts": {}}).decode()
        tx.execute("INSERT INTO computing (computing_id, tenant, programme, basis, asked_at, done, facts, milliseconds, view, place, "
                   "figures) VALUES (%s, %s, %s, %s, %s, 0, %s, 0, %s, '', %s) ON CONFLICT (computing_id) DO NOTHING",
                   (computing_id, tenant, programme, token, at, facts, STEPS[0], nothing))
        return computing_id

    def look(self, tx: Tx, tenant: str, computing_id: str) -> Found | None:
        rows = tx.execute("SELECT * FROM computing WHERE computing_id = %s AND tenant = %s", (computing_id, tenant))
        return rows[0] if rows else None

    def kept(self, tx: Tx, tenant: str, programme: str, token: str) -> dict[str, Any] | None:
        """The finished figures of this basis, if they were computed."""
        row = self.look(tx, tenant, str(uuid5(NAMESPACE_OID, f"{tenant} {programme} {token}")))
        return _figures(tx, row) if row and row["view"] == DONE else None

    def said(self, tx: Tx, row: Found) -> dict[str, Any]:
        """How far it is, at what rate, and the figures once it is done."""
        finished, seconds = row["view"] == DONE, row["milliseconds"] / 1000
        shown = {"moment_id": row["computing_id"], "programme_id": row["programme"], "state": "DONE" if finished else "RUNNING",
                 "done": row["done"], "of": row["done"] if finished else max(row["facts"], row["done"]), "seconds": seconds,
                 "facts_per_second": round(row["done"] / seconds) if seconds else None, "basis_token": row["basis"]}
        return shown | ({"figures": _figures(tx, row)} if finished else {})

    def wake(self) -> None:
        """Work on what is unfinished, in a thread of its own, unless one does."""
        with self._lock:
            if self._stopped.is_set() or (self._thread is not None and self._thread.is_alive()):
                return
            self._thread = threading.Thread(target=self._work, name="computing", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """After the step that is under way."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()

    def start(self) -> None:
        self._stopped.clear()
        self.wake()

    def _work(self) -> None:
        while not self._stopped.is_set():
            try:
                if not self.step():
                    return
            except StoreAway as away:
                logger.warning("figures wait: %s", away)
                self._stopped.wait(PAUSE)
            except Exception:
                logger.exception("figures stand still")
                return

    def unfinished(self, tx: Tx) -> list[Found]:
        """The oldest that is not done, if there is one."""
        return tx.execute("SELECT * FROM computing WHERE view <> %s ORDER BY asked_at, computing_id LIMIT 1", (DONE,))

    def step(self) -> bool:
        """One step of the oldest that is unfinished; False where there is none."""
        with self.database.reading() as tx:
            rows = self.unfinished(tx)
            if not rows:
                return False
            began = time.monotonic()
            done, view, place, found = _step(tx, rows[0])
        spent = round((time.monotonic() - began) * 1000)
        with self.database.transaction() as tx:
            tx.execute("UPDATE computing SET done = done + %s, milliseconds = milliseconds + %s, view = %s, place = %s, figures = %s "
                       "WHERE computing_id = %s AND view = %s AND place = %s",
                       (done, spent, view, place, found, rows[0]["computing_id"], rows[0]["view"], rows[0]["place"]))
        return True


def _step(tx: Tx, row: Found) -> tuple[int, str, str, str]:
    """Facts folded; the view and key to go on from; the figures so far."""
    tenant, view, programme = row["tenant"], row["view"], row["programme"]
    at, so_far = _moment(row), orjson.loads(row["figures"])
    keys = next(moment.keys_of(tx, tenant, view, programme, (row["place"], moment.LAST) if row["place"] else START), [])
    facts = moment.facts_of(tx, tenant, keys, at, moment.NARROWED.get(view, ""))
    rows = [one for key, own in facts.items() for _, one in moment.folded(moment.BY_NAME[view], key, own)
            if one.get("programme") == programme]
    ADD[view](tx, row, so_far, rows)
    more = view if len(keys) == moment.KEYS else (*STEPS, DONE)[STEPS.index(view) + 1]
    return sum(map(len, facts.values())), more, keys[-1] if more == view else "", orjson.dumps(so_far).decode()


def _paid(_: Tx, __: Found, so_far: dict[str, Any], rows: list[Row]) -> None:
    for name, value in totals(rows).items():
        so_far["totals"][name] += value


def _counted(tx: Tx, row: Found, so_far: dict[str, Any], rows: list[Row]) -> None:
    so_far["participations"] += len(rows)
    for one in counted(rows, figures.catalogue(tx, row["tenant"], row["programme"], _moment(row))):
        counts = so_far["counts"].setdefault(one["code"], {})
        for gender, many in one["by_gender"].items():
            counts[gender] = counts.get(gender, 0) + many


ADD: Mapping[str, Callable[[Tx, Found, dict[str, Any], list[Row]], None]] = {"payment_ledger": _paid, "participations": _counted}


def _figures(tx: Tx, row: Found) -> dict[str, Any]:
    """As the reads say them."""
    so_far = orjson.loads(row["figures"])
    catalogue = figures.catalogue(tx, row["tenant"], row["programme"], _moment(row))
    items = [one | {"by_gender": dict(sorted(so_far["counts"].get(one["code"], {}).items())),
                    "total": sum(so_far["counts"].get(one["code"], {}).values())} for one in counted((), catalogue)]
    return {"totals": so_far["totals"],
            "indicators": {"catalogue_version": catalogue.get("version"), "participations": so_far["participations"], "items": items}}


def _moment(row: Found) -> Moment:
    basis, (recorded_as_of, true_on) = bases.unpacked(row["basis"])
    return Moment(basis, recorded_as_of, true_on)
