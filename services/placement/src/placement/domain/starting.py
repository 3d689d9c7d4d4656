"""Insurance, mandatory communications and the start of an internship (avvio; rules R14 to R31, `domain.md` 9.7 StartReadiness)."""
from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Any, Literal

from chassis.decide import OccurredOn, Private, Refused, refuse
from placement.domain.agreement import Agreement
from placement.domain.case import Case
from placement.domain.events import Check, InsuranceRegistered, InternshipStarted, MandatoryCommunicationSent
from placement.domain.host import Host
from placement.domain.internship import Internship
from placement.domain.opportunity import Opportunity
from placement.domain.planning import quota_exempt
from placement.domain.programme import Programme, Rules
from placement.domain.rooms import Rooms
from placement.domain.training import Trainings

AT_PLAN = ("R01", "R02", "R03", "R04", "R05", "R06", "R07", "R16", "R17", "R19", "R23")
"""Rules that the plan has passed, or there would be none."""


def register_insurance(state: Internship, *, internship_id: str, inail_position: Annotated[str, Private("documents")],
                       rct_policy: Annotated[str, Private("documents")], valid_from: date, valid_to: date,
                       on: OccurredOn) -> list[Any]:
    """Register INAIL and third-party cover (assicurazione). What does not cover the whole period is seen at the start (R24)."""
    if not state.status or state.ended:
        raise Refused("INVALID_TRANSITION", "the internship is over" if state.ended else "plan the internship first")
    if (valid_from, valid_to) in state.insurance:
        return []
    return [InsuranceRegistered(internship_id, valid_from, valid_to, inail_position, rct_policy)]


def send_communication(state: Internship, *, internship_id: str, kind: Literal["START", "EXTENSION", "TERMINATION", "CORRECTION"],
                       protocol: Annotated[str, Private("documents")], effective_on: date, internship_type: str,
                       programme: Programme, sent_on: OccurredOn) -> list[Any]:
    """Record a mandatory communication (comunicazione obbligatoria, UniLav). `effective_on`: the day of the start or change."""
    refuse(
        None if _may_send(state, kind) else Refused("INVALID_TRANSITION", f"there is no {kind} of an internship in this state"),
        Refused("COB_TYPE_MISMATCH", f"the internship is of type {state.type}") if state.status and internship_type != state.type
        else None)
    if (kind, sent_on, effective_on) in state.communications:
        return []
    days = programme.rules(state.policy_ref).changes_days
    late = sent_on >= effective_on if kind == "START" else sent_on > effective_on + timedelta(days=days)
    return [MandatoryCommunicationSent(internship_id, kind, sent_on, effective_on, internship_type, late, protocol)]


def start_internship(state: Internship, *, internship_id: str, host: Host, agreement: Agreement, opportunity: Opportunity,
                     trainings: Trainings, rooms: Rooms, case: Case, programme: Programme, started_on: OccurredOn,
                     fitness_certified: bool = False) -> list[Any]:
    """Start an internship (avvio del tirocinio), once everything that its policy asks for is there.

    `fitness_certified`: a medical certificate of fitness was seen, where the risk assessment asks for one (R27).
    """
    if state.status == "ACTIVE" and state.started_on == started_on:
        return []
    if state.status != "PLANNED":
        raise Refused("INVALID_TRANSITION", "plan the internship first" if not state.status else "it was started already")
    rules = programme.rules(state.policy_ref)
    exempt = quota_exempt(state.type, case, rules)
    found: list[tuple[str, list[Refused | None] | None]] = [
        ("R14", None if exempt else _room_of_unit(rooms)),
        ("R15", _requirements(host, started_on, rules)),
        ("R18", _room_of_tutors(rooms)),
        ("R20", _documents(state, agreement, host, started_on, rules)),
        ("R21", _communicated(state, started_on)),
        ("R24", _insured(state, started_on)),
        ("R25", _safety(host, trainings, started_on, rules)),
        ("R26", _haccp(opportunity, trainings, started_on, rules)),
        ("R27", _fitness(opportunity, fitness_certified)),
        ("R28", _planned(case, started_on)),
        ("R29", _foreseen(state, started_on)),
        ("R30", None if state.stipend_mode == "NONE" else _entitled(case, internship_id)),
        ("R31", _room_of_person(rooms)),
    ]
    refuse(None if case.privacy_notice else Refused("PRIVACY_NOTICE_MISSING", "deliver the privacy notice first"),
           *(no for _, refusals in found for no in refusals or ()))
    checks = [(rule, "PASSED" if refusals is not None else "NOT_APPLICABLE") for rule, refusals in found]
    passed = sorted([*((rule, "PASSED") for rule in AT_PLAN), *checks])
    holds = [rooms.promoter.claim, rooms.host.claim, rooms.person.claim, *([] if exempt else [rooms.unit.claim])]
    return [InternshipStarted(internship_id, state.host_id, started_on, tuple(Check(*check) for check in passed), tuple(holds))]


