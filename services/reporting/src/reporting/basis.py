"""A basis (base dei dati): up to which fact of each trail an answer rests. From it the same answer is made again, whatever came since."""
from __future__ import annotations

import base64
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Any

import orjson

from chassis.bulk import Statement
from chassis.clock import stamp
from chassis.database import Row, Tx
from reporting import generations
from reporting.views.fact import Fact, read_fact

MOST = 1 << 20
"""Bytes of a basis once it is unpacked."""
AT_ONCE = 100
"""Questions that are asked in one statement."""
SEALS = 3
"""Seals of a source that are looked at, the newest first."""
TrailOf = tuple[str, int, str]
"""Source, incarnation, programme or "" for the trail of none."""
IN_TRAIL = "tenant = %s AND source = %s AND incarnation = %s AND programme"


@dataclass(frozen=True)
class Upto:
    """`number`: of the last fact of a trail. `missing`: first and last number of each run up to it that had not come yet."""

    number: int
    missing: tuple[tuple[int, int], ...] = ()

    @property
    def whole(self) -> int:
        """The number before the first hole."""
        return self.missing[0][0] - 1 if self.missing else self.number

    def holds(self, number: int) -> bool:
        return number <= self.number and not any(first <= number <= last for first, last in self.missing)


@dataclass(frozen=True)
class Basis:
    trails: Mapping[TrailOf, Upto]

    def holds(self, fact: Fact) -> bool:
        upto = self.trails.get((fact.source, fact.incarnation, fact.programme or ""))
        return upto is not None and upto.holds(fact.trail_number)

    def facts(self, programme: str | None = None, *sources: str) -> int:
        """How many facts it names: of all trails, or of a programme's, or of some sources'."""
        return sum(upto.number - sum(last - first + 1 for first, last in upto.missing) for (source, _, of), upto in self.trails.items()
                   if programme in (None, of) and (not sources or source in sources))


def current(tx: Tx, tenant: str) -> Basis:
    """What the live views rest on: the heads of the tenant's trails, less what of them has not come, or is not projected yet."""
    sequence = generations.sequence(tx)
    rows, late = tx.together([
        ("SELECT source, incarnation, programme, number, whole FROM trail_head WHERE tenant = %s ORDER BY source, incarnation, programme",
         (tenant,)),
        ("SELECT a.source, a.incarnation, h.programme, min(a.trail_number) AS first FROM archive a JOIN trail_head h "
         "ON h.tenant = a.tenant AND h.source = a.source AND h.incarnation = a.incarnation AND h.programme = coalesce(a.programme, '') "
         "WHERE a.tenant = %s AND a.seq > %s AND a.trail_number <= h.number GROUP BY a.source, a.incarnation, h.programme",
         (tenant, sequence))])
    first = {_trail(row): row["first"] for row in late}
    found = {}
    for row in rows:
        whole = min(row["whole"], first.get(_trail(row), row["number"] + 1) - 1)
        found[_trail(row)] = Upto(row["number"], _missing(tx, tenant, _trail(row), whole, row["number"], sequence))
    return Basis(found)


def _missing(tx: Tx, tenant: str, trail: TrailOf, whole: int, number: int, sequence: int) -> tuple[tuple[int, int], ...]:
    if whole == number:
        return ()
    which, params = _in(tenant, trail)
    rows = tx.execute(f"SELECT trail_number FROM archive WHERE {which} AND trail_number > %s AND trail_number <= %s AND seq <= %s "
                      "ORDER BY trail_number", (*params, whole, number, sequence))
    there = [whole, *(row["trail_number"] for row in rows)]
    return tuple((before + 1, after - 1) for before, after in pairwise(there) if after > before + 1)


def heads(tx: Tx, tenant: str, basis: Basis, programme: str | None, recorded_as_of: str | None) -> list[dict[str, Any]]:
    """The last fact of each trail that an answer rests on, with its hash: of a programme and of none, or of all trails."""
    trails = {trail: upto for trail, upto in basis.trails.items() if programme is None or trail[2] in (programme, "")}
    if recorded_as_of is None:
        found = [read_fact(bytes(row["value"])) for row in _at(tx, tenant, [(t, upto.number) for t, upto in trails.items()]).values()]
    else:
        found = [fact for trail, upto in trails.items() if (fact := _last(tx, tenant, trail, upto, recorded_as_of))]
    return [{"source": fact.source, "incarnation": fact.incarnation, "programme": fact.programme or "", "number": fact.trail_number,
             "hash": fact.trail_hash, "recorded": fact.recorded} for fact in found]


