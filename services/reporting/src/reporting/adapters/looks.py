"""What a decision of reporting may look at: the case as heard, the programme, the participation that a person already has."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chassis.declare import Ask, Look
from contracts.backdating import backdate_limit_days
from reporting.adapters.kinds import PARTICIPATION_CLAIM, PROGRAMME, of_person
from reporting.domain.known import Case, Standing, fold_case
from reporting.domain.programme import Programme


def case(ask: Ask) -> Case:
    return ask.known(ask.value("case_id"), Case(), fold_case, missing="CASE_NOT_HEARD_YET")


def programme(ask: Ask) -> Programme:
    """The one that the command names, else the case's."""
    found: Programme = ask.aggregate(PROGRAMME, ask.args.get("programme_id") or case(ask).programme_id)
    return found


def standing(ask: Ask) -> Standing:
    known = case(ask)
    return Standing(ask.owner(PARTICIPATION_CLAIM, of_person(known.programme_id, known.subject_id)))


def backdating(ask: Ask, programme_id: str) -> int | None:
    """Of a person's facts; a programme is activated as of its start, however long ago."""
    current = None if isinstance(ask.state, Programme) else ask.aggregate(PROGRAMME, programme_id).current
    return backdate_limit_days([{"config": current.config}]) if current else None


LOOKS: Mapping[Any, Look] = {Case: case, Programme: programme, Standing: standing}
