"""Group commit: many appends in one transaction under the writers' lock; each judged, those that pass stored and stamped."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from chassis import erasure
from chassis.bulk import Statement
from chassis.clock import stamp
from chassis.database import Row, Tx
from chassis.decide import Release, Take
from chassis.judge import Standing, Verdict, judge
from chassis.log import Append, Log
from chassis.parts import PLACEHOLDER, pack, stamp_at, stamped, unpack
from chassis.postgres import EVENT_COLUMNS

TABLES = (
    "CREATE TABLE IF NOT EXISTS command_log (id TEXT PRIMARY KEY, digest {bytes} NOT NULL, answer {bytes} NOT NULL)",
    "CREATE TABLE IF NOT EXISTS claim (tenant TEXT NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL, owner TEXT NOT NULL, "
    "PRIMARY KEY (tenant, kind, key))",
)
TICK = timedelta(microseconds=1)
EVER = datetime(1970, 1, 1, tzinfo=UTC)
LAST_HEARD = "SELECT recorded FROM heard ORDER BY recorded DESC LIMIT 1"
CLAIMS = "SELECT tenant, kind, key, owner FROM claim WHERE key {among}"
Outcome = tuple[Verdict, bytes]
"""A verdict, and the answer to give: the append's own, or the one it had before."""


def commit_group(log: Log, appends: Sequence[Append], now: Callable[[], datetime]) -> list[Outcome]:
    """Store what passes, in order; nothing of what does not. `StoreAway` where it is not known whether the group was stored."""
    with log.database.locked() as tx:
        standing, after = _standing(log, tx, appends)
        verdicts = [judge(append, standing) for append in appends]
        passed = [append for append, verdict in zip(appends, verdicts, strict=True) if verdict is Verdict.PASSED]
        if passed:
            tx.send(_statements(tx, passed, max(now(), after)))
    return [(verdict, standing.answers[append.id][1] if append.id in standing.answers else b"")
            for append, verdict in zip(appends, verdicts, strict=True)]


def _standing(log: Log, tx: Tx, appends: Sequence[Append]) -> tuple[Standing, datetime]:
    """What holds under the lock; and the first instant that may be recorded: after the log's last, after the last heard."""
    ids, streams = [append.id for append in appends], sorted({stream for append in appends for stream in append.versions})
    claims = {at for append in appends for at in append.owners} | {
        (tenant, claim.kind, claim.key) for append in appends for tenant, claim in append.claims}
    sealed_for = {one for append in appends for one in append.sealed_for}
    answers, versions, last, *more = tx.together([
        tx.one_of("SELECT id, digest, answer FROM command_log WHERE id {among}", ids),
        tx.one_of("SELECT originator_id, max(originator_version) AS version FROM stored_events WHERE originator_id {among} "
                   "GROUP BY originator_id", streams),
        (f"SELECT ({log.last}) AS stored, ({LAST_HEARD}) AS heard", ()),
        *([tx.one_of(CLAIMS, sorted({key for _, _, key in claims}))] if claims else []),
        *([erasure.which(tx, sealed_for)] if sealed_for else [])])
    standing = Standing({row["originator_id"]: row["version"] for row in versions},
                        {row["id"]: (row["digest"], row["answer"]) for row in answers}, _held(more[0], claims) if claims else {},
                        erasure.erased(more[-1]) if sealed_for else set())
    return standing, max([EVER, *(instant(mark) + TICK for mark in _marks(last[0]))])


def _marks(last: Row) -> list[str]:
    """When the last of the log was recorded, and the last that was heard."""
    stored = [recorded(unpack(last["stored"]).fact)] if last["stored"] else []
    return [*stored, last["heard"]] if last["heard"] else stored


def owners(tx: Tx, claims: set[tuple[str, str, str]]) -> dict[tuple[str, str, str], str]:
    """Who holds these claims of (tenant, kind, key); those that nobody holds are absent."""
    return _held(tx.execute(*tx.one_of(CLAIMS, sorted({key for _, _, key in claims}))), claims)


def _held(rows: Sequence[Row], claims: set[tuple[str, str, str]]) -> dict[tuple[str, str, str], str]:
    held = {(row["tenant"], row["kind"], row["key"]): row["owner"] for row in rows}
    return {at: held[at] for at in claims if at in held}


def recorded(fact: bytes) -> str:
    """The instant at which a stored fact was recorded."""
    at = stamp_at(fact)
    return fact[at:at + len(PLACEHOLDER)].decode()


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _statements(tx: Tx, passed: Sequence[Append], first: datetime) -> list[Statement]:
    rows, moment = [], first
    for append in passed:
        for event in append.events:
            fact = stamped(event.parts.fact, event.stamp, stamp(moment))
            rows.append((event.stream, event.sequence, event.name, pack(event.parts._replace(fact=fact))))
            moment += TICK
    commands = [(append.id, append.digest, append.answer) for append in passed]
    said = [tx.insert("stored_events", EVENT_COLUMNS, rows)] if rows else []
    return [*said, tx.insert("command_log", {"id": "text", "digest": "bytea", "answer": "bytea"}, commands),
            *(_claim(tenant, claim) for append in passed for tenant, claim in append.claims),
            *(statement for append in passed for one, fact in append.erases.items()
              for statement in erasure.destroying(*one, stamp(first), fact))]


def _claim(tenant: str, claim: Take | Release) -> Statement:
    if isinstance(claim, Take):
        return ("INSERT INTO claim (tenant, kind, key, owner) VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
                (tenant, claim.kind, claim.key, claim.owner))
    return "DELETE FROM claim WHERE tenant = %s AND kind = %s AND key = %s", (tenant, claim.kind, claim.key)
