"""The kinds of aggregates of assessment."""
from __future__ import annotations

from assessment.domain import action_plan, evaluation, instrument, plan, profile
from chassis.kinds import Kind

INSTRUMENT = Kind("instrument", "instrument_code", instrument.Event, instrument.Instrument, instrument.evolve)
EVALUATION = Kind("evaluation", "evaluation_id", evaluation.Event, evaluation.Evaluation, evaluation.evolve)
PROFILE = Kind("profile", "profile_id", profile.Event, profile.Profile, profile.evolve)
PLAN = Kind("plan", "plan_id", plan.Event, plan.Plan, plan.evolve)
ACTION_PLAN = Kind("action-plan", "action_plan_id", action_plan.Event, action_plan.ActionPlan, action_plan.evolve)
KINDS = (INSTRUMENT, EVALUATION, PROFILE, PLAN, ACTION_PLAN)
