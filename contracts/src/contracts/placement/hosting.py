"""Who takes interns: the host, what it declares, the places it offers, the convention it signs (`domain.md` 9.3)."""
from __future__ import annotations

from contracts.classes import BodyName, Code, Day, Digest, Flag, Id, Number, Whole
from contracts.envelope import Fact, Part


class Unit(Part):
    """A production unit (unità produttiva). `istat`: its municipality, absent where the host is a sole trader."""

    unit_id: Id
    employees_open_ended: Whole
    istat: Code | None = None


class HostRegistered(Fact):
    """A host became known (soggetto ospitante). `body_name` is absent where the host is a sole trader; the VAT number is sealed.

    Source: `domain.md` 9.3, 9.6 Host.
    """

    host_id: Id
    body_name: BodyName | None = None
    sole_trader: Flag
    legal_nature: Code
    ateco: Code
    ateco_version: Code
    risk_class: Code
    units: list[Unit]


class Requirement(Part):
    item: Code
    met: Flag


class HostRequirementsDeclared(Fact):
    """The host declared what a host must satisfy (autodichiarazione dei requisiti), rule R15; the signatory is sealed."""

    host_id: Id
    checklist: list[Requirement]
    declared_on: Day
    valid_to: Day


class OpportunityPublished(Fact):
    """A host offers places in one unit (opportunità). The tasks are sealed. Source: `domain.md` 9.3."""

    opportunity_id: Id
    host_id: Id
    unit_id: Id
    places: Whole
    weekly_hours: Number
    starts: Day
    food_handling: Flag
    fitness_required: Flag = False
    profession_code: Code | None = None


class AgreementSigned(Fact):
    """A convention between promoter and host was signed (convenzione). `document_digest` is an HMAC under a sealed key."""

    agreement_id: Id
    host_id: Id
    promoter: Id
    kind: Code
    signed_on: Day
    valid_to: Day
    document_digest: Digest
