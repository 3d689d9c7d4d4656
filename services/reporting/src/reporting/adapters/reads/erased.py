"""Who was erased: how many, never who."""
from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel

from chassis.database import Tx
from chassis.decide import Actor
from chassis.web.auth import allowed
from reporting import completeness, erased, shown
from reporting.adapters.reads.shared import Reads

READERS = allowed("REPORTING_OFFICER", "PARTNER_ADMIN", "RP", "AUDITOR", "DPO")


class ErasedSubjects(BaseModel):
    """How many persons of the programme are erased, and how far each source is known."""

    programme_id: str
    erased: int
    complete: dict[str, Any]


def mount(router: APIRouter, reads: Reads) -> None:
    @router.get("/programmes/{programme_id}/erased-subjects", operation_id="erasedSubjects")
    def erased_subjects(programme_id: str, actor: Actor = READERS) -> ErasedSubjects:
        """How many persons of a programme have had their data erased (persone cancellate); their facts and sums are there."""

        def read(tx: Tx) -> ErasedSubjects:
            reads.programme(tx, actor, programme_id)
            return ErasedSubjects(programme_id=programme_id, erased=erased.count(tx, actor.tenant, programme_id),
                                  complete=completeness.of(tx, actor.tenant))

        return shown.together(reads.database, read)
