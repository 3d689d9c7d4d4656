"""Group commit: many appends in one transaction under the writers' lock; each judged, those that pass stored and stamped."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from chassis.clock import stamp
from chassis.database import Tx
from chassis.decide import Take
from chassis.judge import Standing, Verdict, judge
from chassis.log import Append, Log
from chassis.parts import pack, stamped

TABLES = (
    "CREATE TABLE IF NOT EXISTS command_log (id TEXT PRIMARY KEY, digest {bytes} NOT NULL, answer {bytes} NOT NULL)",
    "CREATE TABLE IF NOT EXISTS claim (tenant TEXT NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL, owner TEXT NOT NULL, "
    "PRIMARY KEY (tenant, kind, key))",
)
TICK = timedelta(microseconds=1)
Outcome = tuple[Verdict, bytes]
"""A verdict, and the answer to give: the append's own, or the one it had before."""


def commit_group(log: Log, appends: Sequence[Append], now: Callable[[], datetime]) -> list[Outcome]:
    """Store what passes, in order; nothing of what does not. `StoreAway` where it is not known whether the group was stored."""
    with log.database.locked() as tx:
        standing = _standing(log, tx, appends)
        verdicts = [judge(append, standing) for append in appends]
        passed = [append for append, verdict in zip(appends, verdicts, strict=True) if verdict is Verdict.PASSED]
        if passed:
            _store(log, tx, passed, _stamp(log, tx, now))
    return [(verdict, standing.answers[append.id][1] if append.id in standing.answers else b"")
            for append, verdict in zip(appends, verdicts, strict=True)]


def _standing(log: Log, tx: Tx, appends: Sequence[Append]) -> Standing:
    ids = [append.id for append in appends]
    streams = sorted({stream for append in appends for stream in append.versions})
    claims = {at for append in appends for at in append.owners} | {
        (tenant, claim.kind, claim.key) for append in appends for tenant, claim in append.claims}
    answers = {row["id"]: (row["digest"], row["answer"])
               for row in tx.among("SELECT id, digest, answer FROM command_log WHERE id {among}", ids)}
    return Standing(log.versions(tx, streams), answers, owners(tx, claims))


def owners(tx: Tx, claims: set[tuple[str, str, str]]) -> dict[tuple[str, str, str], str]:
    """Who holds these claims of (tenant, kind, key); those that nobody holds are absent."""
    if not claims:
        return {}
    rows = tx.among("SELECT tenant, kind, key, owner FROM claim WHERE key {among}", sorted({key for _, _, key in claims}))
    held = {(row["tenant"], row["kind"], row["key"]): row["owner"] for row in rows}
    return {at: held[at] for at in claims if at in held}


def _stamp(log: Log, tx: Tx, now: Callable[[], datetime]) -> datetime:
    """The first instant to record: after the log's last, after the last heard, and never before the clock."""
    first, last = now(), log.last(tx)
    heard = tx.execute("SELECT recorded FROM heard ORDER BY recorded DESC LIMIT 1")
    marks = [last.parts.fact[last_stamp(last.parts.fact)].decode()] if last else []
    marks += [row["recorded"] for row in heard]
    return max([first, *(instant(mark) + TICK for mark in marks)])


def last_stamp(fact: bytes) -> slice:
    at = fact.rindex(b'"time":"') + 8
    return slice(at, at + 27)


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _store(log: Log, tx: Tx, passed: Sequence[Append], first: datetime) -> None:
    rows, moment = [], first
    for append in passed:
        for event in append.events:
            fact = stamped(event.parts.fact, event.stamp, stamp(moment))
            rows.append((event.stream, event.sequence, event.name, pack(event.parts._replace(fact=fact))))
            moment += TICK
    if rows:
        log.insert(tx, rows)
    tx.executemany("INSERT INTO command_log (id, digest, answer) VALUES (%s, %s, %s)",
                   [(append.id, append.digest, append.answer) for append in passed])
    for tenant, claim in [pair for append in passed for pair in append.claims]:
        _claim(tx, tenant, claim)


def _claim(tx: Tx, tenant: str, claim: object) -> None:
    if isinstance(claim, Take):
        tx.execute("INSERT INTO claim (tenant, kind, key, owner) VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
                   (tenant, claim.kind, claim.key, claim.owner))
    else:
        tx.execute("DELETE FROM claim WHERE tenant = %s AND kind = %s AND key = %s", (tenant, claim.kind, claim.key))  # type: ignore[attr-defined]
