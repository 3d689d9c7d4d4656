"""The servers that other tests stand on: found or started, killed and started again over the same data."""
from __future__ import annotations

import psycopg
import pytest
import servers.server
from kafka.admin import KafkaAdminClient, NewTopic
from servers import Server, ServersMissing


def test_a_test_gets_an_empty_database_of_its_own(postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as connection:
        assert connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() == (0,)
        connection.execute("CREATE TABLE left_behind (n int)")


def test_what_was_committed_is_there_after_postgresql_was_killed(own_postgres: Server) -> None:
    with psycopg.connect(own_postgres.address) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS n")
    own_postgres.kill()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(own_postgres.address, connect_timeout=2)
    own_postgres.start()
    with psycopg.connect(own_postgres.address) as connection:
        assert connection.execute("SELECT n FROM kept").fetchone() == (1,)


def test_a_killed_kafka_comes_back_at_its_address_with_its_topics(own_kafka: Server) -> None:
    _make_topic(own_kafka.address, "kept")
    own_kafka.kill()
    own_kafka.start()
    own_kafka.pause()
    own_kafka.resume()
    admin = KafkaAdminClient(bootstrap_servers=own_kafka.address)
    assert "kept" in admin.list_topics()
    admin.close()


def _make_topic(bootstrap: str, name: str) -> None:
    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    admin.create_topics([NewTopic(name, 1, 1)])
    admin.close()


def test_a_wrong_choice_of_servers_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERCORSO_TEST_SERVERS", "podman")
    with pytest.raises(ServersMissing, match="it may be `containers` or `processes`"):
        servers.server.chosen.__wrapped__()


def test_without_java_the_failure_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    from servers import bring

    monkeypatch.setattr("shutil.which", lambda _: None)
    with pytest.raises(ServersMissing, match="Java 17 or later and Maven"):
        bring.kafka_jars()