def _last(tx: Tx, tenant: str, trail: TrailOf, upto: Upto, recorded_as_of: str) -> Fact | None:
    """The last fact of a trail in the basis that was recorded by an instant; found by halves, for recorded rises with the number."""
    which, params = _in(tenant, trail)
    before = f"FROM archive WHERE {which} AND trail_number <= %s ORDER BY trail_number DESC LIMIT"
    low, high = 0, upto.number
    while low < high:
        middle = (low + high + 1) // 2
        rows = tx.execute(f"SELECT trail_number, recorded {before} 1", (*params, middle))
        if rows and rows[0]["recorded"] > recorded_as_of:
            high = rows[0]["trail_number"] - 1
        else:
            low = middle
    while rows := tx.execute(f"SELECT trail_number, value {before} 20", (*params, low)):
        for row in rows:
            if upto.holds(row["trail_number"]):
                return read_fact(bytes(row["value"]))
        low = rows[-1]["trail_number"] - 1
    return None


def beyond(tx: Tx, tenant: str, trail: TrailOf, old: Upto | None, recorded: tuple[str | None, str | None], limit: int) -> list[bytes]:
    """Values of a trail's facts that an older basis does not hold whole, recorded after the first and up to the second instant."""
    which, params = _in(tenant, trail)
    bounds = [(sql, value) for sql, value in zip(("AND recorded > %s", "AND recorded <= %s"), recorded, strict=True) if value is not None]
    rows = tx.execute(f"SELECT value FROM archive WHERE {which} AND trail_number > %s {' '.join(sql for sql, _ in bounds)} "
                      "ORDER BY trail_number LIMIT %s", (*params, old.whole if old else 0, *(value for _, value in bounds), limit))
    return [bytes(row["value"]) for row in rows]


def is_held(tx: Tx, tenant: str, basis: Basis) -> bool:
    """Whether the archive has every fact that the basis names."""
    rows = tx.execute("SELECT source, incarnation, programme, whole FROM trail_head WHERE tenant = %s", (tenant,))
    whole = {_trail(row): row["whole"] for row in rows}
    return all(whole.get(trail, 0) >= upto.number or _has(tx, tenant, trail, whole.get(trail, 0), upto)
               for trail, upto in basis.trails.items())


def _has(tx: Tx, tenant: str, trail: TrailOf, whole: int, upto: Upto) -> bool:
    """Whether of a trail that has holes after a number all is there that the basis names."""
    which, params = _in(tenant, trail)
    rows = tx.execute(f"SELECT trail_number FROM archive WHERE {which} AND trail_number > %s AND trail_number <= %s",
                      (*params, whole, upto.number))
    named = sum(1 for row in rows if upto.holds(row["trail_number"]))
    beyond_holes = Upto(upto.number, tuple((max(first, whole + 1), last) for first, last in upto.missing if last > whole))
    return named == upto.number - whole - sum(last - first + 1 for first, last in beyond_holes.missing)


def complete(tx: Tx, tenant: str, basis: Basis) -> dict[str, dict[str, Any]]:
    """As `completeness.of` said it when the basis was taken: for each source `recorded_to`, `complete_to`, `sealed_to`."""
    ends = list(dict.fromkeys((trail, number) for trail, upto in basis.trails.items() for number in (upto.number, upto.whole)))
    rows, sealing = at_once(tx, _asked(tenant, ends, "recorded"), _sealing(tenant, basis))
    recorded = {ends[row["at"]]: row["recorded"] for row in rows}
    found: dict[str, dict[str, Any]] = {}
    for source, seals in _seals(sealing, basis).items():
        own = {trail: upto for trail, upto in basis.trails.items() if trail[0] == source}
        last = max(recorded.get((trail, upto.number), "") for trail, upto in own.items())
        holes = [recorded.get((trail, upto.whole), "") for trail, upto in own.items() if upto.missing]
        found[source] = {"recorded_to": last, "complete_to": min(holes, default=last) or None,
                         "sealed_to": _sealed_to(tx, tenant, source, basis, seals)}
    return found


def _sealed_to(tx: Tx, tenant: str, source: str, basis: Basis, seals: Sequence[Fact]) -> str | None:
    """When the last fact was recorded under the newest seal in the basis whose trails are whole up to their sealed heads."""
    for seal in sorted(seals, key=lambda seal: (seal.incarnation, seal.trail_number), reverse=True)[:SEALS]:
        sealed = [((source, int(seal.get("incarnation")), head.get("programme") or ""), int(head["number"])) for head in seal.get("heads")]
        if all(trail in basis.trails and number <= basis.trails[trail].whole for trail, number in sealed):
            return max(_recorded(tx, tenant, sealed).values(), default=None)
    return None


def _sealing(tenant: str, basis: Basis) -> list[Statement]:
    """For the newest seals of each life of each source, found as what is about its log."""
    return [("SELECT a.value FROM archive_of_no_case b JOIN archive a ON a.seq = b.seq WHERE b.tenant = %s AND b.about = %s "
             "AND a.source = b.about AND a.incarnation = %s AND a.type = %s AND a.trail_number <= %s ORDER BY b.seq DESC "
             f"LIMIT {SEALS:d}", (tenant, *trail[:2], f"{trail[0]}.TrailSealed.v1", upto.number))
            for trail, upto in basis.trails.items() if not trail[2]]


