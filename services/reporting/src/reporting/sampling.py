"""Parity by sample, for every night: some keys and lines, chosen at random, reckoned from the archive and compared with what serves."""
from __future__ import annotations

import random
import string
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from chassis.database import Database, Tx
from reporting import archive, filed, generations
from reporting.compare import Difference, columns, count, flat, of_line, with_facts
from reporting.folding import Scope, kept_row
from reporting.loading import folded
from reporting.rebuild import Report
from reporting.views.all import ALL, VIEWS
from reporting.views.fact import Fact
from reporting.views.view import Folded, Lines

HEX, ALL_SIGNS = "0123456789abcdef", string.digits + string.ascii_lowercase
"""What keys begin with: most are UUIDs."""


def sampled(database: Database, some: int, views: Sequence[str] = ALL, chance: random.Random | None = None) -> Report:
    """So many facts, and so many rows of each view, chosen at random, with all that follows from them, at one archive sequence; and how
    the facts are filed. Where there is what is no fact among them, that is all that is said."""
    with database.snapshot() as tx:
        sample = Sample(tx, chance or random.Random())
        try:
            return sample.report(some, views)
        except (KeyError, ValueError, TypeError):  # what is no fact was met
            counts, named = filed.compared(tx)
            if not any(one.column == filed.UNREAD for one in named):
                raise
            return Report(0, 0, {}, counts, named, views)


class Sample:
    """`rows`: how many rows of each view were looked at."""

    def __init__(self, tx: Tx, chance: random.Random) -> None:
        self._tx, self._chance = tx, chance
        self.upto, self._served = generations.sequence(tx), generations.served(tx)
        self._facts: list[Fact] = []
        self.rows: dict[str, int] = {}

    def report(self, some: int, views: Sequence[str]) -> Report:
        seqs = self._sequences(some)
        places = [(place, self._chance.randint(1, max(self.upto, 1))) for place in self._places(some)]
        counts, named = filed.of_sample(self._tx, seqs, places)
        self._facts = [fact for seq in seqs for _, fact in archive.after(self._tx, seq - 1, 1)]
        found = [one for view in VIEWS if view.name in views for one in self.of(view, some)]
        for one in found:
            count(counts, one)
        if found:
            found[0] = with_facts(self._tx, found[0], self.upto)
        return Report(0, self.upto, self.rows, counts, [*found, *named], views)

    def of(self, view: Lines | Folded, some: int) -> Iterator[Difference]:
        if view.name in self._served:
            yield from self._lines(view, some) if isinstance(view, Lines) else self._keys(view, some)

    def _sequences(self, some: int) -> list[int]:
        """Of records, each the first from a sequence chosen at random on."""
        drawn = {self._chance.randint(1, self.upto) for _ in range(some)} if self.upto else set()
        return sorted({row["seq"] for at in drawn for row in self._tx.execute(
            "SELECT min(seq) AS seq FROM archive WHERE seq >= %s AND seq <= %s", (at, self.upto)) if row["seq"]})

    def _places(self, some: int) -> list[str]:
        """What keys may begin with."""
        return [self._chance.choice((HEX, ALL_SIGNS)[n % 2]) + format(self._chance.getrandbits(32), "08x") for n in range(some)]

    def _there(self, view: str, some: int, table: str, what: str) -> list[Any]:
        """Rows of the view, each the first from a place chosen at random on; the first of all where there is none beyond."""
        sql = f"SELECT {what} FROM {table} WHERE view = %s AND key >= %s ORDER BY key LIMIT 1"
        return [row for place in self._places(some) for row in self._tx.execute(sql, (view, place)) or self._tx.execute(sql, (view, ""))]

    def _lines(self, view: Lines, some: int) -> Iterator[Difference]:
        table = generations.rows_of(self._served[view.name])
        rows = self._there(view.name, some, table, "tenant, key, part")
        wanted = {(row["tenant"], row["key"], bytes(row["part"])): _of_line(self._tx, view, row) for row in rows}
        for fact in self._facts:
            if key := view.key(fact):
                wanted[fact.tenant, key, fact.order] = kept_row(view, view.line(fact))
        self.rows[view.name] = len(wanted)
        for (tenant, key, part), now in wanted.items():
            found = self._tx.execute(f"SELECT within, line FROM {table} WHERE view = %s AND tenant = %s AND key = %s AND part = %s",
                                     (view.name, tenant, key, part))
            yield from differing((view.name, tenant, key, part.decode()), _row(found), now)

    def _keys(self, view: Folded, some: int) -> Iterator[Difference]:
        keys = generations.keys_of(self._served[view.name])
        scopes = {(view.name, row["tenant"], row["key"]) for row in self._there(view.name, some, keys, "tenant, key")}
        scopes |= {(view.name, row["tenant"], row["key"])
                   for row in self._there(view.name, some, generations.rows_of(self._served[view.name]), "tenant, key")}
        scopes |= {(view.name, fact.tenant, key) for fact in self._facts if (key := view.key(fact))}
        self.rows[view.name] = len(scopes)
        for scope in sorted(scopes):
            yield from self._of_key(view, scope)

    def _of_key(self, view: Folded, scope: Scope) -> Iterator[Difference]:
        of = [fact for fact in archive.about(self._tx, scope[1], [scope[2]], self.upto)[scope[2]] if view.key(fact) == scope[2]]
        rows, keys = folded(of, [view])
        where, generation = "WHERE view = %s AND tenant = %s AND key = %s", self._served[view.name]
        there = {bytes(row["part"]): (row["within"], row["line"]) for row in self._tx.execute(
            f"SELECT part, within, line FROM {generations.rows_of(generation)} {where}", scope)}
        now = {row[3]: (row[4], row[5]) for row in rows}
        for part in sorted(there.keys() | now.keys()):
            yield from differing((*scope, part.decode()), there.get(part), now.get(part))
        kept = [(row["facts"], row["digest"], row["state"]) for row in self._tx.execute(
            f"SELECT facts, digest, state FROM {generations.keys_of(generation)} {where}", scope)]
        wanted = [(row[5], row[6], row[3]) for row in keys]
        yield from differing_keys(scope, kept, wanted)


