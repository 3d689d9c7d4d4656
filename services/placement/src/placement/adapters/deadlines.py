"""Deadlines of placement: NonStabilisation (`domain.md` 9.7)."""
from __future__ import annotations

from chassis.declare import Deadline, Do
from placement.domain import tasks
from placement.domain.events import InternshipCompleted
from placement.domain.hire import ask_for_action_plan


def action_plan(event: InternshipCompleted) -> Do:
    return Do(ask_for_action_plan, {
        "task_id": tasks.task_id(event.internship_id, "OFFER_ACTION_PLAN"), "cause": event.internship_id,
        "due": event.action_plan_due, "case_id": event.case_id, "programme_id": event.programme_id,
        "subject_id": event.subject_id})


DEADLINES = (Deadline("offer-action-plan", InternshipCompleted, lambda event: event.action_plan_due, action_plan),)
