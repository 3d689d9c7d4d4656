"""The tutors' care (tutoraggio): visits, and what does not go well (criticità)."""
from __future__ import annotations

from typing import Annotated, Any, Literal, NewType

from chassis.decide import Actor, OccurredOn, Private, Refused
from placement.domain.events import CriticalIssueRaised, CriticalIssueResolved, TutoringVisitLogged
from placement.domain.internship import Internship

Minutes = NewType("Minutes", int)
"""How long something took: whole minutes, at least one."""


def log_visit(state: Internship, *, internship_id: str, visit_id: str, met: Literal["PARTICIPANT", "HOST"], minutes: Minutes,
              actor: Actor, on: OccurredOn, topics: Annotated[str | None, Private("casework")] = None) -> list[Any]:
    """Log a tutor's visit (visita di tutoraggio)."""
    _begun(state)
    return [] if visit_id in state.visits else [TutoringVisitLogged(internship_id, visit_id, actor.user, met, minutes, topics)]


def raise_issue(state: Internship, *, internship_id: str, issue_id: str, severity: Literal["LOW", "MEDIUM", "HIGH"],
                category: Literal["ATTENDANCE", "CONDUCT", "TASKS", "SCHEDULE", "SAFETY", "OTHER"],
                description: Annotated[str, Private("casework")], actor: Actor, on: OccurredOn) -> list[Any]:
    """Raise a critical issue (criticità); what it is about is sealed."""
    _begun(state)
    return [] if issue_id in state.issues else [
        CriticalIssueRaised(internship_id, issue_id, severity, category, actor.user, description)]


def resolve_issue(state: Internship, *, internship_id: str, issue_id: str, measure: Annotated[str, Private("casework")],
                  on: OccurredOn) -> list[Any]:
    """Settle a critical issue (risoluzione della criticità)."""
    if issue_id not in state.issues:
        raise Refused("INVALID_TRANSITION", "raise the issue first")
    return [] if state.issues[issue_id] else [CriticalIssueResolved(internship_id, issue_id, measure)]


def _begun(state: Internship) -> None:
    if state.started_on is None:
        raise Refused("INVALID_TRANSITION", "start the internship first")
