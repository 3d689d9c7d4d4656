"""The agenda (scadenzario): each date by which something falls due, as facts set it, until a fact meets it (`domain.md` 9.7).

An expired certificate is an alert here, and no event: whether a date has passed is asked of the reader's date, never of a clock.
"""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from reporting.views.fact import Fact
from reporting.views.spans import LAST_DAY, days_after, six_months_after
from reporting.views.view import Folded, Row, State

GRACE = "GRACE"
"""Listed by the day an internship ended; the programme's grace days are added when it is read."""
NO_DAY = "0000-00-00"
"""Before every date."""
WINDOW = 28
"""Days after the exit in which a result is observed."""


class Sets(NamedTuple):
    """A deadline that a type of fact sets: its kind, the date's field, how many days later it falls due."""

    kind: str
    field: str
    later: int = 0


SETS = {
    "InternshipPlanned": (Sets("INTERNSHIP_START", "start"), Sets("START_COMMUNICATION", "start", -1),
                          Sets("INTERNSHIP_END", "planned_end")),
    "InternshipResumed": (Sets("INTERNSHIP_END", "new_planned_end"),), "InternshipExtended": (Sets("INTERNSHIP_END", "new_end"),),
    "InternshipSuspended": (Sets("SUSPENSION_END", "expected_to"),), "InsuranceRegistered": (Sets("INSURANCE_END", "valid_to"),),
    "InternshipCompleted": (Sets("ACTION_PLAN_OFFER", "ended_on"),), "PlanAgreed": (Sets("PLAN_REVIEW", "valid_to"),),
    "TargetCategoryAttested": (Sets("CATEGORY_EXPIRY", "valid_to"),), "TrainingCompleted": (Sets("CERTIFICATE_EXPIRY", "expires_on"),),
    "ParticipationExited": (Sets("IMMEDIATE_RESULT", "exit_date", WINDOW), Sets("SIX_MONTH_RESULT", "exit_date")),
    "HostRequirementsDeclared": (Sets("HOST_DECLARATION_EXPIRY", "valid_to"),), "AgreementSigned": (Sets("AGREEMENT_EXPIRY", "valid_to"),),
    "ProgrammeActivated": (Sets("PROGRAMME_END", "end"),), "ProgrammeConfigurationVersioned": (Sets("PROGRAMME_END", "end"),)}
OVER = ("INTERNSHIP_START", "START_COMMUNICATION", "INTERNSHIP_END", "SUSPENSION_END", "INSURANCE_END")
MEETS = {**dict.fromkeys(LAST_DAY, OVER), "InternshipStarted": ("INTERNSHIP_START",), "InternshipResumed": ("SUSPENSION_END",),
         "ImmediateResultRecorded": ("IMMEDIATE_RESULT",), "SixMonthResultRecorded": ("SIX_MONTH_RESULT",)}
OF_CASE = ("ActionPlanOffered", "HireRecorded", "CaseClosed", "ActionPlanAgreed", "ActionPlanClosed", "MandatoryCommunicationSent",
           "TaskRaised")
HOSTED, CONFIGURED = ("HostRequirementsDeclared", "AgreementSigned"), ("ProgrammeActivated", "ProgrammeConfigurationVersioned")
TASKS = {"SIX_MONTH_RESULT": "SIX_MONTH_RESULT", "OFFER_ACTION_PLAN": "ACTION_PLAN_OFFER"}
"""Deadlines that are a task once they have come."""
ROLES = {**dict.fromkeys(("PLAN_REVIEW", "CATEGORY_EXPIRY"), "CASE_MANAGER"),
         **dict.fromkeys(("ACTION_PLAN_OFFER", "ACTION_PLAN_STEP", "HOST_DECLARATION_EXPIRY"), "ORIENTATORE"),
         **dict.fromkeys(("IMMEDIATE_RESULT", "SIX_MONTH_RESULT", "PROGRAMME_END"), "REPORTING_OFFICER")}
OTHERWISE = "TUTOR_PROMOTORE"


def of(fact: Fact) -> bool:
    return any(fact.name in some for some in (CONFIGURED, HOSTED, SETS, MEETS, OF_CASE))


def key(fact: Fact) -> str | None:
    """The case, the host, or the programme whose deadline is set or met."""
    if fact.name in CONFIGURED:
        return fact.aggregate if fact.aggregatetype == "programme" else None
    if fact.name in HOSTED:
        return fact.named("host_id") or None
    return fact.case if of(fact) else None


