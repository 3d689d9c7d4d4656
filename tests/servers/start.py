"""Start a server of one's own, the way this machine has."""
from __future__ import annotations

from servers.server import Server, chosen

NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
BROKER = {
    "node.id": "1",
    "process.roles": "broker,controller",
    "controller.listener.names": "CONTROLLER",
    "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
    "inter.broker.listener.name": "PLAINTEXT",
    "auto.create.topics.enable": "false",
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "1",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "group.initial.rebalance.delay.ms": "0",
    "broker.session.timeout.ms": "2000",
    "broker.heartbeat.interval.ms": "500",
}


def postgres(*, durable: bool = True) -> Server:
    """A started PostgreSQL with superuser `percorso`. Not durable: faster, whole as long as the machine does not fail."""
    settings = {"max_connections": "300", **({} if durable else NOT_DURABLE)}
    server: Server
    if chosen() == "containers":
        from servers.containers import PostgresContainer

        server = PostgresContainer(settings)
    else:
        from servers.processes import PostgresProcess

        server = PostgresProcess(settings)
    return _started(server)


def kafka() -> Server:
    """A started Kafka broker, one node, no topics, none made by itself."""
    server: Server
    if chosen() == "containers":
        from servers.containers import KafkaContainer

        server = KafkaContainer(BROKER)
    else:
        from servers.processes import KafkaProcess

        server = KafkaProcess(BROKER)
    return _started(server)


def _started(server: Server) -> Server:
    try:
        server.start()
    except BaseException:
        server.stop()
        raise
    return server
