"""Keys and passwords for docker-compose.yml, made once into a folder that only its owner can enter. Usage: make_secrets.py FOLDER

The files inside can be read by all: containers read them under another user, each only those that are mounted into it.
The issuer's private key is mounted nowhere: it mints the tokens of `make compose-test`, and of who tries the suite out.
"""
from __future__ import annotations

import base64
import json
import secrets
import sys
from pathlib import Path

from chassis.issuer import Issuer

SERVICES = ("intake", "assessment", "placement", "stipend", "reporting")
JAAS = """KafkaServer {
  org.apache.kafka.common.security.plain.PlainLoginModule required username="admin" password="PASSWORD" user_admin="PASSWORD";
  org.apache.kafka.common.security.scram.ScramLoginModule required;
};
"""
"""The broker's own login and its administrator's; the services' logins are made by infra/kafka/provision.py."""


def make(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.chmod(0o700)
    once(folder / "postgres_password", word())
    once(folder / "actor_key", key())
    admin = once(folder / "kafka_password", word())
    once(folder / "kafka_jaas.conf", JAAS.replace("PASSWORD", admin))
    for service in SERVICES:
        once(folder / f"{service}_master_key", key())
        once(folder / f"{service}_seal_key", key())
        for role, purpose in ((service, "database_url"), (f"{service}_owner", "migrate_url")):
            password = once(folder / f"{role}_password", word())
            once(folder / f"{service}_{purpose}", f"postgresql://{role}:{password}@postgres:5432/{service}")
        once(folder / f"{service}_bus", f"kafka://{service}:{once(folder / f'{service}_kafka_password', word())}@kafka:9092?tls=no")
    once(folder / "provision.json", json.dumps({
        "kafka": f"admin:{admin}@kafka:9092?tls=no&mechanism=PLAIN", "replication": 1,
        "passwords": {service: (folder / f"{service}_kafka_password").read_text() for service in SERVICES}}))
    once(folder / "jwks.json", json.dumps(Issuer.at(folder / "issuer.pem").jwks()))


def once(file: Path, text: str) -> str:
    """Write the file if it is not there; what it holds."""
    if not file.exists():
        file.write_text(text)
        file.chmod(0o644)
    return file.read_text()


def word() -> str:
    return secrets.token_urlsafe(24)


def key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


if __name__ == "__main__":
    make(Path(sys.argv[1]))
