"""PostgreSQL and Kafka as ordinary processes on loopback, where no Docker engine answers."""
from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from servers import bring
from servers.answers import kafka_answers, postgres_answers, until
from servers.server import ServersMissing, free_port

OWNERS = ("postgres", "nobody")


def lent() -> dict[str, Any]:
    """How to start a program that refuses root: as oneself, or as the first of OWNERS that this machine knows."""
    if os.geteuid() != 0:
        return {}
    known = {user.pw_name: user for user in pwd.getpwall()}
    user = next((known[name] for name in OWNERS if name in known), None)
    if user is None:
        raise ServersMissing("PostgreSQL refuses root: add a user `postgres`, or give PERCORSO_TEST_POSTGRES.")
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


class Owned:
    """A process with a folder of its own under /tmp (pytest's tmp_path is mode 700: a lent user cannot enter it)."""

    def __init__(self, name: str, who: dict[str, Any]) -> None:
        self.name, self.port = name, free_port()
        self.home = Path(tempfile.mkdtemp(prefix=f"percorso-{name}-", dir="/tmp"))
        self._go = {**who, "cwd": self.home, "stdin": subprocess.DEVNULL,
                    "env": {"PATH": os.environ["PATH"], "HOME": str(self.home), "LC_ALL": "C"}}
        self._process: subprocess.Popen[bytes] | None = None
        if who:
            os.chown(self.home, who["user"], who["group"])

    def _once(self, *command: str | Path) -> None:
        done = subprocess.run(command, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **self._go)
        if done.returncode:
            raise RuntimeError(f"{command[0]}: {done.stdout[-1500:]}")

    def _begin(self, *command: str | Path) -> None:
        with (self.home / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True, **self._go)

    def _dead(self) -> str | None:
        running = self._process is not None and self._process.poll() is None
        return None if running else (self.home / "log").read_text(errors="replace")[-1500:]

    def _signal(self, number: int) -> None:
        assert self._process is not None
        os.killpg(self._process.pid, number)

    def kill(self) -> None:
        self._signal(signal.SIGKILL)
        assert self._process is not None
        self._process.wait()

    def pause(self) -> None:
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._signal(signal.SIGCONT)

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self.kill()
        shutil.rmtree(self.home, ignore_errors=True)


class PostgresProcess(Owned):
    def __init__(self, settings: dict[str, str]) -> None:
        super().__init__("postgres", lent())
        self._bin = bring.postgres_programs(self.home)
        self._settings = {**settings, "listen_addresses": "127.0.0.1", "unix_socket_directories": str(self.home)}
        self.address = f"postgresql://percorso@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        data = self.home / "data"
        if not data.exists():
            self._once(self._bin / "initdb", "-D", data, "-U", "percorso", "-A", "trust", "--locale=C", "-E", "UTF8", "--no-sync")
        (data / "postmaster.pid").unlink(missing_ok=True)
        options = [word for name, value in self._settings.items() for word in ("-c", f"{name}={value}")]
        self._begin(self._bin / "postgres", "-D", data, "-p", str(self.port), *options)
        until("PostgreSQL", lambda: postgres_answers(self.address), self._dead)


class KafkaProcess(Owned):
    def __init__(self, settings: dict[str, str]) -> None:
        libs = bring.kafka_jars()
        super().__init__("kafka", {})
        self._settings, self.address = settings, f"127.0.0.1:{self.port}"
        self._java = ("java", "-Xms128m", "-Xmx512m", "-cp", f"{libs}/*")

    def start(self) -> None:
        config = self.home / "server.properties"
        if not config.exists():
            config.write_text("".join(f"{name}={value}\n" for name, value in {**self._settings, **self._listeners()}.items()))
            self._once(*self._java, "kafka.tools.StorageTool", "format", "-t", "5L6g3nShT-eMCtK--X86sw", "-c", config)
        self._begin(*self._java, "kafka.Kafka", config)
        until("Kafka", lambda: kafka_answers(self.address), self._dead)

    def _listeners(self) -> dict[str, str]:
        controller = free_port()
        return {
            "listeners": f"PLAINTEXT://{self.address},CONTROLLER://127.0.0.1:{controller}",
            "advertised.listeners": f"PLAINTEXT://{self.address}",
            "controller.quorum.voters": f"1@127.0.0.1:{controller}",
            "log.dirs": str(self.home / "data"),
        }
