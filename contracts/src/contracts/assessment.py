"""What assessment says (`domain.md` 9.2). Goals, actions and steps are ids; texts, answers and what reveals health stay sealed."""
from __future__ import annotations

from contracts.classes import Code, Day, Digest, Flag, Id, Whole
from contracts.envelope import Fact, Part, spoken


class Band(Part):
    code: Code
    from_score: Whole


class InstrumentVersionPublished(Fact):
    """A version of a profiling instrument is published (pubblicazione dello strumento). Source: `domain.md` 9.2, 9.6 Instrument."""

    instrument_code: Code
    version: Whole
    content_digest: Digest
    bands: list[Band]
    shared_with: list[Code]


class Member(Part):
    operator: Id
    role: Code
    org: Code


class TeamConvened(Fact):
    """The team of a case is convened (convocazione dell'équipe). Source: `domain.md` 9.2; seed 002 L8."""

    evaluation_id: Id
    team_id: Id
    phase: Code
    members: list[Member]
    template_version: Whole


class ProfileCompleted(Fact):
    """A participant's profile is complete (profilazione dettagliata). Answers, score and needs of a special kind are sealed.

    Source: `domain.md` 9.2; seed 002 L8.
    """

    profile_id: Id
    instrument_code: Code
    version: Whole
    band: Code | None = None
    needs: list[Code]
    competences: list[Code]


class MultidimensionalEvaluationCompleted(Fact):
    """The team has signed its evaluation (valutazione multidimensionale). Source: `domain.md` 9.2."""

    evaluation_id: Id
    domains: list[Code]
    present_roles: list[Code]
    signed_by: list[Code]


class PlanDrafted(Fact):
    """The first version of a plan is drafted (bozza del progetto personalizzato). Source: `domain.md` 9.2, 13.15."""

    plan_id: Id
    version: Whole
    evaluation_id: Id
    goal_ids: list[Id]
    action_ids: list[Id]


class Signature(Part):
    party: Code
    method: Code
    on: Day


class PlanAgreed(Fact):
    """A version of a plan is signed by all parties and in force (sottoscrizione del progetto). Its policy is the envelope's.

    Source: `domain.md` 9.2, 9.6 Plan.
    """

    plan_id: Id
    version: Whole
    agreed_on: Day
    signatures: list[Signature]
    valid_to: Day
    coherent: Flag
    goal_ids: list[Id]


class PlanRevised(Fact):
    """The next version of a plan is drafted (revisione del progetto); in force once agreed. Source: `domain.md` 9.2, 9.6 Plan."""

    plan_id: Id
    from_version: Whole
    to_version: Whole
    reason: Code
    goal_ids: list[Id]
    action_ids: list[Id]


class ActionPlanOffered(Fact):
    """An action plan for job search is offered (proposta del piano d'azione). Source: `domain.md` 9.2; seed 002 L8."""

    action_plan_id: Id
    offered_on: Day


class ActionPlanDeclined(Fact):
    """The participant declined it (rinuncia al piano d'azione), without consequences. Source: `domain.md` 9.2."""

    action_plan_id: Id
    declined_on: Day


class StepDue(Part):
    step_id: Id
    by_when: Day


class ActionPlanAgreed(Fact):
    """The steps are agreed (condivisione del piano d'azione). Source: `domain.md` 9.2, 13.15."""

    action_plan_id: Id
    agreed_on: Day
    voluntary: Flag
    steps: list[StepDue]


class ActionPlanClosed(Fact):
    """The action plan is closed with its outcome (chiusura del piano d'azione). Source: `domain.md` 9.2."""

    action_plan_id: Id
    closed_on: Day
    outcome: Code


SPOKEN = spoken("assessment", InstrumentVersionPublished, TeamConvened, ProfileCompleted, MultidimensionalEvaluationCompleted,
                PlanDrafted, PlanAgreed, PlanRevised, ActionPlanOffered, ActionPlanDeclined, ActionPlanAgreed, ActionPlanClosed)
