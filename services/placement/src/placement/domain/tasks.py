"""What people have to do because of an internship (attività): registrations and mandatory communications (rules R22, R33)."""
from __future__ import annotations

from datetime import date, timedelta
from uuid import NAMESPACE_OID, uuid5

from chassis.decide import TaskRaised
from placement.domain.internship import Internship


def task_id(internship_id: str, kind: str, of: date | None = None) -> str:
    """The same for the same cause, whoever raises it."""
    return str(uuid5(NAMESPACE_OID, f"{internship_id} {kind} {of or ''}"))


def household_registration(internship_id: str, due: date, case_id: str | None, programme_id: str | None,
                           subject_id: str | None) -> TaskRaised:
    """Register the internship of such a household in GePI, before the first payment (R33)."""
    return TaskRaised(task_id(internship_id, "GEPI_REGISTRATION"), "GEPI_REGISTRATION", "CASE_MANAGER", due, internship_id,
                      "placement.ExternalRegistrationConfirmed.v1", case_id, programme_id, subject_id)


def communication(state: Internship, internship_id: str, kind: str, changed_on: date, days: int) -> TaskRaised:
    """Send a mandatory communication of a change, within so many days of it (R22)."""
    name = f"COB_{kind}"
    return TaskRaised(task_id(internship_id, name, changed_on), name, "TUTOR_PROMOTORE", changed_on + timedelta(days=days),
                      internship_id, "placement.MandatoryCommunicationSent.v1", state.case_id, state.programme_id, state.subject_id)
