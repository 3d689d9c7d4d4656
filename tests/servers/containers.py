"""PostgreSQL and Kafka as containers (testcontainers), on a port of 127.0.0.1 chosen beforehand: it stays over restarts."""
from __future__ import annotations

import gc
import os
import warnings
from functools import cache

from servers.answers import kafka_answers, postgres_answers, until
from servers.server import ServersMissing, free_port

os.environ.setdefault("TESTCONTAINERS_RYUK_DISABLED", "true")
POSTGRES_IMAGE, KAFKA_IMAGE = "postgres:17", "apache/kafka:4.1.1"


@cache
def engine_answers() -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # docker leaves the socket open over which nothing answered
        answers = _answers()
        gc.collect()
    return answers


def _answers() -> bool:
    import docker  # type: ignore[import-untyped]
    from docker.errors import DockerException  # type: ignore[import-untyped]

    try:
        client = docker.from_env(timeout=5)
        try:
            return bool(client.ping())
        finally:
            client.close()
    except (DockerException, OSError):
        return False


class Container:
    """A server in a container; removed by `stop`."""

    def __init__(self, image: str, inner_port: int, environment: dict[str, str], command: str = "") -> None:
        from testcontainers.core.container import DockerContainer

        self.port = free_port()
        self._made = False
        self._container = DockerContainer(image)
        self._container.ports = {f"{inner_port}/tcp": ("127.0.0.1", self.port)}  # type: ignore[dict-item]
        for name, value in environment.items():
            self._container.with_env(name, value)
        if command:
            self._container.with_command(command)

    def _begin(self) -> None:
        if self._made:
            self._container.get_wrapped_container().start()
            return
        try:
            self._container.start()
        except Exception as e:
            raise ServersMissing(
                f"The Docker engine answers, but {self._container.image} does not start ({e}). Make the image available, "
                "or set PERCORSO_TEST_SERVERS=processes to use servers of this machine."
            ) from e
        self._made = True

    def kill(self) -> None:
        self._container.get_wrapped_container().kill()

    def pause(self) -> None:
        self._container.get_wrapped_container().pause()

    def resume(self) -> None:
        self._container.get_wrapped_container().unpause()

    def stop(self) -> None:
        if self._made:
            self._container.stop(force=True, delete_volume=True)
            self._container.get_docker_client().client.close()
            self._made = False


class PostgresContainer(Container):
    def __init__(self, settings: dict[str, str]) -> None:
        given = " ".join(f"-c {name}={value}" for name, value in settings.items())
        environment = {"POSTGRES_USER": "percorso", "POSTGRES_HOST_AUTH_METHOD": "trust"}
        super().__init__(POSTGRES_IMAGE, 5432, environment, f"postgres {given}")
        self.address = f"postgresql://percorso@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        self._begin()
        until("PostgreSQL", lambda: postgres_answers(self.address))


class KafkaContainer(Container):
    def __init__(self, settings: dict[str, str]) -> None:
        super().__init__(KAFKA_IMAGE, 9092, {})
        self.address = f"127.0.0.1:{self.port}"
        for name, value in {**settings, **self._listeners()}.items():
            self._container.with_env("KAFKA_" + name.upper().replace(".", "_"), value)

    def _listeners(self) -> dict[str, str]:
        return {
            "listeners": "PLAINTEXT://:9092,CONTROLLER://:9093",
            "advertised.listeners": f"PLAINTEXT://{self.address}",
            "controller.quorum.voters": "1@localhost:9093",
        }

    def start(self) -> None:
        self._begin()
        until("Kafka", lambda: kafka_answers(self.address))
