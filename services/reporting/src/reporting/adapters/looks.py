"""What a decision of reporting may look at: the case as heard, the programme, a person's participation, the heads of the archive."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chassis.declare import Ask, Look
from contracts.backdating import backdate_limit_days
from reporting import basis
from reporting.adapters.kinds import PARTICIPATION_CLAIM, PROGRAMME, of_person
from reporting.domain.evidence import Archived
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


def archived(ask: Ask) -> Archived:
    """Which of the heads that the command names the archive has, with the same hash."""
    places = {end: ((end.source, end.incarnation, end.programme or ""), end.number) for end in ask.args["basis"]}
    with ask.reading() as tx:
        held = basis.hashes(tx, ask.actor.tenant, list(places.values()))
    return Archived(frozenset(end for end, place in places.items() if held.get(place) == end.head))


def backdating(ask: Ask, programme_id: str) -> int | None:
    """Of a person's facts; a programme is activated as of its start, however long ago."""
    current = None if isinstance(ask.state, Programme) else ask.aggregate(PROGRAMME, programme_id).current
    return backdate_limit_days([{"config": current.config}]) if current else None


LOOKS: Mapping[Any, Look] = {Case: case, Programme: programme, Standing: standing, Archived: archived}
