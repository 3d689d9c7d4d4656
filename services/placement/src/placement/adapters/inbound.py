"""What placement hears, and what it does about it: AdiGepi, whichever is heard last, the category or the internship."""
from __future__ import annotations

from dataclasses import asdict
from datetime import date
from functools import reduce

from chassis.decide import Heard
from chassis.declare import Ask, Do, Reaction
from chassis.task import raise_task
from placement.adapters import programmes
from placement.domain import case as cases
from placement.domain import tasks
from placement.domain.case import Case
from placement.domain.programme import Programme

PLANNED, ATTESTED = "placement.InternshipPlanned.v1", "intake.TargetCategoryAttested.v1"
CONFIRMED = "placement.ExternalRegistrationConfirmed.v1"
ERASES = "intake.SubjectErased.v1"
HEARS = ("reporting.ProgrammeActivated.v1", "reporting.ProgrammeConfigurationVersioned.v1", *cases.FOLDS, PLANNED)


def register_household(fact: Heard, ask: Ask) -> Do | None:
    """Raise the task of registering the internship in GePI (R33), if the case's household is of the programme's category."""
    heard = ask.heard(fact.case) if fact.case else []
    planned = [other for other in heard if other.type == PLANNED]
    if not planned or not fact.programme:
        return None
    programme = ask.known(fact.programme, Programme(), programmes.fold, missing="PROGRAMME_NOT_HEARD_YET")
    case = reduce(cases.fold, heard, Case())
    if programme.on(fact.occurred).household_registration not in case.categories:
        return None
    last = planned[-1]
    due = max(date.fromisoformat(last.data["start"]), fact.occurred)
    task = tasks.household_registration(last.aggregate, due, last.case, last.programme, last.subject)
    return Do(raise_task, {**asdict(task), "on": fact.occurred})


REACTIONS = (
    Reaction("household-of-category", ATTESTED, register_household, done_by=CONFIRMED, role="CASE_MANAGER"),
    Reaction("household-of-internship", PLANNED, register_household, done_by=CONFIRMED, role="CASE_MANAGER"),
)
