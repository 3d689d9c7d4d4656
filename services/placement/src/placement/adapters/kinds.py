"""The aggregates of placement, and the claims their events take and release."""
from __future__ import annotations

from collections.abc import Iterator

from chassis.decide import Release, Take
from chassis.kinds import Kind, Mac
from chassis.task import TASK
from placement.domain import agreement, events, hire, host, internship, match, opportunity, registration, training

VAT, PLACE, HELD, TRAINING_OF, STABILISED = "vat", "place", "match", "training", "stabilised"


def place_key(opportunity_id: str, number: int) -> str:
    return f"{opportunity_id}:{number}"


def training_key(case_id: str | None, number: int) -> str:
    return f"{case_id}:{number}"


def _of_host(event: host.Event, mac: Mac) -> Iterator[Take | Release]:
    if isinstance(event, host.HostRegistered):
        yield Take(VAT, mac(VAT, event.vat_number), event.host_id)


def _of_match(event: match.Event, mac: Mac) -> Iterator[Take | Release]:
    match event:
        case match.MatchProposed():
            yield Take(PLACE, place_key(event.opportunity_id, event.place), event.match_id)
        case match.MatchRejected():
            yield Release(PLACE, place_key(event.opportunity_id, event.place))
        case _:
            return


def _of_training(event: training.Event, mac: Mac) -> Iterator[Take | Release]:
    if isinstance(event, training.TrainingEnrolled):
        yield Take(TRAINING_OF, training_key(event.case_id, event.number), event.enrolment_id)


def _of_hire(event: hire.Event, mac: Mac) -> Iterator[Take | Release]:
    if event.first_stabilising and event.case_id:
        yield Take(STABILISED, event.case_id, event.hire_id)


def _of_internship(event: events.Event, mac: Mac) -> Iterator[Take | Release]:
    match event:
        case events.InternshipPlanned():
            yield Take(HELD, event.match_id, event.internship_id)
        case events.InternshipStarted():
            for held in event.holds:
                kind, key = held.split(" ", 1)
                yield Take(kind, key, event.internship_id)
        case events.InternshipCompleted() | events.InternshipWithdrawn() | events.InternshipInterrupted():
            for held in event.holds:
                yield Release(*held.split(" ", 1))
        case _:
            return


HOST = Kind("host", "host_id", host.Event, host.Host, host.evolve, _of_host)
OPPORTUNITY = Kind("opportunity", "opportunity_id", opportunity.Event, opportunity.Opportunity, opportunity.evolve)
MATCH = Kind("match", "match_id", match.Event, match.Match, match.evolve, _of_match)
AGREEMENT = Kind("agreement", "agreement_id", agreement.Event, agreement.Agreement, agreement.evolve)
TRAINING = Kind("training", "enrolment_id", training.Event, training.Training, training.evolve, _of_training)
REGISTRATION = Kind("registration", "registration_id", registration.Event, registration.Registration, registration.evolve)
HIRE = Kind("hire", "hire_id", hire.Event, hire.Hire, hire.evolve, _of_hire)
INTERNSHIP = Kind("internship", "internship_id", events.Event, internship.Internship, internship.evolve, _of_internship)
KINDS = (HOST, OPPORTUNITY, MATCH, AGREEMENT, TRAINING, REGISTRATION, HIRE, INTERNSHIP, TASK)
