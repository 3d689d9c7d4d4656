"""The reads of reporting: histories, trails, ledgers, figures; paged, JSON or CSV, of the reader's own tenant only."""
from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter

from reporting.adapters.reads import cases, erased, evidence, moments, overview, programmes, readings, registers, upkeep
from reporting.adapters.reads.shared import Reads

if TYPE_CHECKING:
    from chassis.service import Service


def routes(service: Service) -> APIRouter:
    router = APIRouter(tags=["reads"])
    reads = Reads(service)
    for part in (cases, erased, programmes, registers, moments, evidence, overview, readings, upkeep):
        part.mount(router, reads)
    return router
