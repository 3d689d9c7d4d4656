"""The OpenAPI 3.1 document of a service, from its app; nothing of it runs."""
from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import Any

from chassis.declare import Declared
from chassis.service import build
from chassis.settings import Settings
from chassis.web.app import create_app


def openapi(declared: Declared) -> dict[str, Any]:
    """The document of the service's routes."""
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(_openapi(declared, Path(folder)))


async def _openapi(declared: Declared, folder: Path) -> dict[str, Any]:
    service = build(declared, Settings(
        service=declared.name, database_url=f"sqlite:///{folder}/store.sqlite", bus=f"local:///{folder}/bus.sqlite",
        issuer_key_file=folder / "issuer.pem", master_key=bytes(32), actor_key=bytes(32)))
    try:
        return create_app(service).openapi()
    finally:
        await service.stop()
