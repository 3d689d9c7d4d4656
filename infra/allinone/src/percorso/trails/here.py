"""The stores that can be reached from here, and what is held elsewhere of each source."""
from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chassis.service import Service
from chassis.timestamps import Roots, roots_in
from percorso.connect import service_here
from percorso.errors import Sorry
from percorso.suite import SERVICES
from percorso.trails.chain import Expected
from percorso.trails.faults import Trail
from percorso.trails.sealed import Sealed
from percorso.trails.stores import ArchiveStore, LogStore, kept_seals
from percorso.trails.topic import TopicStore
from percorso.trails.verify import Asked, Result, Witness, archive_witness, log_witness, verify_archive, verify_log, verify_topic

ARCHIVE = "reporting"
Heads = dict[str, list[tuple[int, Trail, Expected]]]


@dataclass(frozen=True)
class Here:
    """The services whose database can be reached from here."""

    services: Mapping[str, Service]

    def logs(self) -> Iterator[LogStore]:
        for name, service in self.services.items():
            yield LogStore(name, service.database)

    def archives(self) -> Iterator[ArchiveStore]:
        if ARCHIVE in self.services:
            for name in SERVICES:
                yield ArchiveStore(name, self.services[ARCHIVE].database)

    def kept(self) -> dict[str, list[Sealed]]:
        """The seals that are kept of each source by the others."""
        return {source: [one for keeper, service in self.services.items() if keeper != source
                         for one in kept_seals(service.database, keeper, source)] for source in SERVICES}

    def archived(self) -> Heads:
        """The heads of the archive."""
        return {store.service: [(incarnation, trail, Expected(number, head, 0, "the archive"))
                                for incarnation, trail, number, head in store.head_of()] for store in self.archives()}

    def roots(self, ca_file: Path | None) -> dict[str, Roots]:
        """What the time stamps of each source must lead to: the certificates in this file, else those that its own settings name."""
        files = {source: ca_file or (self.services[source].settings.tsa_ca_file if source in self.services else None)
                 for source in SERVICES}
        return {source: _roots(file) for source, file in files.items() if file}

    def witnesses(self, source: str, place: str) -> Sequence[Witness]:
        """Who else tells a source's facts one by one."""
        found: list[Witness] = []
        if place != LogStore.place and source in self.services:
            found.append(log_witness(LogStore(source, self.services[source].database)))
        if place != ArchiveStore.place and ARCHIVE in self.services:
            found.append(archive_witness(ArchiveStore(source, self.services[ARCHIVE].database)))
        return found


def _roots(file: Path) -> Roots:
    try:
        return roots_in(file)
    except (OSError, ValueError) as wrong:
        raise Sorry(f"{file} holds no certificates of a time-stamping authority ({type(wrong).__name__}): it is PEM.") from None


@contextmanager
def stores_here(data: Path, only: Sequence[str]) -> Iterator[Here]:
    """All five over a data folder; else those whose own settings say where their database is."""
    with ExitStack() as open_:
        yield Here({name: open_.enter_context(service_here(name, data)) for name in only or _said()})


def _said() -> Sequence[str]:
    own = [name for name in SERVICES if any(os.environ.get(f"{name.upper()}_DATABASE_URL{end}") for end in ("", "_FILE"))]
    if not own and any(os.environ.get(f"PERCORSO_DATABASE_URL{end}") for end in ("", "_FILE")):
        raise Sorry("PERCORSO_DATABASE_URL names one database: say with --service whose it is.")
    return own or SERVICES


def verified(here: Here, asked: Asked, places: Sequence[str]) -> Iterator[Result]:
    """Each source in each of these places: `log`, `archive`."""
    if LogStore.place in places:
        yield from (verify_log(store, asked) for store in here.logs())
    if ArchiveStore.place in places:
        yield from (verify_archive(store, asked) for store in here.archives())


async def verified_topics(here: Here, asked: Asked) -> list[Result]:
    """Each source's topic."""
    bus = next(iter(here.services.values())).bus
    try:
        return [await verify_topic(TopicStore(source, bus), asked) for source in SERVICES]
    finally:
        await bus.stop()


def heads_in(file: Path) -> Heads:
    """The heads that a file holds: what `GET /trail`, `GET /trail/seals`, `GET /seals` or a payment list answered, or a list of
    {source, tenant, programme, incarnation, number, head}."""
    try:
        said = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as wrong:
        raise Sorry(f"{file} is no file of heads ({type(wrong).__name__}): it is JSON, as GET /seals answers it.") from None
    found: Heads = defaultdict(list)
    for context, one in _walked(said, {}):
        source, tenant = context.get("source") or context.get("service"), context.get("tenant")
        if source not in SERVICES or not tenant:
            raise Sorry(f"{file}: a head of fact {one.get('number')} does not say of which source and tenant it is.")
        trail = (str(tenant), str(one.get("programme") or ""))
        found[source].append((int(context.get("incarnation", 1)), trail,
                              Expected(int(one["number"]), bytes.fromhex(one["head"]), 0, f"the head in {file.name}")))
    if not found:
        raise Sorry(f"{file} holds no head.")
    return found


def _walked(said: Any, context: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """Every object with `number` and `head`, and what the objects around it say."""
    if isinstance(said, list):
        for one in said:
            yield from _walked(one, context)
    if isinstance(said, dict):
        about = {**context, **{name: said[name] for name in ("source", "service", "tenant", "incarnation") if said.get(name)}}
        if "head" in said and "number" in said:
            yield about, said
        for name, one in said.items():
            if name != "stored":
                yield from _walked(one, about)
