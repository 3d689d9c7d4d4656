"""The tables of a service, made by one migration step; the service's own role may only add to its events."""
from __future__ import annotations

from collections.abc import Sequence

from chassis import commit, deadlines, erasure, foreign, hearing, kept, parking, reactions, relay, vault
from chassis.database import Database, Tx

EVENTS = {
    "postgres": (
        "CREATE TABLE IF NOT EXISTS stored_events (originator_id TEXT NOT NULL, originator_version BIGINT NOT NULL, topic TEXT, "
        "state BYTEA, notification_id BIGSERIAL, PRIMARY KEY (originator_id, originator_version)) "
        "WITH (autovacuum_vacuum_insert_threshold = 100000)",
        "CREATE UNIQUE INDEX IF NOT EXISTS stored_events_notification_id_idx ON stored_events (notification_id ASC)"),
    "sqlite": (
        "CREATE TABLE IF NOT EXISTS stored_events (originator_id TEXT, originator_version INTEGER, topic TEXT, state BLOB, "
        "PRIMARY KEY (originator_id, originator_version))",),
}
MODULES = (commit, vault, erasure, deadlines, hearing, kept, parking, reactions, relay, foreign)
TYPES = {"postgres": {"bytes": "BYTEA", "big": "BIGINT"}, "sqlite": {"bytes": "BLOB", "big": "INTEGER"}}


def migrate(database: Database, extra: Sequence[str] = (), grant_to: str | None = None, makes_tables: bool = False,
            only_added: Sequence[str] = ()) -> None:
    """Make what is missing. Two at once: one waits. `grant_to` is the role that the service runs as (PostgreSQL); to tables that are
    `only_added` to, as to its events, it may but add."""
    mine = [table for module in MODULES for table in module.TABLES]
    with database.locked() as tx:
        for statement in (*EVENTS[database.dialect], *mine, *extra):
            tx.execute(statement.format(**TYPES[database.dialect]))
        if grant_to and database.dialect == "postgres":
            _grant(tx, grant_to, makes_tables, ("stored_events", *only_added))


def _grant(tx: Tx, role: str, makes_tables: bool, only_added: Sequence[str]) -> None:
    """Everything on the service's tables, but for those that it has made itself; on some only to read and to add."""
    name = '"' + role.replace('"', '""') + '"'
    for row in tx.execute("SELECT quote_ident(tablename) AS made FROM pg_tables WHERE schemaname = 'public' AND tableowner = current_user"):
        tx.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {row['made']} TO {name}")
    tx.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {name}")
    for table in only_added:
        tx.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {name}")
    if makes_tables:
        tx.execute(f"GRANT CREATE ON SCHEMA public TO {name}")