def fold(state: State, fact: Fact) -> None:
    if fact.case:
        state |= {name: said for name, said in (("programme", fact.programme), ("subject", fact.subject)) if said}
    for one in SETS.get(fact.name, ()):
        due = six_months_after(fact.get(one.field)) if one.kind == "SIX_MONTH_RESULT" else days_after(fact.get(one.field), one.later)
        _set(state, one.kind, fact.named("attestation_id") or fact.aggregate, fact, due)
    for kind in MEETS.get(fact.name, ()):
        _meet(state, f"{kind} {fact.aggregate}", fact)
    match fact.name:
        case "MandatoryCommunicationSent" if fact.get("kind") == "START":
            _meet(state, f"START_COMMUNICATION {fact.aggregate}", fact)
        case "ActionPlanOffered" | "CaseClosed" | "ActionPlanClosed":
            _meet(state, f"{fact.name} {fact.aggregate}" if fact.name == "ActionPlanClosed" else fact.name, fact)
        case "ActionPlanAgreed":
            for step in fact.get("steps") or ():
                _set(state, "ACTION_PLAN_STEP", f"{fact.aggregate} {step.get('step_id')}", fact, days_after(step.get("by_when"), 0))
        case "HireRecorded":
            state.setdefault("hired", {})[str(fact.get("contract"))] = True
        case "TaskRaised" if fact.get("kind") in TASKS:
            _meet(state, f"task {TASKS[fact.get('kind')]} {fact.get('cause')}", fact)


def _set(state: State, kind: str, about: str, fact: Fact, due: str | None) -> None:
    """Until when, as was said last; a plan or an end that is open from now on has no date."""
    at = state.setdefault("set", {}).get(f"{kind} {about}", {})
    if fact.recorded >= at.get("recorded", ""):
        state["set"][f"{kind} {about}"] = {"kind": kind, "about": about, "due": due, "recorded": fact.recorded, "fact": fact.id}


def _meet(state: State, what: str, fact: Fact) -> None:
    met = state.setdefault("met", {})
    met[what] = max(met.get(what, ["", ""]), [fact.recorded, fact.id])


def rows(state: State, key: str) -> dict[str, Row]:
    return {part: row for part, one in state.get("set", {}).items() if (row := _row(state, key, part, one))}


def _row(state: State, key: str, part: str, one: dict[str, Any]) -> Row | None:
    """What became a task is the task's."""
    if one["due"] is None or state.get("met", {}).get(f"task {part}", [""])[0] > one["recorded"]:
        return None
    kind, programme = one["kind"], key if one["kind"] == "PROGRAMME_END" else state.get("programme")
    met = sorted(at for at in _answers(state, part, one) if at[0] > one["recorded"])
    row: Row = {"kind": kind, "role": ROLES.get(kind, OTHERWISE), "due": one["due"], "state": "DONE" if met else "OPEN",
                "programme": programme, "cause": one["about"].split(" ")[-1], "fact": one["fact"],
                "case": None if kind in ("PROGRAMME_END", "HOST_DECLARATION_EXPIRY", "AGREEMENT_EXPIRY") else key}
    if row["case"]:
        row["subject"] = state.get("subject")
    else:
        row["programme"] = key if kind == "PROGRAMME_END" else None
    if met:
        row |= {"done": met[0][0], "done_fact": met[0][1]}
    if kind == "ACTION_PLAN_OFFER":
        row["hired"] = sorted(state.get("hired", ()))
    listed = GRACE if kind == "ACTION_PLAN_OFFER" and not met else row["state"]
    return {name: said for name, said in row.items() if said is not None} | {"listed": listing(listed, row["programme"], one["due"])}


def _answers(state: State, part: str, one: dict[str, Any]) -> Iterator[list[str]]:
    """What may meet it: its own fact; for a step the end of its plan; for an offer any offer; for all of a case its closing."""
    also = {"ACTION_PLAN_STEP": f"ActionPlanClosed {one['about'].split(' ')[0]}", "ACTION_PLAN_OFFER": "ActionPlanOffered"}
    for what in (part, also.get(one["kind"], ""), "CaseClosed"):
        if what in state.get("met", {}):
            yield state["met"][what]


def listing(state: str, programme: str | None, due: str) -> str:
    """What a date is listed within: in the order of dates for each state and programme (`-`: of none)."""
    return f"{state} {programme or '-'} {due}"


VIEW = Folded("agenda", of, key, fold, rows, within="listed")
