"""Before the views are rebuilt: the archive put right from the topics, and before that the topics filled from the services' logs."""
from __future__ import annotations

import asyncio
from pathlib import Path

from psycopg.errors import InsufficientPrivilege

from chassis.clock import stamp
from chassis.readmit import NotNow
from chassis.respeak import respeak
from chassis.saved import Keeper, look
from chassis.service import Service
from percorso.connect import service_here
from percorso.errors import Sorry
from percorso.screen import Watch, screen
from percorso.suite import SERVICES
from reporting.refill import Moving, NotInTopics, Refill


def refill(here: Service, watch: Watch) -> None:
    """Put reporting's archive right from the topics, and say what was not."""

    async def go() -> str:
        try:
            done = await Refill(here.database, here.bus, stamp(here.clock.now()), watch).run()
        finally:
            await here.bus.stop()
        if not (done.missing or done.wrong or done.extra):
            return f"The archive has the {done.facts} facts of the topics that were heard, byte for byte."
        return (f"The archive is put right from the {done.facts} facts of the topics that were heard: it lacked {done.missing}, had "
                f"{done.wrong} with other bytes, and {done.extra} that nobody spoke.")

    try:
        screen.print(asyncio.run(go()), markup=False)
    except NotInTopics as lost:
        raise Sorry(f"The topics lack facts that were heard ({lost}): fill them from the logs first, with --from logs. The archive is left "
                    "as it is.") from None
    except InsufficientPrivilege:
        raise Sorry("The role of the service may but add to the archive: say REPORTING_DATABASE_URL with the role that owns its tables, "
                    "that of `migrate`. The archive is left as it is.") from None
    except Moving:
        raise Sorry("More is heard than can be read again: say it once more when it is quieter. The archive is left as it is.") from None


def speak_all_again(data: Path) -> None:
    """Fill the topic of each service from its log; one whose relay is at work has nothing to fill."""
    for name in SERVICES:
        screen.print(asyncio.run(_speak_again(name, data)), markup=False)


async def _speak_again(name: str, data: Path) -> str:
    with service_here(name, data) as here:
        try:
            if await asyncio.to_thread(_relay_is_well, here):
                return f"{name}: its relay is at work, so that log and topic agree."
            return f"{name}: {await respeak(here.log, name, here.bus)} records were spoken again."
        except NotNow as no:
            return f"{name}: {no}."
        finally:
            await here.bus.stop()


def _relay_is_well(here: Service) -> bool:
    """One has the lock, and has not halted: one that has gives the lock back between its looks."""
    keeper = Keeper(here.database, here.declared.name)
    try:
        return look(here.database).halted is None and not keeper.take()
    finally:
        keeper.free()
