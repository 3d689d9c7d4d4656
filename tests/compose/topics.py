"""The topics: closed to who is not logged in; a service reads all, and writes its own alone."""
from __future__ import annotations

from chassis.topics import topic_of
from compose.stack import Stack, Wrong
from percorso.suite import SERVICES

TRY = """
import asyncio, json, logging
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError
from chassis.login_kafka import options, parsed
logging.disable(logging.CRITICAL)
servers, security = parsed(open("/run/secrets/bus").read().strip().removeprefix("kafka://"))

async def written(topic):
    async with AIOKafkaProducer(bootstrap_servers=servers, **options(security)) as producer:
        await producer.send_and_wait(topic, b"{}", partition=0)

async def read(topic):
    at = TopicPartition(topic, 0)
    async with AIOKafkaConsumer(bootstrap_servers=servers, enable_auto_commit=False, **options(security)) as consumer:
        consumer.assign([at])
        await consumer.end_offsets([at])

async def unknown(topic):
    async with AIOKafkaProducer(bootstrap_servers=servers, request_timeout_ms=3000) as producer:
        await producer.send_and_wait(topic, b"{}", partition=0)

async def tried(doing):
    try:
        await asyncio.wait_for(doing, 20)
        return "done"
    except (KafkaError, OSError, TimeoutError) as no:
        return type(no).__name__

async def main():
    print(json.dumps({"reads": [await tried(read(topic)) for topic in given["all"]],
                      "writes": [await tried(written(topic)) for topic in given["others"]],
                      "unknown": await tried(unknown(given["own"]))}))
asyncio.run(main())
"""


def are_closed(stack: Stack) -> str:
    """Nothing is written by it: each topic but its own refuses a service, and its own refuses who does not say who it is."""
    for service in SERVICES:
        others = [topic_of(other) for other in SERVICES if other != service]
        found = stack.python(service, TRY, {"all": list(map(topic_of, SERVICES)), "others": others, "own": topic_of(service)})
        if set(found["reads"]) != {"done"} or set(found["writes"]) != {"TopicAuthorizationFailedError"} or found["unknown"] == "done":
            raise Wrong(f"{service} at the topics: {found}")
    return f"{len(SERVICES)} services: each reads {len(SERVICES)} topics, and writes none of the other {len(SERVICES) - 1}"