def _may_send(state: Internship, kind: str) -> bool:
    return {"START": state.status == "PLANNED", "EXTENSION": state.status in ("ACTIVE", "SUSPENDED"),
            "TERMINATION": state.ended, "CORRECTION": bool(state.communications)}[kind]


def _room_of_unit(rooms: Rooms) -> list[Refused | None]:
    return [None if rooms.unit.free else Refused("HOST_QUOTA_EXCEEDED", "the unit has as many interns as it may")]


def _requirements(host: Host, on: date, rules: Rules) -> list[Refused | None]:
    return [Refused("HOST_REQUIREMENT_MISSING", "the host declares it, or declares again", about=item)
            for item in rules.host_requirements if not host.satisfies(item, on)]


def _room_of_tutors(rooms: Rooms) -> list[Refused | None]:
    return [None if rooms.promoter.free and rooms.host.free else Refused(
        "TUTOR_LOAD_EXCEEDED", "a tutor follows as many interns as may be")]


def _documents(state: Internship, agreement: Agreement, host: Host, on: date, rules: Rules) -> list[Refused | None]:
    there = {"CONVENZIONE": agreement.binds(state.host_id, on), "HOST_DECLARATION": host.declared_to is not None}
    return [Refused("DOCUMENT_MISSING", "it must be signed and in force on the day of the start", about=document)
            for document, found in there.items() if document in rules.documents and not found]


def _communicated(state: Internship, on: date) -> list[Refused | None]:
    sent = [sent for kind, sent, effective in state.communications if kind in ("START", "CORRECTION") and effective == on]
    if not sent:
        return [Refused("COB_NOT_SENT", f"communicate the start of {on} by the day before")]
    return [Refused("COB_LATE", f"it was sent on {min(sent)}, not by the day before: start later") if min(sent) >= on else None]


def _insured(state: Internship, on: date) -> list[Refused | None]:
    first = max(on, state.start)
    covered = any(since <= first and state.planned_end <= until for since, until in state.insurance)
    return [None if covered else Refused("INSURANCE_NOT_VALID", f"INAIL and RCT must cover {first} to {state.planned_end}")]


def _safety(host: Host, trainings: Trainings, on: date, rules: Rules) -> list[Refused | None]:
    needed = {"SAFETY_GENERAL": rules.safety_general_h,
              f"SAFETY_SPECIFIC_{host.risk_class}": rules.safety_specific_h.get(host.risk_class, 0)}
    lacking = [f"{module} {hours} h" for module, hours in needed.items() if trainings.hours(module, on) < hours]
    return [Refused("SAFETY_TRAINING_MISSING", f"certified hours are missing: {', '.join(lacking)}") if lacking else None]


def _haccp(opportunity: Opportunity, trainings: Trainings, on: date, rules: Rules) -> list[Refused | None] | None:
    if rules.haccp != "ALWAYS" and not (rules.haccp == "IF_FOOD" and opportunity.food_handling):
        return None
    return [None if trainings.hours("HACCP", on) else Refused("HACCP_MISSING", "a valid HACCP certificate is needed")]


def _fitness(opportunity: Opportunity, certified: bool) -> list[Refused | None] | None:
    if not opportunity.fitness_required:
        return None
    return [None if certified else Refused("MEDICAL_FITNESS_MISSING", "the risk assessment asks for a medical certificate of fitness")]


def _planned(case: Case, on: date) -> list[Refused | None]:
    return [None if case.plan_in_force(on) else Refused("PLAN_NOT_AGREED", "the plan has expired: agree on a new version")]


def _foreseen(state: Internship, on: date) -> list[Refused | None]:
    """The plan's first and last day have passed R29 and the policy's: a start between them stays within both."""
    return [None if state.start <= on <= state.planned_end else Refused(
        "OUTSIDE_INTERVAL", f"it starts between {state.start} and {state.planned_end}, as planned; to start earlier, plan it anew")]


def _entitled(case: Case, internship_id: str) -> list[Refused | None]:
    return [None if internship_id in case.entitled else Refused(
        "BUDGET_NOT_AVAILABLE", "open the stipend entitlement of this internship first")]


def _room_of_person(rooms: Rooms) -> list[Refused | None]:
    return [None if rooms.person.free else Refused(
        "ACTIVE_INTERNSHIP_EXISTS", "the participant has an active internship of this programme")]
