"""On PostgreSQL the role of each service may but add to what proves something: its events, the archive, who read what."""
from __future__ import annotations

import os
import random
from collections.abc import Iterator

import psycopg
import pytest

from chassis import schema
from chassis.database import open_database
from percorso.host import declared
from percorso.suite import SERVICES

PROVES = ("stored_events", "archive", "archive_about", "archive_of_no_case")


@pytest.fixture
def role(postgres_url: str) -> Iterator[str]:
    name = f"clerk_{os.getpid()}_{random.randrange(10**9)}"
    with psycopg.connect(postgres_url, autocommit=True) as admin:
        admin.execute(f"CREATE ROLE {name}")
        try:
            yield name
        finally:
            admin.execute(f"DROP OWNED BY {name}")
            admin.execute(f"DROP ROLE {name}")


@pytest.mark.parametrize("service", SERVICES)
def test_what_proves_something_is_only_added_to(service: str, postgres_url: str, role: str) -> None:
    what = declared(service)
    database = open_database(postgres_url, service=service)
    schema.migrate(database, what.tables, role, what.makes_tables, what.only_added)
    database.close()
    with psycopg.connect(postgres_url) as admin:
        tables = [name for (name,) in admin.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
        proving = {name for name in tables if name in PROVES or name.endswith("_reading")}
        assert proving == {"stored_events", *what.only_added}
        for table in proving:
            rights = {right for (right,) in admin.execute(
                "SELECT privilege_type FROM information_schema.role_table_grants WHERE grantee = %s AND table_name = %s", (role, table))}
            assert rights == {"SELECT", "INSERT"}, table