def differing(at: tuple[str, str, str, str], there: tuple[str, str] | None, now: tuple[str, str] | None) -> Iterator[Difference]:
    """What is wrong in a row, if anything; or that it is missing, or extra."""
    before, after = (flat(row[1]) | {"within": row[0]} if row else None for row in (there, now))
    if before is None or after is None:
        if before is not None or after is not None:
            yield Difference("MISSING" if before is None else "EXTRA", *at, there=before, rebuilt=after)
    elif there != now:
        yield from columns(("WRONG", *at), before, after)


def differing_keys(scope: Scope, there: Sequence[tuple[int, str, str]], now: Sequence[tuple[int, str, str]]) -> Iterator[Difference]:
    names = ("facts", "digest")
    before, after = ([dict(zip(names, row, strict=False)) | flat(row[2], "state.") for row in some] for some in (there, now))
    if before and after:
        yield from columns(("WRONG", *scope, ""), before[0], after[0])
    elif before or after:
        yield Difference("EXTRA" if before else "MISSING", *scope, "", there=before[0] if before else None,
                         rebuilt=after[0] if after else None)


def _of_line(tx: Tx, view: Lines, row: Any) -> tuple[str, str] | None:
    """What the line at this place must be: None where no fact of the key is there."""
    part = bytes(row["part"])
    for fact in of_line(tx, part.decode()):
        if fact.order == part and (fact.tenant, view.key(fact)) == (row["tenant"], row["key"]):
            return kept_row(view, view.line(fact))
    return None


def _row(found: Iterable[Any]) -> tuple[str, str] | None:
    return next(((row["within"], row["line"]) for row in found), None)


