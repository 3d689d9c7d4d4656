"""`topics plan | apply | diff`: one topic a service, as it must be."""
from __future__ import annotations

from typing import Annotated

import typer

from chassis.admin import KafkaAdmin
from chassis.login_kafka import options, parsed
from chassis.topics import Change, Wanted, topic_of
from percorso.errors import Sorry
from percorso.screen import screen
from percorso.suite import SERVICES

app = typer.Typer(no_args_is_help=True, help="Kafka's topics: one a service, never compacted, kept for ever.")
Servers = Annotated[str, typer.Option("--kafka", envvar="PERCORSO_KAFKA",
                                      help="[user:password@]host:port[,host:port][?tls=no] of the brokers.")]
Replication = Annotated[int, typer.Option(min=1, max=9, help="Copies of each record; all but one must be in sync.")]


def wanted(replication: int) -> list[Wanted]:
    return [Wanted(topic_of(name), replication=replication, in_sync=max(1, replication - 1)) for name in SERVICES]


def _admin(kafka: str) -> KafkaAdmin:
    try:
        servers, security = parsed(kafka)
    except ValueError as wrong:
        raise Sorry(f"--kafka: {wrong}.") from None
    return KafkaAdmin(servers, options(security))


def _planned(kafka: str, replication: int) -> list[Change]:
    admin = _admin(kafka)
    try:
        return admin.plan(wanted(replication))
    finally:
        admin.close()


@app.command()
def plan(kafka: Servers, replication: Replication = 3) -> None:
    """What `apply` would do."""
    for line in [str(change) for change in _planned(kafka, replication)] or ["All topics are as they must be."]:
        screen.print(line, markup=False)


@app.command()
def diff(kafka: Servers, replication: Replication = 3) -> None:
    """How the topics differ from what they must be; ends with 1 if they do."""
    changes = _planned(kafka, replication)
    for change in changes:
        screen.print(str(change))
    if changes:
        raise typer.Exit(1)


@app.command()
def apply(kafka: Servers, replication: Replication = 3) -> None:
    """Make what is missing, set what differs. Partitions are never added in place."""
    admin = _admin(kafka)
    try:
        done, left = admin.apply(wanted(replication)), admin.plan(wanted(replication))
    finally:
        admin.close()
    for change in done:
        screen.print(f"done: {change}")
    if left:
        raise Sorry("left as they are:\n" + "\n".join(map(str, left)))
    screen.print("All topics are as they must be.")
