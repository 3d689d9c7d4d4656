"""Rotation of a master key: what it wrapped is wrapped by the new one, a batch a transaction; nothing is sealed anew (ADR 10).

Cut off, it goes on where it was: what the new key has wrapped is passed over. The key of claims comes last, so that a service that has the
new key alone does not start before all is done.
"""
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from chassis.database import Database, Tx
from chassis.master import Master, WrongMaster
from chassis.vault import constant_bound, key_bound

BATCH = 200
"""Keys a transaction: for so long no one else appends."""


class Rewrapped(NamedTuple):
    """How many were wrapped anew, and how many are there."""

    anew: int
    of: int


class _Keys(NamedTuple):
    """A table of wrapped keys, its primary key, and what each is bound to."""

    table: str
    columns: tuple[str, ...]
    bound: Callable[[Sequence[str]], bytes]

    def after(self, tx: Tx, at: Sequence[str]) -> Sequence[Any]:
        names, marks = ", ".join(self.columns), ", ".join("%s" for _ in self.columns)
        return tx.execute(f"SELECT {names}, wrapped FROM {self.table} WHERE ({names}) > ({marks}) AND wrapped IS NOT NULL ORDER BY {names} "
                          "LIMIT %s", (*at, BATCH))

    def put(self, at: Sequence[str], wrapped: bytes) -> tuple[str, Sequence[Any]]:
        which = " AND ".join(f"{name} = %s" for name in self.columns)
        return f"UPDATE {self.table} SET wrapped = %s WHERE {which} RETURNING wrapped", (wrapped, *at)


KEYS = (_Keys("vault_key", ("tenant", "subject", "purpose"), key_bound), _Keys("vault_constant", ("name",), constant_bound))


def rewrap(database: Database, master: Master, watch: Callable[[int], None] = lambda done: None) -> Rewrapped:
    """Wrap all keys of a vault by this master key; `watch` is told after each batch how many were looked at.

    Under the writers' lock, as an erasure is: a key that is destroyed meanwhile is gone. `WrongMaster`, and nothing of its batch changed,
    where a key was wrapped by neither. What others add meanwhile is looked at too: the last pass finds nothing left to do.
    """
    anew = 0
    while True:
        passed = [_pass(database, master, keys, watch) for keys in KEYS]
        anew += (now := sum(one.anew for one in passed))
        if not now:
            return Rewrapped(anew, sum(one.of for one in passed))


def _pass(database: Database, master: Master, keys: _Keys, watch: Callable[[int], None]) -> Rewrapped:
    at, anew, seen = ("",) * len(keys.columns), 0, 0
    while True:
        with database.locked() as tx:
            found = {tuple(row[name] for name in keys.columns): row["wrapped"] for row in keys.after(tx, at)}
            anew += _batch(tx, master, keys, found)
        if not found:
            return Rewrapped(anew, seen)
        at, seen = next(reversed(found)), seen + len(found)
        watch(seen)


def _batch(tx: Tx, master: Master, keys: _Keys, found: Mapping[tuple[str, ...], bytes]) -> int:
    """Wrap anew what the new key has not wrapped, and open what was written before it is committed; how many."""
    old = {at: master.unwrap(wrapped, keys.bound(at)) for at, wrapped in found.items() if master.opened(wrapped, keys.bound(at)) is None}
    if old:
        written = tx.together([keys.put(at, master.wrap(key, keys.bound(at))) for at, key in old.items()])
        for (at, key), [row] in zip(old.items(), written, strict=True):
            if master.opened(row["wrapped"], keys.bound(at)) != key:
                raise WrongMaster("a key that was wrapped anew does not open as the one that it was: its batch was left as it is")
    return len(old)
