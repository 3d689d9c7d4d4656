"""Places that a host offers in one of its units (opportunità di tirocinio; `domain.md` 9.6 Opportunity)."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated

from chassis.decide import OccurredOn, Private, Refused
from placement.domain.host import Host


@dataclass(frozen=True)
class OpportunityPublished:
    opportunity_id: str
    host_id: str
    unit_id: str
    places: int
    weekly_hours: Decimal
    starts: date
    food_handling: bool
    fitness_required: bool
    profession_code: str | None
    tasks: Annotated[str, Private("host")]
    accessibility: Annotated[str | None, Private("host")]


Event = OpportunityPublished


@dataclass(frozen=True)
class Opportunity:
    published: bool = False
    host_id: str = ""
    unit_id: str = ""
    places: int = 0
    food_handling: bool = False
    fitness_required: bool = False
    said: OpportunityPublished | None = None


def evolve(state: Opportunity, event: Event) -> Opportunity:
    return Opportunity(True, event.host_id, event.unit_id, event.places, event.food_handling, event.fitness_required, event)


def publish_opportunity(state: Opportunity, *, opportunity_id: str, host_id: str, unit_id: str,
                        tasks: Annotated[str, Private("host")], places: int, weekly_hours: Decimal, starts: date, host: Host,
                        on: OccurredOn, food_handling: bool = False, fitness_required: bool = False,
                        profession_code: str | None = None, accessibility: Annotated[str | None, Private("host")] = None) -> list[Event]:
    """Offer places in a unit (pubblicazione di un'opportunità). `fitness_required`: the risk assessment asks for a medical check."""
    published = OpportunityPublished(opportunity_id, host_id, unit_id, places, weekly_hours, starts, food_handling, fitness_required,
                                     profession_code, tasks, accessibility)
    if state.said == published:
        return []
    if state.said:
        raise Refused("INVALID_TRANSITION", "an opportunity with other content is published under this id; give this one another id")
    if unit_id not in host.employees:
        raise Refused("INVALID_TRANSITION", "register the host with this unit first")
    return [published]
