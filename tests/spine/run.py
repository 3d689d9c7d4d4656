"""`python -m spine.run relay|consume NAME DATABASE BUS`: that part of a service, for ever. To be killed. Says when it goes on."""
import asyncio
import os
import sys
from typing import Any

from desk import utc_now

from chassis.bus import open_bus
from chassis.consume import Consume
from chassis.relay import Relay
from spine import declared, ear


async def main(part: str, name: str, url: str, where: str) -> None:
    bus = open_bus(where)
    hears = () if part == "relay" else (f"{name}.TicketOpened.v1",)
    with ear(url, declared(name if part == "relay" else "ear", hears=hears), utc_now) as one:
        work: Any = (Relay(name, one.executor.log, bus, one.executor.halt, page=20) if part == "relay"
                     else Consume(f"ear{os.getpid()}", one.hearing, one.reactions, bus))  # no member that died is waited for
        await work.start()
        os.write(1, b"goes on\n")
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
