"""`python -m desk.load URL CALLERS`: open tickets for ever; each acknowledged id on a line. To be killed."""
import asyncio
import os
import sys
from uuid import uuid4

from desk import ACTOR, OPEN, call, desk, opening


async def main(url: str, callers: int) -> None:
    with desk(url) as office:
        async def caller() -> None:
            while True:
                ticket = str(uuid4())
                await office.carry_out(OPEN, opening(ticket), ACTOR, call(ticket))
                os.write(1, f"{ticket}\n".encode())

        await asyncio.gather(*(caller() for _ in range(callers)))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
