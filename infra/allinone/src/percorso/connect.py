"""Finding the suite that a command is about: a running all-in-one by its data folder, or a deployed one by its addresses."""
from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx

from chassis.service import Service, build
from chassis.settings import Settings
from percorso.data import issuer_at, open_data
from percorso.errors import Sorry
from percorso.host import declared, settings_of
from percorso.suite import SERVICES, Suite

Mint = Callable[[str, str, str, str], str]


def minting(issuer_key: Path) -> Mint:
    """Tokens of the suite's own issuer."""
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


def running_suite(data_folder: Path, base_urls: Sequence[str], issuer_key: Path | None, http: httpx.AsyncClient) -> Suite:
    """The suite at `--base-url`, else the one that runs over the data folder."""
    if not base_urls:
        data = open_data(data_folder, make=False)
        if not data.address_file.exists():
            raise Sorry(f"No suite runs over {data_folder}: start it with `percorso run --data {data_folder}`, or say --base-url.")
        base_urls, issuer_key = [data.address_file.read_text().strip()], issuer_key or data.issuer_key_file
    return suite_at(base_urls, minting(issuer_key or open_data(data_folder, make=False).issuer_key_file), http)


@contextmanager
def service_here(name: str, data_folder: Path) -> Iterator[Service]:
    """A service's own store and bus, not started: from the environment if it says where they are, else from the data folder."""
    if name not in SERVICES:
        raise Sorry(f"There is no service called {name}; there are {', '.join(SERVICES)}.")
    said = any(os.environ.get(f"{prefix}_DATABASE_URL{suffix}") for prefix in ("PERCORSO", name.upper()) for suffix in ("", "_FILE"))
    settings = Settings.load(name) if said else settings_of(open_data(data_folder, make=False), name, 0, "wall")
    service = build(declared(name), settings)
    try:
        yield service
    finally:
        service.database.close()
