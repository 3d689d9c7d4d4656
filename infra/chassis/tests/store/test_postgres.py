"""What only PostgreSQL can do, or must not: rights, the library's database functions, a lock that is held."""
import os
import random
import time

import psycopg
import pytest
from desk import ACTOR, OPEN, call, desk, opening
from eventsourcing.postgres import PostgresDatastore
from servers.fixtures import fresh_database

from chassis.database import open_database
from chassis.errors import Busy, StoreAway
from chassis.postgres import LOCK_SECONDS, PostgresDatabase, PostgresLog
from chassis.schema import migrate


def test_the_role_of_the_service_can_neither_change_nor_delete_an_event(postgres_url: str) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as admin:
        role = f"clerk_{os.getpid()}_{random.randrange(10**9)}"
        admin.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'x'")
        try:
            database = open_database(postgres_url, service="desk")
            migrate(database, grant_to=role)
            database.close()
            admin.execute(f"SET ROLE {role}")
            admin.execute("INSERT INTO stored_events (originator_id, originator_version, topic, state) VALUES ('a', 1, 'x', '')")
            for statement in ("UPDATE stored_events SET topic = 'y'", "DELETE FROM stored_events", "TRUNCATE stored_events"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    admin.execute(statement)
        finally:
            admin.execute("RESET ROLE")
            admin.execute(f"DROP OWNED BY {role}")
            admin.execute(f"DROP ROLE {role}")


def test_a_migration_comes_again_over_tables_that_the_service_has_made_itself(postgres_server: str) -> None:
    with fresh_database(postgres_server) as url, psycopg.connect(url, autocommit=True) as admin:
        base, roles = url.rpartition("/")[2], [f"{what}_{os.getpid()}_{random.randrange(10**9)}" for what in ("owner", "clerk")]
        for role in roles:
            admin.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'x'")
        owner, clerk = (f"postgresql://{role}:x@{url.rpartition('@')[2] if '@' in url else url.partition('://')[2]}" for role in roles)
        admin.execute(f'ALTER DATABASE "{base}" OWNER TO {roles[0]}')
        try:
            for _ in range(2):
                database = open_database(owner, service="desk")
                migrate(database, grant_to=roles[1], makes_tables=True)
                database.close()
                with psycopg.connect(clerk) as service:
                    service.execute("CREATE TABLE IF NOT EXISTS made_while_it_runs (n INTEGER)")
                    service.execute("SELECT * FROM stored_events")
        finally:
            admin.execute(f'ALTER DATABASE "{base}" OWNER TO CURRENT_USER')
            for role in reversed(roles):
                admin.execute(f"DROP OWNED BY {role} CASCADE")
                admin.execute(f"DROP ROLE {role}")


def test_postgres_database_functions_are_refused(postgres_server: str) -> None:
    with fresh_database(postgres_server) as url:
        database = open_database(url, service="desk")
        store = database.datastore  # type: ignore[attr-defined]
        assert isinstance(store, PostgresDatastore)
        store.enable_db_functions = True
        with pytest.raises(ValueError, match="loses events"):
            PostgresLog(store, 1)
        database.close()


async def test_where_another_holds_the_writers_lock_a_command_is_told_to_come_again_and_nothing_is_stored(postgres_url: str) -> None:
    with desk(postgres_url) as office, psycopg.connect(postgres_url) as holder:
        assert isinstance(office.log.database, PostgresDatabase)
        holder.execute("SELECT pg_advisory_xact_lock(%s)", (office.log.database.lock,))
        asked, once, began = opening(), call(), time.monotonic()
        with pytest.raises(Busy, match="writers' lock"):
            await office.carry_out(OPEN, asked, ACTOR, once)
        assert time.monotonic() - began < LOCK_SECONDS + 2
        assert office.log.read(0, 10) == []
        holder.rollback()
        await office.carry_out(OPEN, asked, ACTOR, once)
        assert len(office.log.read(0, 10)) == 1


def test_what_the_address_says_of_encryption_holds_for_every_connection(postgres_url: str) -> None:
    with pytest.raises(StoreAway), desk(f"{postgres_url}?sslmode=verify-full&sslrootcert=/nowhere.pem") as made:
        made.log.head()
    with desk(f"{postgres_url}?application_name=desk") as made, made.log.database.reading() as tx:
        assert tx.execute("SELECT application_name AS name FROM pg_stat_activity WHERE pid = pg_backend_pid()")[0]["name"] == "desk"
