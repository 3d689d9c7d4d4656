"""The commands of assessment: route, decision, roles."""
from __future__ import annotations

from assessment.adapters.kinds import ACTION_PLAN, EVALUATION, INSTRUMENT, PLAN, PROFILE
from assessment.domain import action_plan, evaluation, instrument, plan, profile
from chassis.declare import Command

CASE = ("CASE_NOT_HEARD_YET", "PRIVACY_NOTICE_MISSING", "CASE_CLOSED")
PROGRAMME = ("PROGRAMME_NOT_HEARD_YET",)

COMMANDS = (
    Command(INSTRUMENT, "POST /instruments/{instrument_code}/versions", instrument.publish_instrument_version,
            by=("PROFILER", "PARTNER_ADMIN"), also_refuses=PROGRAMME),
    Command(EVALUATION, "POST /evaluations/{evaluation_id}/team", evaluation.convene_team,
            by=("CASE_MANAGER", "PARTNER_ADMIN"), also_refuses=CASE + PROGRAMME),
    Command(EVALUATION, "POST /evaluations/{evaluation_id}/completion", evaluation.complete_evaluation,
            by=("CASE_MANAGER", "PROFILER"), also_refuses=CASE + PROGRAMME),
    Command(PROFILE, "POST /profiles/{profile_id}", profile.complete_profile,
            by=("ORIENTATORE", "PROFILER"), also_refuses=CASE),
    Command(PLAN, "POST /plans/{plan_id}", plan.draft_plan, by=("CASE_MANAGER",), also_refuses=CASE + PROGRAMME),
    Command(PLAN, "POST /plans/{plan_id}/agreement", plan.agree_plan, by=("CASE_MANAGER",), also_refuses=CASE + PROGRAMME),
    Command(PLAN, "POST /plans/{plan_id}/revisions", plan.revise_plan, by=("CASE_MANAGER",), also_refuses=CASE),
    Command(ACTION_PLAN, "POST /action-plans/{action_plan_id}", action_plan.offer_action_plan,
            by=("ORIENTATORE",), also_refuses=CASE + PROGRAMME),
    Command(ACTION_PLAN, "POST /action-plans/{action_plan_id}/declination", action_plan.decline_action_plan, by=("ORIENTATORE",)),
    Command(ACTION_PLAN, "POST /action-plans/{action_plan_id}/agreement", action_plan.agree_action_plan,
            by=("ORIENTATORE",), also_refuses=CASE + PROGRAMME),
    Command(ACTION_PLAN, "POST /action-plans/{action_plan_id}/closing", action_plan.close_action_plan, by=("ORIENTATORE",)),
)
