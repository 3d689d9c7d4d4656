"""The kinds of aggregates of reporting. A person has one participation in a programme: a claim."""
from __future__ import annotations

from collections.abc import Iterable

from chassis.decide import Release, Take
from chassis.kinds import Kind, Mac
from chassis.task import TASK
from reporting.domain import evidence, participation, programme

PARTICIPATION_CLAIM = "participation"


def of_person(programme_id: str, subject_id: str) -> str:
    return f"{programme_id}/{subject_id}"


def _claims(event: participation.Event, mac: Mac) -> Iterable[Take | Release]:
    if isinstance(event, participation.ParticipationEntered):
        yield Take(PARTICIPATION_CLAIM, of_person(event.programme_id, event.subject_id), event.participation_id)


PROGRAMME = Kind("programme", "programme_id", programme.Event, programme.Programme, programme.evolve)
PARTICIPATION = Kind("participation", "participation_id", participation.Event, participation.Participation, participation.evolve,
                     claims=_claims)
EVIDENCE = Kind("export", "export_id", evidence.Event, evidence.Export, evidence.evolve)
KINDS = (PROGRAMME, PARTICIPATION, EVIDENCE, TASK)
