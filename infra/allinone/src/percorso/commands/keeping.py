"""What ops do: `lag`, `parked list | show | release`, `store readmit | foreign | settle`, `keys rewrap`, `respeak`, `resume`."""
from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from chassis import foreign
from chassis.master import Master, WrongMaster
from chassis.parking import Parking
from chassis.readmit import readmit
from chassis.respeak import respeak as speak_again
from chassis.rewrap import rewrap
from percorso.commands.options import DATA, BaseUrls, DataFolder, IssuerKey, Service, Tenant
from percorso.connect import running_suite, service_here
from percorso.errors import Sorry
from percorso.scenario.player import client
from percorso.scenario.settle import behind, waiting_for_the_clock
from percorso.screen import progress, screen

parked = typer.Typer(no_args_is_help=True, help="Facts that could not be heard, and reactions that failed: kept in order, never skipped.")
store = typer.Typer(no_args_is_help=True, help="The store of a service.")
keys = typer.Typer(no_args_is_help=True, help="The keys by which a service seals what is personal.")
Source = Annotated[str, typer.Argument(help="The service that spoke it.")]
Key = Annotated[str, typer.Argument(help="The key as `parked list` shows it.")]


def add_to(app: typer.Typer) -> None:
    app.command()(lag)
    app.command()(respeak)
    app.command()(resume)


def lag(
    data: DataFolder = DATA,
    base_url: BaseUrls = [],  # noqa: B006 (typer reads it)
    issuer_key: IssuerKey = None,
    tenant: Tenant = "bari",
) -> None:
    """How far each service is: what it has not spoken, not heard, not done."""

    async def go() -> dict[str, Any]:
        async with client() as http:
            suite = running_suite(data, base_url, issuer_key, http)
            return await suite.status(suite.headers("RP", "COMUNE", "percorso-lag", tenant))

    status = asyncio.run(go())
    table = Table("service", "log", "to speak", "to hear", "reactions", "deadlines", "views behind", "parked", "stopped")
    for name, one in status.items():
        table.add_row(name, str(one["log"]), *(str(n) for n in behind(name, status).values()), escape(_stopped(one)))
    screen.print(table)


def _stopped(one: Mapping[str, Any]) -> str:
    """What waits for an operator: commands that are not taken, sources that are not heard; or for the clock."""
    return "; ".join([*filter(None, [one.get("halted")]),
                      *(f"hears nothing of {source}: {why}" for source, why in one.get("stopped", {}).items()),
                      *waiting_for_the_clock(one)])


@parked.command("list")
def list_parked(service: Service, data: DataFolder = DATA) -> None:
    """What is parked, by source and key, with the reason."""
    with service_here(service, data) as here:
        found = Parking(here.database, here.hearing).listed()
    for one in found:
        screen.print(f"{one.source} {one.key}: {len(one.what)} parked or lined up; {one.reason}", markup=False)
    if not found:
        screen.print("Nothing is parked.")


@parked.command("show")
def show_parked(service: Service, source: Source, key: Key, data: DataFolder = DATA) -> None:
    """The parked facts of a key, raw, in order."""
    with service_here(service, data) as here:
        found = Parking(here.database, here.hearing).show(source, key)
    for where, reason, value in found:
        screen.print(f"{where}: {reason or 'waits behind the one before it'}", markup=False)
        screen.print("  " + value.decode(errors="replace"), markup=False)
    if not found:
        screen.print("Nothing is parked under this key.")


@parked.command("release")
def release_parked(
    service: Service, source: Source, key: Key, data: DataFolder = DATA,
    aside: Annotated[bool, typer.Option("--aside", help="Put a record that is no fact aside for good; what waits goes on.")] = False,
) -> None:
    """Hear what can be heard now, and run its reactions again."""
    with service_here(service, data) as here:
        done = Parking(here.database, here.hearing).release(source, key, aside=aside)
        left = [one for one in Parking(here.database, here.hearing).listed() if (one.source, one.key) == (source, key)]
    screen.print(f"{done} facts were heard." + (f" Still parked: {left[0].reason}" if left else " Nothing of this key is parked."),
                 markup=False)


