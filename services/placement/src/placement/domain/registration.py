"""A case registered in another system (GePI, SIISL, SIUSS, CPI; `domain.md` 9.3, rule R33)."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from chassis.decide import Actor, OccurredOn, Private
from placement.domain.case import Case


@dataclass(frozen=True)
class ExternalRegistrationConfirmed:
    registration_id: str
    system: str
    operator_id: str
    internship_id: str | None
    reference: Annotated[str, Private("casework")]
    case_id: str | None
    programme_id: str | None
    subject_id: str | None


Event = ExternalRegistrationConfirmed


@dataclass(frozen=True)
class Registration:
    confirmed: bool = False
    case_id: str | None = None
    programme_id: str | None = None
    subject_id: str | None = None


def evolve(state: Registration, event: Event) -> Registration:
    return Registration(True, event.case_id, event.programme_id, event.subject_id)


def confirm_registration(state: Registration, *, registration_id: str, case_id: str, system: Literal["GEPI", "SIISL", "SIUSS", "CPI"],
                         reference: Annotated[str, Private("casework")], case: Case, actor: Actor, on: OccurredOn,
                         internship_id: str | None = None) -> list[Event]:
    """Confirm that a case was registered elsewhere (registrazione esterna), e.g. its internship in GePI."""
    if state.confirmed:
        return []
    return [ExternalRegistrationConfirmed(registration_id, system, actor.user, internship_id, reference, case_id, case.programme_id,
                                          case.subject_id)]
