"""Make the topics of the five services, or set what differs; give each service its login, and close the topics to all others.

Usage: provision.py FILE. The file is JSON: `kafka`, where an administrator logs in; `replication`; `passwords`, a service each (none: the
cluster's own administrators see to logins and rights). What cannot be done in place is said; it ends with 1 then.
"""
from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from kafka.admin import (
    ACL,
    ACLOperation,
    ACLPermissionType,
    ResourcePattern,
    ResourceType,
    ScramMechanism,
    UserScramCredentialUpsertion,
)

from chassis.admin import KafkaAdmin
from chassis.login_kafka import options, parsed
from chassis.topics import Wanted, topic_of

SERVICES = ("intake", "assessment", "placement", "stipend", "reporting")
READS = ACLOperation.READ, ACLOperation.DESCRIBE
SPEAKS = (ACLOperation.WRITE,)


def main(file: str) -> int:
    said = json.loads(Path(file).read_text())
    servers, security = parsed(said["kafka"])
    admin = KafkaAdmin(servers, options(security))
    replication = said.get("replication", 1)
    wanted = [Wanted(topic_of(service), replication=replication, in_sync=max(1, replication - 1)) for service in SERVICES]
    for change in admin.apply(wanted):
        sys.stdout.write(f"done: {change}\n")
    left = [*map(str, admin.plan(wanted)), *close(admin, said.get("passwords", {}))]
    for change in left:
        sys.stdout.write(f"left: {change}\n")
    admin.close()
    return 1 if left else 0


def close(admin: KafkaAdmin, passwords: Mapping[str, str]) -> list[str]:
    """Each service reads all topics, under its own group, and writes its own. What could not be granted."""
    if not passwords:
        return []
    logins = [UserScramCredentialUpsertion(service, ScramMechanism.SCRAM_SHA_512, password) for service, password in passwords.items()]
    refused = admin.ask(lambda client: client.alter_user_scram_credentials(logins))
    rights = [right for service in passwords for right in rights_of(service)]
    failed = admin.ask(lambda client: client.create_acls(rights))["failed"]
    return [*(f"the login of {user}: {why}" for user, why in refused.items() if why), *(str(one) for one in failed)]


def rights_of(service: str) -> Iterator[ACL]:
    for topic in map(topic_of, SERVICES):
        yield from granted(service, ResourceType.TOPIC, topic, READS)
    yield from granted(service, ResourceType.TOPIC, topic_of(service), SPEAKS)
    yield from granted(service, ResourceType.GROUP, f"percorso.{service}", READS)


def granted(service: str, kind: ResourceType, name: str, operations: tuple[ACLOperation, ...]) -> Iterator[ACL]:
    for operation in operations:
        yield ACL(f"User:{service}", "*", operation, ACLPermissionType.ALLOW, ResourcePattern(kind, name))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
