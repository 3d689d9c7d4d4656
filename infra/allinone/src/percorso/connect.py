"""Finding the suite that a command is about: a running all-in-one by its data folder, or a deployed one by its addresses."""
from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import httpx

from chassis.database import Database, open_database, sqlite_path
from chassis.service import Service, build
from chassis.settings import Settings
from percorso.data import Data, issuer_at, open_data
from percorso.errors import Sorry
from percorso.host import declared, running, settings_of
from percorso.scenario.player import client
from percorso.suite import SERVICES, Suite

Mint = Callable[[str, str, str, str], str]


def minting(issuer_key: Path) -> Mint:
    """Tokens of the suite's own issuer."""
    if not issuer_key.exists():
        raise Sorry(f"There is no issuer's key at {issuer_key}.")
    issuer = issuer_at(issuer_key)
    return lambda role, org, sub, tenant: issuer.mint(role=role, org=org, sub=sub, tenant=tenant)


def urls_of(base_urls: Sequence[str]) -> dict[str, str]:
    """From one base URL (`/intake` and so on are added), or one `service=URL` for each service."""
    if len(base_urls) == 1 and "=" not in base_urls[0]:
        return {name: f"{base_urls[0].rstrip('/')}/{name}" for name in SERVICES}
    named = dict(part.split("=", 1) for part in base_urls if "=" in part)
    if set(named) != set(SERVICES):
        raise Sorry(f"Say --base-url once (an all-in-one), or once for each of {', '.join(SERVICES)}: --base-url intake=http://…")
    return {name: url.rstrip("/") for name, url in named.items()}


def suite_at(base_urls: Sequence[str], mint: Mint, http: httpx.AsyncClient) -> Suite:
    whole = base_urls[0].rstrip("/") if len(base_urls) == 1 and "=" not in base_urls[0] else None
    return Suite(urls_of(base_urls), http, mint, whole)


@asynccontextmanager
async def embedded(data: Data) -> AsyncIterator[Suite]:
    """A suite in this process, that takes a scenario's clock, for as long as the block lasts."""
    async with running(data) as url, client() as http:
        yield suite_at([url], minting(data.issuer_key_file), http)


def running_suite(data_folder: Path, base_urls: Sequence[str], issuer_key: Path | None, http: httpx.AsyncClient) -> Suite:
    """The suite at `--base-url`, else the one that runs over the data folder."""
    if not base_urls:
        data = open_data(data_folder, make=False)
        if not data.address_file.exists():
            raise Sorry(f"No suite runs over {data_folder}: start it with `percorso run --data {data_folder}`, or say --base-url.")
        base_urls, issuer_key = [data.address_file.read_text().strip()], issuer_key or data.issuer_key_file
    token = os.environ.get("PERCORSO_TOKEN")
    if issuer_key is None and token:
        return suite_at(base_urls, lambda role, org, sub, tenant: token, http)
    return suite_at(base_urls, minting(issuer_key or _issuer_of(data_folder)), http)


def _issuer_of(data_folder: Path) -> Path:
    try:
        return open_data(data_folder, make=False).issuer_key_file
    except Sorry:
        raise Sorry("Who asks? Say --issuer-key (the suite's own), or put a token of its issuer into PERCORSO_TOKEN.") from None


def settings_here(name: str, data_folder: Path) -> Settings:
    """A service's settings: from the environment if it says where its database is, else from the data folder."""
    if name not in SERVICES:
        raise Sorry(f"There is no service called {name}; there are {', '.join(SERVICES)}.")
    said = any(os.environ.get(f"{prefix}_DATABASE_URL{suffix}") for prefix in ("PERCORSO", name.upper()) for suffix in ("", "_FILE"))
    return Settings.load(name) if said else settings_of(open_data(data_folder, make=False), name, 0, "wall")


@contextmanager
def database_here(name: str, data_folder: Path) -> Iterator[tuple[Settings, Database]]:
    """A service's settings, and its database: to be read, never changed."""
    settings = settings_here(name, data_folder)
    database = open_database(settings.database_url, service=name, read_only=True)
    try:
        yield settings, database
    finally:
        database.close()


@contextmanager
def service_here(name: str, data_folder: Path) -> Iterator[Service]:
    """A service's own store and bus, not started."""
    settings = settings_here(name, data_folder)
    if (file := sqlite_path(settings.database_url)) and not Path(file).exists():
        raise Sorry(f"There is no database of {name} at {file}: put it back from a backup, or say where it is.")
    service = build(declared(name), settings)
    try:
        yield service
    finally:
        service.database.close()
