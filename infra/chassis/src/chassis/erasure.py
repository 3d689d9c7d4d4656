"""Erasure: the keys of a subject are destroyed, and the claims made of what was personal; none is ever made again (ADR 19)."""
from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from chassis.bulk import Statement
from chassis.database import Tx
from chassis.decide import Refused

TABLES = (
    "CREATE TABLE IF NOT EXISTS vault_subject (tenant TEXT NOT NULL, subject TEXT NOT NULL, erased {big} NOT NULL, destroyed TEXT, "
    "fact TEXT, PRIMARY KEY (tenant, subject))",
    "CREATE INDEX IF NOT EXISTS vault_subject_erased ON vault_subject (erased) WHERE erased > 0",
    "CREATE INDEX IF NOT EXISTS claim_owner ON claim (tenant, owner)",
)
"""A row for each subject that has keys, or had: `erased` is 0, or which erasure of this store it was; then also when the keys were
destroyed here, and the id of the fact by which."""
Erased = tuple[str, str]
"""Tenant, subject."""


def refused() -> Refused:
    return Refused("SUBJECT_ERASED", "this person's data was erased: nothing more can be recorded about them")


def destroying(tenant: str, subject: str, at: str, fact: str) -> list[Statement]:
    """Destroy all keys of a subject and the claims that are the subject's: under the writers' lock, with the fact or its hearing.

    Of one who is erased already, what an older backup may have brought back.
    """
    return [
        ("INSERT INTO vault_subject (tenant, subject, erased, destroyed, fact) SELECT %s, %s, coalesce(max(erased), 0) + 1, %s, %s "
         "FROM vault_subject WHERE erased > 0 ON CONFLICT (tenant, subject) DO UPDATE SET erased = excluded.erased, "
         "destroyed = excluded.destroyed, fact = excluded.fact WHERE vault_subject.erased = 0", (tenant, subject, at, fact)),
        ("DELETE FROM vault_key WHERE tenant = %s AND subject = %s", (tenant, subject)),
        ("DELETE FROM claim WHERE tenant = %s AND owner = %s", (tenant, subject)),
    ]


def may_have_keys(tx: Tx, tenant: str, subject: str) -> bool:
    """Whether a key of the subject may be made. It is not erased before this transaction ends: both write the subject's row."""
    rows = tx.execute("INSERT INTO vault_subject (tenant, subject, erased) VALUES (%s, %s, 0) ON CONFLICT (tenant, subject) "
                      "DO UPDATE SET erased = vault_subject.erased RETURNING erased", (tenant, subject))
    return not rows[0]["erased"]


def count(tx: Tx) -> int:
    """How many subjects this store knows to be erased."""
    found: int = tx.execute("SELECT coalesce(max(erased), 0) AS n FROM vault_subject WHERE erased > 0")[0]["n"]
    return found


def which(tx: Tx, subjects: Iterable[Erased]) -> Statement:
    """The question, which of these subjects are erased, or bear the name of one that is in another tenant."""
    return tx.one_of("SELECT tenant, subject FROM vault_subject WHERE erased > 0 AND subject {among}",
                     sorted({subject for _, subject in subjects}))


def erased(rows: Iterable[Any]) -> set[Erased]:
    return {(row["tenant"], row["subject"]) for row in rows}