def _seals(rows: Sequence[Row], basis: Basis) -> dict[str, list[Fact]]:
    """Those of the seals found that are in the basis, by source."""
    found: dict[str, list[Fact]] = {trail[0]: [] for trail in basis.trails}
    for row in rows:
        fact = read_fact(bytes(row["value"]))
        if basis.holds(fact):
            found[fact.source].append(fact)
    return found


def _recorded(tx: Tx, tenant: str, places: Sequence[tuple[TrailOf, int]]) -> dict[tuple[TrailOf, int], str]:
    """When the facts at these numbers of these trails were recorded, of those that are there."""
    return {place: row["recorded"] for place, row in _at(tx, tenant, places, "recorded").items()}


def hashes(tx: Tx, tenant: str, places: Sequence[tuple[TrailOf, int]]) -> dict[tuple[TrailOf, int], str]:
    """The hashes of trails at these numbers, of those that are there."""
    return {place: read_fact(bytes(row["value"])).trail_hash for place, row in _at(tx, tenant, places).items()}


def _at(tx: Tx, tenant: str, places: Sequence[tuple[TrailOf, int]], column: str = "value") -> dict[tuple[TrailOf, int], Row]:
    """A column of the facts at these numbers of these trails, of those that are there."""
    rows, = at_once(tx, _asked(tenant, places, column))
    return {places[row["at"]]: row for row in rows}


def _asked(tenant: str, places: Sequence[tuple[TrailOf, int]], column: str) -> list[Statement]:
    """For a column of the facts at these numbers of these trails; `at`: of which of them."""
    asked: list[Statement] = []
    for at, (trail, number) in enumerate(places):
        which, params = _in(tenant, trail)
        asked.append((f"SELECT {at:d} AS at, {column} FROM archive WHERE {which} AND trail_number = %s", (*params, number)))
    return asked


def at_once(tx: Tx, *asked: Sequence[Statement]) -> list[list[Row]]:
    """What several questions of the same columns find, for each such group; in one round trip, and one statement a hundred."""
    found: list[list[Row]] = [[] for _ in asked]
    pages = [(at, some[start:start + AT_ONCE]) for at, some in enumerate(asked) for start in range(0, len(some), AT_ONCE)]
    for (at, _), rows in zip(pages, tx.together([_united(page) for _, page in pages]), strict=True):
        found[at] += rows
    return found


def _united(asked: Sequence[Statement]) -> Statement:
    return " UNION ALL ".join(f"SELECT * FROM ({sql}) AS q" for sql, _ in asked), [one for _, params in asked for one in params]


def _in(tenant: str, trail: TrailOf) -> tuple[str, tuple[Any, ...]]:
    source, incarnation, programme = trail
    which, params = ("= %s", (programme,)) if programme else ("IS NULL", ())
    return f"{IN_TRAIL} {which}", (tenant, source, incarnation, *params)


def _trail(row: Row) -> TrailOf:
    return row["source"], row["incarnation"], row["programme"]


def packed(basis: Basis, *about: str | None) -> str:
    """A basis, and what was asked of it, as a word of letters and digits that means nothing to a client."""
    trails = [[*trail, upto.number, *(number for run in upto.missing for number in run)] for trail, upto in basis.trails.items()]
    return base64.urlsafe_b64encode(zlib.compress(orjson.dumps([about, trails]), 9)).decode().rstrip("=")


def unpacked(word: str) -> tuple[Basis, list[str | None]]:
    """ValueError where it is not such a word."""
    try:
        unzip = zlib.decompressobj()
        about, trails = orjson.loads(unzip.decompress(base64.urlsafe_b64decode(word + "=" * (-len(word) % 4)), MOST))
        found = {(str(source), incarnation, str(programme)): _upto(incarnation, number, runs)
                 for source, incarnation, programme, number, *runs in trails}
        recorded_as_of, true_on = about
        if recorded_as_of is not None and stamp(datetime.fromisoformat(recorded_as_of)) != recorded_as_of:
            raise ValueError("no instant as answers give it")
        if true_on is not None and date.fromisoformat(true_on).isoformat() != true_on:
            raise ValueError("no date as answers give it")
        if any("\0" in text for source, _, programme in found for text in (source, programme)):
            raise ValueError("a text holds the character NUL")
    except (ValueError, TypeError, zlib.error) as wrong:
        raise ValueError("not a basis that an answer gave") from wrong
    return Basis(found), [recorded_as_of, true_on]


def _upto(incarnation: Any, number: Any, runs: Sequence[Any]) -> Upto:
    """ValueError where the runs are not numbers that rise up to the last."""
    said = [0, *runs, number]
    if not all(type(one) is int and 0 <= one < 2**63 for one in (incarnation, *said)):
        raise ValueError("no numbers of a trail")
    missing = tuple(zip(runs[::2], runs[1::2], strict=True))
    if any(first > last for first, last in missing) or any(before >= after for (_, before), (after, _) in pairwise(missing)):
        raise ValueError("the runs of a trail do not rise")
    if missing and missing[-1][1] >= number:
        raise ValueError("a trail ends before what it lacks")
    return Upto(number, missing)
