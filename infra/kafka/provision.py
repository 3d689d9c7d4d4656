"""Make the topics of the five services, or set what differs; say what cannot be done in place. Usage: provision.py HOST:PORT REPLICATION"""
from __future__ import annotations

import sys

from chassis.admin import KafkaAdmin
from chassis.topics import Wanted, topic_of

SERVICES = ("intake", "assessment", "placement", "stipend", "reporting")


def main(servers: str, replication: int) -> int:
    admin = KafkaAdmin(servers.split(","))
    wanted = [Wanted(topic_of(service), replication=replication, in_sync=max(1, replication - 1)) for service in SERVICES]
    for change in admin.apply(wanted):
        sys.stdout.write(f"done: {change}\n")
    left = admin.plan(wanted)
    for change in left:
        sys.stdout.write(f"left: {change}\n")
    admin.close()
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
