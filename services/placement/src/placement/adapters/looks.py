"""What a decision of placement may know besides its own aggregate: other aggregates, cases and programmes as heard, free claims."""
from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from typing import Any

from chassis.declare import Ask, Look
from contracts.backdating import backdate_limit_days
from placement.adapters import programmes
from placement.adapters.kinds import (
    AGREEMENT,
    HELD,
    HOST,
    INTERNSHIP,
    MATCH,
    OPPORTUNITY,
    PLACE,
    STABILISED,
    TRAINING,
    TRAINING_OF,
    VAT,
    place_key,
    training_key,
)
from placement.domain import case as cases
from placement.domain import rooms
from placement.domain.agreement import Agreement
from placement.domain.case import Case
from placement.domain.hire import Stabilised
from placement.domain.host import Host, SameHost
from placement.domain.match import Holder, Match, Place
from placement.domain.opportunity import Opportunity
from placement.domain.programme import Programme
from placement.domain.rooms import Room, Rooms
from placement.domain.training import Training, Trainings


def match(ask: Ask) -> Match:
    found: Match = ask.aggregate(MATCH, match_id) if (match_id := ask.value("match_id")) else Match()
    return found


def opportunity(ask: Ask) -> Opportunity:
    opportunity_id = ask.value("opportunity_id") or match(ask).opportunity_id
    found: Opportunity = ask.aggregate(OPPORTUNITY, opportunity_id) if opportunity_id else Opportunity()
    return found


def host(ask: Ask) -> Host:
    host_id = ask.value("host_id") or match(ask).host_id
    found: Host = ask.aggregate(HOST, host_id) if host_id else Host()
    return found


def same_host(ask: Ask) -> SameHost:
    return SameHost(ask.owner(VAT, ask.mac(VAT, ask.args["vat_number"])))


def agreement(ask: Ask) -> Agreement:
    agreement_id = ask.value("agreement_id")
    found: Agreement = ask.aggregate(AGREEMENT, agreement_id) if agreement_id else Agreement()
    return found


def case(ask: Ask) -> Case:
    """The case of the command, of its aggregate or of its match; nothing is known of an aggregate that does not exist."""
    case_id = ask.value("case_id") or match(ask).case_id
    return ask.known(case_id, Case(), cases.fold, missing="CASE_NOT_HEARD_YET") if case_id else Case()


def programme(ask: Ask) -> Programme:
    programme_id = ask.value("programme_id") or case(ask).programme_id
    return ask.known(programme_id, Programme(), programmes.fold, missing="PROGRAMME_NOT_HEARD_YET") if programme_id else Programme()


def trainings(ask: Ask) -> Trainings:
    found: list[Training] = []
    case_id = ask.value("case_id")
    for number in count(1):
        enrolment_id = ask.owner(TRAINING_OF, training_key(case_id, number))
        if enrolment_id is None:
            break
        found.append(ask.aggregate(TRAINING, enrolment_id))
    return Trainings(tuple(found))


def place(ask: Ask) -> Place:
    opportunity_id = ask.args["opportunity_id"]
    numbers = range(1, opportunity(ask).places + 1)
    return Place(next((n for n in numbers if ask.owner(PLACE, place_key(opportunity_id, n)) is None), None))


def holder(ask: Ask) -> Holder:
    match_id = ask.value("match_id")
    return Holder(ask.owner(HELD, match_id) if match_id else None)


def stabilised(ask: Ask) -> Stabilised:
    return Stabilised(ask.owner(STABILISED, ask.args["case_id"]) is not None)


def room(ask: Ask, kind: str, of: str, size: int) -> Room:
    """The first free claim of so many; with none, the planned ends of the internships that hold them."""
    until = []
    for number in range(1, size + 1):
        owner = ask.owner(kind, f"{of}:{number}")
        if owner is None:
            return Room(kind, f"{of}:{number}")
        until.append(ask.aggregate(INTERNSHIP, owner).planned_end)
    return Room(kind, None, tuple(until))


def all_rooms(ask: Ask) -> Rooms:
    known = case(ask)
    ref = ask.value("policy_ref") or (known.plan.policy_ref if known.plan else None)
    if not ref:
        return Rooms()
    rules = programme(ask).rules(ref)
    unit_id = ask.value("unit_id") or match(ask).unit_id
    return Rooms(
        room(ask, rooms.PROMOTER_TUTOR, ask.value("promoter_tutor"), rules.promoter_max),
        room(ask, rooms.HOST_TUTOR, ask.value("host_tutor"), rules.host_max),
        room(ask, rooms.UNIT, unit_id, rules.places(host(ask).employees.get(unit_id, 0))),
        room(ask, rooms.PERSON, f"{known.programme_id}:{known.subject_id}", 1))


def backdating(ask: Ask, programme_id: str) -> int | None:
    return backdate_limit_days(fact.data for fact in ask.heard(programme_id))


LOOKS: Mapping[Any, Look] = {
    Match: match, Opportunity: opportunity, Host: host, SameHost: same_host, Agreement: agreement, Case: case, Programme: programme,
    Trainings: trainings, Place: place, Holder: holder, Stabilised: stabilised, Rooms: all_rooms,
}
