"""How many persons of a programme are erased (cancellazioni): by pseudonym, of whom everything else goes on being counted."""
from __future__ import annotations

from chassis.database import Tx

ERASES = "intake.SubjectErased.v1"


def count(tx: Tx, tenant: str, programme: str, upto: int | None = None) -> int:
    """The persons with a fact in the programme whose erasure is archived; with `upto`, by that archive sequence."""
    until, params = ("AND e.seq <= %s", (upto,)) if upto is not None else ("", ())
    found: int = tx.execute(
        "SELECT count(DISTINCT s.subject) AS n FROM vault_subject s JOIN archive_about o ON o.tenant = s.tenant AND o.about = s.subject "
        "JOIN archive a ON a.seq = o.seq WHERE s.erased > 0 AND s.tenant = %s AND a.programme = %s AND EXISTS (SELECT 1 FROM "
        "archive_about b JOIN archive e ON e.seq = b.seq WHERE b.tenant = s.tenant AND b.about = s.subject AND e.type = %s "
        f"{until})", (tenant, programme, ERASES, *params))[0]["n"]
    return found
