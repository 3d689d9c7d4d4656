"""A host of interns (soggetto ospitante): who it is, what it declares (`domain.md` 9.6 Host, rule R15)."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Annotated, Literal

from chassis.decide import Actor, OccurredOn, Private, Refused, refuse
from contracts.words import OperatorId, VatNumber

LegalNature = Literal["PRIVATE", "PUBLIC", "LOCAL_AUTHORITY", "SOCIAL_COOPERATIVE", "THIRD_SECTOR", "OTHER"]
Risk = Literal["LOW", "MEDIUM", "HIGH"]


@dataclass(frozen=True)
class Unit:
    unit_id: str
    employees_open_ended: int
    istat: str | None = None


@dataclass(frozen=True)
class Requirement:
    item: str
    met: bool


@dataclass(frozen=True)
class HostRegistered:
    host_id: str
    body_name: str | None
    sole_trader: bool
    legal_nature: str
    ateco: str
    ateco_version: str
    risk_class: str
    units: tuple[Unit, ...]
    tutors: tuple[str, ...]
    name: Annotated[str, Private("host")]
    vat_number: Annotated[str, Private("host")]
    where: Annotated[str, Private("host")]


@dataclass(frozen=True)
class HostRequirementsDeclared:
    host_id: str
    checklist: tuple[Requirement, ...]
    declared_on: date
    valid_to: date
    signatory: Annotated[str, Private("host")]


Event = HostRegistered | HostRequirementsDeclared


@dataclass(frozen=True)
class Host:
    registered: bool = False
    employees: Mapping[str, int] = field(default_factory=dict)  # open-ended, by unit
    risk_class: str = ""
    tutors: frozenset[str] = frozenset()
    met: frozenset[str] = frozenset()
    declared_to: date | None = None
    said: HostRegistered | None = None

    def satisfies(self, item: str, on: date) -> bool:
        """Whether a requirement was declared as met and the declaration holds on that day."""
        return item in self.met and self.declared_to is not None and on <= self.declared_to

    def speaks(self, user: str) -> bool:
        """Whether this operator is a tutor of the host's; where it names none, any is."""
        return not self.tutors or user in self.tutors


@dataclass(frozen=True)
class SameHost:
    """The host that already has this VAT number, if any."""

    host_id: str | None = None


def evolve(state: Host, event: Event) -> Host:
    match event:
        case HostRegistered():
            return replace(state, registered=True, employees={unit.unit_id: unit.employees_open_ended for unit in event.units},
                           risk_class=event.risk_class, tutors=frozenset(event.tutors), said=event)
        case HostRequirementsDeclared():
            return replace(state, met=frozenset(item.item for item in event.checklist if item.met), declared_to=event.valid_to)


def register_host(state: Host, *, host_id: str, name: Annotated[str, Private("host")], vat_number: VatNumber, ateco: str,
                  ateco_version: Literal["2007", "2025"], risk_class: Risk, legal_nature: LegalNature, units: list[Unit],
                  same: SameHost, on: OccurredOn, sole_trader: bool = False, tutors: list[OperatorId] | None = None) -> list[Event]:
    """Register a host (censimento del soggetto ospitante). `tutors`: its tutors' operator ids; none given: any.

    The name of a body is spoken, a sole trader's and his municipalities are sealed; the VAT number always is.
    """
    known = tuple(replace(unit, istat=None) for unit in units) if sole_trader else tuple(units)
    where = " ".join(f"{unit.unit_id}={unit.istat}" for unit in units)
    registered = HostRegistered(host_id, None if sole_trader else name, sole_trader, legal_nature, ateco, ateco_version, risk_class,
                                known, tuple(tutors or ()), name, vat_number, where)
    if state.said == registered:
        return []
    refuse(Refused("INVALID_TRANSITION", "a host with other content is registered under this id") if state.said else None,
           Refused("HOST_ALREADY_REGISTERED", f"the VAT number belongs to host {same.host_id}: use that one")
           if same.host_id not in (None, host_id) else None)
    return [registered]


def declare_requirements(state: Host, *, host_id: str, checklist: list[Requirement], valid_to: date,
                         signatory: Annotated[str, Private("host")], actor: Actor, declared_on: OccurredOn) -> list[Event]:
    """Declare what a host must satisfy (autodichiarazione dei requisiti); a new declaration takes the place of the old."""
    refuse(None if state.registered else Refused("INVALID_TRANSITION", "register the host first"),
           None if state.speaks(actor.user) else Refused("OPERATOR_NOT_AUTHORISED", "one of the host's own tutors declares for it"))
    declared = HostRequirementsDeclared(host_id, tuple(checklist), declared_on, valid_to, signatory)
    return [] if evolve(state, declared) == state else [declared]
