"""The stores that can be reached from here, and what is held elsewhere of each source."""
from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeVar

from chassis.bus import open_bus
from chassis.database import Database, sqlite_path
from chassis.errors import StoreAway
from chassis.settings import Settings
from chassis.timestamps import Roots, roots_in
from percorso.connect import database_here
from percorso.errors import Sorry
from percorso.suite import SERVICES
from percorso.trails.chain import Expected
from percorso.trails.faults import Fault, Trail
from percorso.trails.outside import Heads
from percorso.trails.sealed import Sealed
from percorso.trails.stores import ArchiveStore, LogStore, kept_seals
from percorso.trails.topic import TopicStore
from percorso.trails.verify import Asked, Result, Witness, archive_witness, log_witness, verify_archive, verify_log, verify_topic

T = TypeVar("T")
ARCHIVE, UNREAD = "reporting", "database"


@dataclass(frozen=True)
class Reached:
    """A service's database, to be read, and its settings."""

    settings: Settings
    database: Database


@dataclass(frozen=True)
class Here:
    """The services whose database can be reached from here. `lost`: why one cannot be read, of those that cannot."""

    services: Mapping[str, Reached]
    lost: dict[str, str] = field(default_factory=dict)

    def read(self, name: str, of: Callable[[Database], T]) -> list[T]:
        """What comes of reading a service's database; nothing where it is not reached, or cannot be read, which is noted."""
        if name in self.services and name not in self.lost:
            try:
                return [of(self.services[name].database)]
            except StoreAway as away:
                self.lost[name] = _why(name, self.services[name].settings, away)
        return []

    def unread(self) -> list[Result]:
        """A fault for each database that could not be read."""
        return [Result(name, UNREAD, faults=[Fault(name, UNREAD, "unreadable", 0, 0, why)]) for name, why in self.lost.items()]

    def kept(self) -> dict[str, list[Sealed]]:
        """The seals that are kept of each source by the others."""
        def of(keeper: str, source: str, database: Database) -> list[Sealed]:
            return list(kept_seals(database, keeper, source))

        return {source: [one for keeper in self.services if keeper != source for some in self.read(keeper, partial(of, keeper, source))
                         for one in some] for source in SERVICES}

    def archived(self) -> Heads:
        """The heads of the archive."""
        def of(source: str, database: Database) -> list[tuple[int, Trail, Expected]]:
            return [(incarnation, trail, Expected(number, head, 0, "the archive"))
                    for incarnation, trail, number, head in ArchiveStore(source, database).head_of()]

        return {source: heads for source in SERVICES for heads in self.read(ARCHIVE, partial(of, source))}

    def roots(self, ca_file: Path | None) -> dict[str, Roots]:
        """What the time stamps of each source must lead to: the certificates in this file, else those that its own settings name."""
        files = {source: ca_file or (self.services[source].settings.tsa_ca_file if source in self.services else None)
                 for source in SERVICES}
        return {source: _roots(file) for source, file in files.items() if file}

    def witnesses(self, source: str, place: str) -> Sequence[Witness]:
        """Who else tells a source's facts one by one."""
        log = self.read(source, lambda database: log_witness(LogStore(source, database))) if place != LogStore.place else []
        if place == ArchiveStore.place:
            return log
        return [*log, *self.read(ARCHIVE, lambda database: archive_witness(ArchiveStore(source, database)))]


def _why(name: str, settings: Settings, away: StoreAway) -> str:
    path = sqlite_path(settings.database_url)
    if path is None:
        return f"its database does not answer ({away}): is it up, and is {name.upper()}_DATABASE_URL right"
    what = f"{path} cannot be read ({away})" if Path(path).exists() else f"{path} is not there"
    return f"{what}: put it back from a backup, and verify again"


def _roots(file: Path) -> Roots:
    try:
        return roots_in(file)
    except (OSError, ValueError) as wrong:
        raise Sorry(f"{file} holds no certificates of a time-stamping authority ({type(wrong).__name__}): it is PEM.") from None


@contextmanager
def stores_here(data: Path, only: Sequence[str]) -> Iterator[Here]:
    """All five over a data folder; else those whose own settings say where their database is."""
    with ExitStack() as open_:
        yield Here({name: Reached(*open_.enter_context(database_here(name, data))) for name in only or _said()})


def _said() -> Sequence[str]:
    own = [name for name in SERVICES if any(os.environ.get(f"{name.upper()}_DATABASE_URL{end}") for end in ("", "_FILE"))]
    if not own and any(os.environ.get(f"PERCORSO_DATABASE_URL{end}") for end in ("", "_FILE")):
        raise Sorry("PERCORSO_DATABASE_URL names one database: say with --service whose it is.")
    return own or SERVICES


def verified(here: Here, asked: Asked, places: Sequence[str]) -> Iterator[Result]:
    """Each source in each of these places: `log`, `archive`; and what could not be read."""
    def log(source: str, database: Database) -> Result:
        return verify_log(LogStore(source, database), asked)

    def archive(source: str, database: Database) -> Result:
        return verify_archive(ArchiveStore(source, database), asked)

    for source in here.services if LogStore.place in places else ():
        yield from here.read(source, partial(log, source))
    for source in SERVICES if ArchiveStore.place in places else ():
        yield from here.read(ARCHIVE, partial(archive, source))
    yield from here.unread()


async def verified_topics(here: Here, asked: Asked) -> list[Result]:
    """Each source's topic."""
    address = next(iter(here.services.values())).settings.bus
    if address.startswith("local://") and not Path(address.removeprefix("local://")).exists():
        raise Sorry(f"There is no bus at {address.removeprefix('local://')}: put it back from a backup, or verify --from stores.")
    bus = open_bus(address)
    try:
        return [await verify_topic(TopicStore(source, bus), asked) for source in SERVICES] + here.unread()
    finally:
        await bus.stop()
