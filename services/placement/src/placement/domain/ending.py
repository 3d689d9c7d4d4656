"""How an internship ends (conclusione, recesso, interruzione) and what attests it (rules R22, R32; `domain.md` 9.7)."""
from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated, Any, Literal

from chassis.decide import OccurredOn, Private, Refused, refuse
from placement.domain import tasks
from placement.domain.events import FinalAttestationIssued, InternshipCompleted, InternshipInterrupted, InternshipWithdrawn
from placement.domain.internship import Internship
from placement.domain.match import Match, MatchRejected
from placement.domain.programme import Programme, Rules

FOUR_DECIMALS = Decimal("0.0001")


def complete_internship(state: Internship, *, internship_id: str, ended_on: OccurredOn, programme: Programme,
                        early_reason: Literal["GOALS_REACHED", "HIRED", "OTHER"] | None = None) -> list[Any]:
    """Complete an internship (conclusione), on its last planned day or, with a reason, before.

    Sums the register as it stands; the last period may be validated after.
    """
    if state.status == "COMPLETED" and state.last_day == ended_on:
        return []
    early = ended_on < state.planned_end
    refuse(*_may_end(state, ended_on),
           Refused("INVALID_TRANSITION", "a suspended internship is resumed first") if state.status == "SUSPENDED" else
           Refused("INVALID_TRANSITION", f"it ends on {state.planned_end}; before, a reason is needed") if early and not early_reason
           else None)
    rules, version = programme.rules(state.policy_ref), programme.on(ended_on)
    planned, recognised = _totals(state, ended_on, rules)
    ratio = (recognised / planned).quantize(FOUR_DECIMALS, ROUND_HALF_UP) if planned else Decimal(0)
    due = ended_on + timedelta(days=version.grace_days) if version.action_plan else None
    return [InternshipCompleted(internship_id, ended_on, planned, recognised, ratio, early_reason if early else None, due, state.holds,
                                state.case_id, state.programme_id, state.subject_id),
            *([_termination(state, internship_id, ended_on, rules)] if early else [])]


def withdraw_from_internship(state: Internship, *, internship_id: str, last_day: OccurredOn, programme: Programme, match: Match,
                             reason_code: Literal["FOUND_JOB", "TRAINING", "RELOCATION", "PERSONAL", "NOT_SUITABLE", "OTHER"],
                             note: Annotated[str | None, Private("casework")] = None) -> list[Any]:
    """Record that the participant left (recesso), or does not come; `last_day`: the last active one.

    One that has not begun has no active day: the day before its start is then the latest that is recorded.
    """
    ends = _last_active(state, last_day)
    if state.status == "WITHDRAWN" and state.last_day == ends:
        return []
    refuse(*_may_leave(state, last_day))
    rules = programme.rules(state.policy_ref)
    return [InternshipWithdrawn(internship_id, ends, reason_code, *_totals(state, ends, rules), state.holds, note),
            *_left_behind(state, internship_id, last_day, rules, match, "PARTICIPANT")]


def interrupt_internship(state: Internship, *, internship_id: str, last_day: OccurredOn, programme: Programme, match: Match,
                         interrupted_by: Literal["HOST", "PROMOTER"],
                         cause: Literal["SERIOUS_BREACH", "GOALS_UNREACHABLE", "HOST_LOST_REQUIREMENTS"],
                         note: Annotated[str | None, Private("casework")] = None) -> list[Any]:
    """Record that host or promoter ended it (interruzione), or called it off; `last_day` as in a withdrawal."""
    ends = _last_active(state, last_day)
    if state.status == "INTERRUPTED" and state.last_day == ends:
        return []
    refuse(*_may_leave(state, last_day))
    rules = programme.rules(state.policy_ref)
    return [InternshipInterrupted(internship_id, ends, interrupted_by, cause, *_totals(state, ends, rules), state.holds, note),
            *_left_behind(state, internship_id, last_day, rules, match, "HOST" if interrupted_by == "HOST" else "TEAM")]


def issue_attestation(state: Internship, *, internship_id: str, attestation_no: Annotated[str, Private("documents")],
                      competences: list[str], programme: Programme, on: OccurredOn) -> list[Any]:
    """Issue the final attestation (attestazione finale): every period validated, enough of all PFI hours attended (R32)."""
    if state.last_day is None:
        raise Refused("INVALID_TRANSITION", "the internship has not ended")
    if state.attested:
        return []
    rules = programme.rules(state.policy_ref)
    hours = state.recognised(date.min, state.last_day, rules.justified_counts)
    foreseen = replace(state, last_day=None).planned_total()
    pending = [str(period.number) for period in state.periods()
               if period.starts <= state.last_day and period.number not in state.validated]
    refuse(Refused("REGISTER_NOT_VALIDATED", f"validate the periods {', '.join(pending)} first") if pending else None,
           Refused("ATTESTATION_THRESHOLD_NOT_MET", f"{hours} of {foreseen} hours are below {rules.attestation_ratio}")
           if hours < rules.attestation_ratio * foreseen else None)
    return [FinalAttestationIssued(internship_id, hours, foreseen, tuple(competences), attestation_no, state.policy_ref)]


def _may_end(state: Internship, day: date) -> list[Refused | None]:
    if state.started_on is None or state.ended:
        return [Refused("INVALID_TRANSITION", "the internship is over" if state.ended else "start the internship first")]
    last = max((at for at, row in state.rows.items() if row.kind == "PRESENT"), default=state.started_on)
    first = max(last, state.validated_to)
    why = "the last presence" if first == last else "the end of the last validated period, whose rows are corrected instead"
    return [None if first <= day <= state.planned_end else Refused(
        "OUTSIDE_INTERVAL", f"it ends between {first}, {why}, and {state.planned_end}")]


def _may_leave(state: Internship, day: date) -> list[Refused | None]:
    return [] if state.status == "PLANNED" else _may_end(state, day)


def _last_active(state: Internship, day: date) -> date:
    return day if state.started_on else min(day, state.start - timedelta(days=1))


def _left_behind(state: Internship, internship_id: str, on: date, rules: Rules, match: Match, by: str) -> list[Any]:
    """A termination to communicate, where a start was; the place of one that has not begun is free again."""
    told = any(kind == "START" for kind, _, _ in state.communications)
    task = [_termination(state, internship_id, on, rules)] if told else []
    if state.started_on or match.rejected:
        return task
    return [*task, MatchRejected(state.match_id, by, "NOT_AVAILABLE", state.opportunity_id, match.place, None)]


def _totals(state: Internship, last_day: date, rules: Rules) -> tuple[Decimal, Decimal]:
    """Hours planned on active days, and recognised, to the last day."""
    return replace(state, last_day=last_day).planned_total(), state.recognised(date.min, last_day, rules.justified_counts)


def _termination(state: Internship, internship_id: str, on: date, rules: Rules) -> Any:
    return tasks.communication(state, internship_id, "TERMINATION", on, rules.changes_days)