@store.command("readmit")
def readmit_store(service: Service, data: DataFolder = DATA) -> None:
    """A store that was set back begins a new life after the last position at which log and topic agree."""

    async def go() -> str:
        with service_here(service, data) as here:
            try:
                done = await readmit(here.executor, here.bus)
            finally:
                await here.bus.stop()
        return (f"Incarnation {done.incarnation} begins after position {done.position}; {done.foreign} facts of the topic that the store "
                "lacks are kept as foreign ones. The relay goes on.")

    screen.print(asyncio.run(go()))


@store.command("foreign")
def list_foreign(service: Service, data: DataFolder = DATA) -> None:
    """What an earlier life had spoken and the store lacks, by key: until it is settled, no money moves about the same."""
    with service_here(service, data) as here, here.database.reading() as tx:
        found = foreign.listed(tx)
    for key, types in found:
        screen.print(f"{key}: {', '.join(types)}", markup=False)
    screen.print("Do again what has to be, then `percorso store settle` each key." if found else "Nothing foreign is open.")


@store.command("settle")
def settle_foreign(service: Service, key: Annotated[str, typer.Argument(help="The key as `store foreign` shows it.")],
                   data: DataFolder = DATA) -> None:
    """Say that what is foreign of a key was done again, or need not be: what is about the same goes on."""
    with service_here(service, data) as here, here.database.transaction() as tx:
        open_ = foreign.settle(tx, key)
    if not open_:
        raise Sorry(f"Nothing foreign of {key} is open in {service}: `percorso store foreign` lists what is.")
    screen.print(f"{key} is settled.", markup=False)


@keys.command("rewrap")
def rewrap_keys(service: Service, data: DataFolder = DATA) -> None:
    """Wrap all keys of a service by its new master key, while it serves: what they sealed stays as it is. Cut off, it goes on.

    The new key is MASTER_KEY of the service's settings, the old one MASTER_KEY_BEFORE (or their files); in a data folder they are
    keys/master.key and keys/master.key.before. Start every process of the service with both first.
    """
    with service_here(service, data) as here, progress("rewrap") as watch:
        new, before = here.settings.master_key, here.settings.master_key_before
        if before is None or before == new:
            raise Sorry(f"Say the new key as {service.upper()}_MASTER_KEY_FILE and the one that it replaces as "
                        f"{service.upper()}_MASTER_KEY_BEFORE_FILE; in a data folder as keys/master.key and keys/master.key.before.")
        try:
            done = rewrap(here.database, Master(new, before), lambda seen: watch("keys", seen, None))
        except WrongMaster as wrong:
            raise Sorry(f"{service} has keys that neither of the two opens ({wrong}): give the one that wrapped them.") from None
    screen.print(f"{service}: {done.anew} of {done.of} keys were wrapped anew, and the new master key opens all. When it does so in every "
                 "service that has the old one, that one may go from the settings; keep it as long as the backups that were made under it.")


def respeak(service: Service, data: DataFolder = DATA) -> None:
    """Speak again what a topic lacks of all that was ever spoken."""

    async def go() -> int:
        with service_here(service, data) as here:
            try:
                return await speak_again(here.log, service, here.bus)
            finally:
                await here.bus.stop()

    screen.print(f"{asyncio.run(go())} records were spoken again.")


def resume(
    service: Service, source: Annotated[str, typer.Argument(help="The service that is not heard any more; `lag` says so.")],
    data: DataFolder = DATA,
) -> None:
    """Hear a stopped source again, from this service's own offsets, once its cause is dealt with; else it stops again."""
    with service_here(service, data) as here:
        if source not in here.hearing.sources:
            raise Sorry(f"{service} listens to {', '.join(here.hearing.sources)}, not to {source}.")
        here.hearing.next_offsets()
        why = here.hearing.stopped.get(source)
        here.hearing.resume(source)
    screen.print(f"{service} hears {source} again. It had stopped: {why}" if why else f"{service} has not stopped hearing {source}.",
                 markup=False)
