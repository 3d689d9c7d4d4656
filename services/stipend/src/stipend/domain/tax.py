"""How stipends under a plan are taxed (trattamento fiscale): decided with the plan, before any entitlement."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from chassis.decide import Actor, OccurredOn, Private, Refused
from stipend.domain.known import Case

Treatment = Literal["EXEMPT_ART34", "ASSIMILATED"]


@dataclass(frozen=True)
class TaxTreatmentDecided:
    plan_id: str
    case_id: str
    programme_id: str
    subject_id: str
    plan_version: int
    treatment: str
    decided_by: str
    motivation: Annotated[str, Private("casework")]


Event = TaxTreatmentDecided


@dataclass(frozen=True)
class TaxTreatment:
    plan_version: int = 0
    treatment: str | None = None


def evolve(state: TaxTreatment, event: Event) -> TaxTreatment:
    return TaxTreatment(event.plan_version, event.treatment)


def decide_tax_treatment(state: TaxTreatment, *, plan_id: str, case_id: str, plan_version: int, treatment: Treatment,
                         motivation: Annotated[str, Private("casework")], decided_on: OccurredOn, actor: Actor,
                         case: Case) -> list[Event]:
    """Decide how stipends under an agreed plan are taxed, and why. It holds for later versions of the plan until decided anew."""
    if not 1 <= plan_version <= case.plans.get(plan_id, 0):
        raise Refused("PLAN_NOT_AGREED", "decide the tax treatment of a version of the plan that was agreed")
    if (state.plan_version, state.treatment) == (plan_version, treatment):
        return []
    return [TaxTreatmentDecided(plan_id, case_id, case.programme_id, case.subject_id, plan_version, treatment, actor.user, motivation)]
