"""What reporting's decisions have heard about a case."""
from __future__ import annotations

from dataclasses import dataclass

from chassis.decide import Heard


@dataclass(frozen=True)
class Case:
    """A case (presa in carico) that was opened, and the person and programme it is about."""

    case_id: str = ""
    programme_id: str = ""
    subject_id: str = ""


def fold_case(case: Case, fact: Heard) -> Case:
    if fact.type != "intake.CaseOpened.v1":
        return case
    return Case(fact.case or case.case_id, fact.programme or case.programme_id, fact.subject or case.subject_id)


@dataclass(frozen=True)
class Standing:
    """The participation that the person already has in the programme, if any: a return is the same participation."""

    participation_id: str | None = None
