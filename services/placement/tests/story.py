"""P-002, her host and her internship of six months, as the sentences of the tests speak of them (cases/002). They do not exist."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from chassis.decide import Actor
from chassis.given import given
from chassis.task import TaskRaised
from placement.adapters.kinds import AGREEMENT, HOST, INTERNSHIP, MATCH, OPPORTUNITY, TRAINING
from placement.domain.agreement import AgreementSigned
from placement.domain.case import Case, Plan
from placement.domain.events import PlannedDay
from placement.domain.host import HostRegistered, HostRequirementsDeclared, Requirement, Unit
from placement.domain.match import Holder, MatchAccepted, MatchProposed
from placement.domain.opportunity import OpportunityPublished
from placement.domain.periods import add_months
from placement.domain.planning import SIGNATORIES, plan_internship
from placement.domain.programme import Programme, Rules, Version
from placement.domain.rooms import HOST_TUTOR, PERSON, PROMOTER_TUTOR, UNIT, Room, Rooms
from placement.domain.starting import register_insurance, send_communication, start_internship
from placement.domain.training import TrainingCompleted, TrainingEnrolled, Trainings


def known_as(name: str) -> str:
    return str(uuid5(NAMESPACE_OID, name))


START, END = date(2024, 10, 14), date(2025, 4, 13)
CLOSED = {date(2024, 11, 1), date(2024, 12, 6), date(2024, 12, 25), date(2024, 12, 26), date(2025, 1, 1), date(2025, 1, 6)}
RECOVERED = {date(2024, 12, 28), date(2025, 1, 4), date(2025, 1, 11)}
SIX = Decimal(6)


def working_days(months: int = 6) -> list[date]:
    """Twenty days of each internship month, Monday to Friday, three holidays recovered on a Saturday."""
    found: list[date] = []
    for month in range(months):
        first, after = add_months(START, month), add_months(START, month + 1)
        days = [first + timedelta(days=n) for n in range((after - first).days)]
        found += [day for day in days if (day.weekday() < 5 and day not in CLOSED) or day in RECOVERED][:20]
    return found


DAYS = working_days()
CALENDAR = [PlannedDay(day, SIX) for day in DAYS]
LEFT_EARLY = {date(2024, 10, 24): 2, date(2024, 11, 27): 4, date(2025, 1, 3): 2, date(2025, 2, 20): 2, date(2025, 4, 2): 4}
ABSENT = {date(2025, 1, day) for day in (22, 23, 24, 27)}
JUSTIFIED = {date(2024, 12, 23), date(2025, 1, 28), date(2025, 1, 30), date(2025, 2, 4), date(2025, 2, 5), date(2025, 2, 17),
             date(2025, 2, 19), date(2025, 3, 19)}


def attended(day: date) -> tuple[Decimal, str]:
    """Hours and kind of a planned day in the register of cases/002."""
    if day in ABSENT or day in JUSTIFIED:
        return Decimal(0), "ABSENT" if day in ABSENT else "ABSENT_JUSTIFIED"
    return Decimal(LEFT_EARLY.get(day, 6)), "PRESENT"


ITEMS = ("DURC", "SAFETY", "L68_99", "NO_CIG", "NO_DISMISSALS_12M", "NOT_IN_LIQUIDATION")
REF = "PUGLIA-LR26-2023-TIS@0123456789abcdef"
RULES = Rules(
    REF, ("FORMATIVO_ORIENTAMENTO", "INCLUSIONE_SOCIALE"), 60, 30, {"DEFAULT": 6, "DISABILITY": 24}, 12, "CPI_VALIDATION",
    stipend_mode="FLAT_THRESHOLD", monthly_cents=60000,
    suspension_days={"ILLNESS": 30, "MATERNITY": 0, "COMPANY_CLOSURE": 15}, quota=((0, 5, 1), (6, 20, 2)),
    quota_above=Decimal("0.10"), quota_exempt=frozenset({"DISABILITY", "INCLUSIONE_SOCIALE"}), safety_general_h=Decimal(4),
    safety_specific_h={"LOW": Decimal(4), "MEDIUM": Decimal(8), "HIGH": Decimal(12)}, host_requirements=ITEMS,
    documents=frozenset({"CONVENZIONE", "PFI", "REGISTER"}))
CONFIGURED = Version(date.min, date(2024, 7, 1), date(2026, 12, 31), True, 15, frozenset({"PERMANENT", "FIXED_TERM"}),
                     household_registration="ADI_HOUSEHOLD")
PROGRAMME = Programme((CONFIGURED,), {REF: RULES})


def configured(**otherwise: Any) -> Programme:
    """The programme, but for this of its configuration."""
    return Programme((replace(CONFIGURED, **otherwise),), {REF: RULES})


PLAN = Plan("PL", 1, frozenset({"G1", "G2"}), date(2025, 9, 26), REF)
CASE = Case("C", "002", "S", True, "op-cm-02", frozenset({"ADI_HOUSEHOLD"}), plan=PLAN)
ENTITLED = Case("C", "002", "S", True, "op-cm-02", frozenset({"ADI_HOUSEHOLD"}), plan=PLAN, entitled=frozenset({"I"}))
TUTOR = Actor("op-tp-02", "TUTOR_PROMOTORE", "comune-bari", "bari")
ORIENTER = Actor("op-or-02", "ORIENTATORE", "comune-bari", "bari")
ROOMS = Rooms(Room(PROMOTER_TUTOR, "op-tp-02:1"), Room(HOST_TUTOR, "ht-02:1"), Room(UNIT, "U1:1"), Room(PERSON, "002:S:1"))

REGISTERED = HostRegistered("H", "Cartolibreria Sintetica", False, "PRIVATE", "47.62", "2007", "LOW", (Unit("U1", 4, "072006"),), (),
                            "Cartolibreria Sintetica", "99999010293", "U1=072006")
DECLARED = HostRequirementsDeclared("H", tuple(Requirement(item, True) for item in ITEMS), date(2024, 9, 19), date(2025, 9, 18), "x")
PUBLISHED = OpportunityPublished("O", "H", "U1", 1, Decimal(30), START, False, False, None, "vendita", None)
PROPOSED = MatchProposed("M", "O", "H", "U1", (), "op-or-02", 1, "C", "002", "S")
ACCEPTED = tuple(MatchAccepted("M", party) for party in ("PARTICIPANT", "HOST", "TEAM"))
SIGNED = AgreementSigned("A", "H", "comune-bari", "CONVENZIONE", date(2024, 10, 4), date(2025, 10, 3), "0" * 64, None)
A_HOST, AN_OPPORTUNITY = given(HOST, REGISTERED, DECLARED), given(OPPORTUNITY, PUBLISHED)
A_MATCH, AN_AGREEMENT = given(MATCH, PROPOSED, *ACCEPTED), given(AGREEMENT, SIGNED)


def certificate(module: str, hours: int, on: date, expires: date | None = None) -> Any:
    return given(TRAINING, TrainingEnrolled(module, module, None, Decimal(hours), 1, "C", "002", "S"),
                 TrainingCompleted(module, module, Decimal(hours), "PASSED", on, expires, None))


CERTIFIED = Trainings((certificate("SAFETY_GENERAL", 4, date(2024, 10, 1)), certificate("SAFETY_SPECIFIC_LOW", 4, date(2024, 10, 3))))


def planning(*before: Any, **otherwise: Any) -> list[Any]:
    """The plan of I-002, or one that differs in these arguments."""
    usual: dict[str, Any] = {
        "internship_id": "I", "match_id": "M", "agreement_id": "A", "type": "INCLUSIONE_SOCIALE", "start": START, "planned_end": END,
        "weekly_hours": Decimal(30), "calendar": CALENDAR, "promoter_tutor": "op-tp-02", "host_tutor": "ht-02", "goal_ids": ["G1"],
        "pfi_digest": "0" * 64, "pfi_signed_on": date(2024, 10, 4), "signatures": list(SIGNATORIES), "no_prior_relationship": True,
        "match": A_MATCH, "holder": Holder(), "host": A_HOST, "case": CASE, "programme": PROGRAMME, "rooms": ROOMS, "on": date(2024, 10, 4),
        "amount_cents": 60000}
    return plan_internship(given(INTERNSHIP, *before), **{**usual, **otherwise})


def events_of(found: Sequence[Any]) -> list[Any]:
    return [event for event in found if not isinstance(event, TaskRaised)]


def insuring(*before: Any, valid_to: date = END) -> list[Any]:
    return register_insurance(given(INTERNSHIP, *before), internship_id="I", inail_position="1", rct_policy="2", valid_from=START,
                              valid_to=valid_to, on=date(2024, 10, 4))


def communicating(*before: Any, sent_on: date = date(2024, 10, 11), **otherwise: Any) -> list[Any]:
    usual = {"internship_id": "I", "kind": "START", "protocol": "SYN", "effective_on": START, "internship_type": "INCLUSIONE_SOCIALE",
             "programme": PROGRAMME, "sent_on": sent_on}
    return send_communication(given(INTERNSHIP, *before), **{**usual, **otherwise})


def starting(*before: Any, **otherwise: Any) -> list[Any]:
    usual: dict[str, Any] = {
        "internship_id": "I", "host": A_HOST, "agreement": AN_AGREEMENT, "opportunity": AN_OPPORTUNITY, "trainings": CERTIFIED,
        "rooms": ROOMS, "case": ENTITLED, "programme": PROGRAMME, "started_on": START}
    return start_internship(given(INTERNSHIP, *before), **{**usual, **otherwise})


PLANNED = events_of(planning())[0]
INSURED, SENT = insuring(PLANNED)[0], communicating(PLANNED)[0]
STARTED = starting(PLANNED, INSURED, SENT)[0]
RUNNING = (PLANNED, INSURED, SENT, STARTED)
