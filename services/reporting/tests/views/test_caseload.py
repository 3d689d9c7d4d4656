"""The caseload: where each case stands, listed by manager, programme and stage, and what is due next of each."""
from __future__ import annotations

from typing import Any

from cases_told import MANAGERS, TENANT, Told, case_id, heard_by, speaker_of
from views_seen import Reader

from chassis.bus import Record
from chassis.coming import Listed, read
from chassis.parking import park
from chassis.topics import topic_of
from reporting.views import caseload
from reporting.views.fact import read_fact

STEPS: list[tuple[str, str, str, dict[str, Any], str]] = [
    ("intake.ReferralReceived", "referral", "r1", {}, "REFERRED"), ("intake.CaseOpened", "case", "c1", {}, "OPEN"),
    ("intake.EligibilityDenied", "case", "c1", {}, "NOT_ELIGIBLE"), ("intake.EligibilityConfirmed", "case", "c1", {}, "ELIGIBLE"),
    ("assessment.MultidimensionalEvaluationCompleted", "evaluation", "v1", {}, "EVALUATED"),
    ("assessment.PlanAgreed", "plan", "p1", {}, "PLANNED"),
    ("placement.InternshipPlanned", "internship", "i0", {"start": "2024-10-01"}, "INTERNSHIP_PLANNED"),
    ("placement.InternshipWithdrawn", "internship", "i0", {"last_day": "2024-10-01"}, "PLANNED"),
    ("placement.InternshipPlanned", "internship", "i1", {"start": "2024-10-14"}, "INTERNSHIP_PLANNED"),
    ("placement.InternshipStarted", "internship", "i1", {}, "INTERNSHIP"),
    ("placement.InternshipSuspended", "internship", "i1", {}, "SUSPENDED"),
    ("placement.InternshipResumed", "internship", "i1", {}, "INTERNSHIP"),
    ("placement.InternshipCompleted", "internship", "i1", {}, "INTERNSHIP_ENDED"),
    ("reporting.ParticipationExited", "participation", "x1", {}, "EXITED"),
    ("placement.InternshipPlanned", "internship", "i2", {"start": "2025-10-14"}, "INTERNSHIP_PLANNED"),
    ("placement.InternshipWithdrawn", "internship", "i2", {}, "EXITED"), ("intake.CaseClosed", "case", "c1", {}, "CLOSED")]


def test_a_case_is_listed_under_the_stage_it_has_reached() -> None:
    speaker, state = speaker_of(), dict[str, Any]()
    for kind, of, aggregate, data, stage in STEPS:
        speaker.say(kind, of, aggregate, data, case="c1", programme="002")
        caseload.fold(state, read_fact(speaker.spoken[-1].value))
        assert {row["stage"] for row in caseload.rows(state, "c1").values()} == {stage}, kind
    assert {stage for *_, stage in STEPS} | {"REFUSED"} == set(caseload.STAGES)


def told() -> Told:
    """Nine cases of three managers, one of nobody's: three interns, of whom one has a task and one a task that is done."""
    told = Told(speaker_of())
    told.activate()
    for n in range(9):
        told.open(n, MANAGERS[n % 3] if n != 8 else None)
    for n in range(3):
        told.plan(n)
        told.intern(n)
        told.task(n, f"2024-10-{14 + n}")
    told.say(1, "placement.ExternalRegistrationConfirmed", "registration", "g1", system="GEPI")
    told.pay(2, "StipendEntitlementOpened", commitment_id="k1")
    return told


async def cases(reader: Reader, path: str = "/caseload", **query: Any) -> list[Any]:
    """All pages, as small as can be, put together."""
    found, cursor = [], {}
    while True:
        page = await reader.reads(path, role="RP", tenant=TENANT, limit=2, **query, **cursor)
        found += page["items"]
        if "next" not in page:
            return found
        cursor = {"cursor": page["next"]}


ASKED: list[tuple[dict[str, Any], Any]] = [
    ({}, range(9)), ({"case_manager": MANAGERS[0]}, [0, 3, 6]), ({"case_manager": "UNASSIGNED"}, [8]), ({"stage": "INTERNSHIP"}, [0, 1, 2]),
    ({"stage": ["INTERNSHIP", "OPEN"], "case_manager": MANAGERS[1]}, [1, 4, 7]), ({"stage": "OPEN", "programme_id": "002"}, range(3, 9)),
    ({"stage": "OPEN", "case_manager": MANAGERS[1]}, [4, 7]), ({"programme_id": "009"}, []), ({"case_id": case_id(5)}, [5]),
    ({"case_id": case_id(5), "stage": "CLOSED"}, [])]


async def test_cases_are_listed_by_manager_programme_and_stage(reader: Reader) -> None:
    heard_by(reader, told())
    for query, numbers in ASKED:
        assert sorted(row["case"] for row in await cases(reader, **query)) == [case_id(n) for n in numbers], query


async def test_a_case_says_what_is_to_be_done_and_what_is_due_next(reader: Reader) -> None:
    heard_by(reader, told())
    rows = {row["case"]: row for row in await cases(reader, on="2024-10-16")}
    assert [(rows[case_id(n)]["open_tasks"], rows[case_id(n)]["overdue"]) for n in range(4)] == [(1, 2), (0, 1), (1, 1), (0, 0)]
    first, third = rows[case_id(0)], rows[case_id(2)]
    assert first["next_due"] == {"due": "2025-04-13", "kind": "INTERNSHIP_END", "what": "DEADLINE", "role": "TUTOR_PROMOTORE"}
    assert third["next_due"] == {"due": "2024-10-16", "kind": "GEPI_REGISTRATION", "what": "TASK", "role": "CASE_MANAGER"}
    assert (first["case_manager"], first["opened_on"], first["stage"], first["parked"]) == (MANAGERS[0], "2024-09-11", "INTERNSHIP", None)
    assert first["plan"] == {"plan_id": "pl0", "version": 1, "agreed_on": "2024-09-27", "valid_to": "2025-09-26"}
    assert first["internship"] == {"internship_id": "i0", "state": "RUNNING", "host_id": "h1", "start": "2024-10-14",
                                   "planned_end": "2025-04-13"}
    assert third["entitlement_ids"] == ["e2"]
    assert [rows[case_id(n)]["last_occurred"] for n in (0, 1, 2, 3)] == ["2024-10-14", "2025-01-10", "2025-01-10", "2024-09-11"]


async def test_each_managers_cases_are_counted_by_stage(reader: Reader) -> None:
    heard_by(reader, told())
    counted = await cases(reader, "/caseload/managers")
    assert [(one["case_manager"], one["cases"], one["open"]) for one in counted] == [
        *((manager, many, many) for manager, many in zip(MANAGERS, (3, 3, 2), strict=True)), ("UNASSIGNED", 1, 1)]
    assert counted[0]["by_stage"] == {"OPEN": 2, "INTERNSHIP": 1}
    assert await cases(reader, "/caseload/managers", case_manager=MANAGERS[2]) == counted[2:3]


async def test_a_case_that_passes_to_another_manager_leaves_the_first_ones_list(reader: Reader) -> None:
    made = told()
    made.say(0, "intake.CaseHandedOver", "case", case_id(0), from_operator_id=MANAGERS[0], to_operator_id=MANAGERS[1], since="2025-01-01")
    heard_by(reader, made)
    assert case_id(0) not in {row["case"] for row in await cases(reader, case_manager=MANAGERS[0])}
    handed, = [row for row in await cases(reader, case_manager=MANAGERS[1]) if row["case"] == case_id(0)]
    assert handed["managed_since"] == "2025-01-01"


async def test_a_case_of_which_something_is_parked_says_so(reader: Reader) -> None:
    heard_by(reader, told())
    came = read(Record(topic_of("intake"), "t", 0, 0, case_id(4).encode(), b"no fact"), Listed(["intake.CaseOpened.v1"]))
    with reader.service.database.locked() as tx:
        park(tx, [(came, False)])
    parked = {row["case"]: row["parked"] for row in await cases(reader)}
    assert {case for case, why in parked.items() if why} == {case_id(4)}
    assert "does not parse" in parked[case_id(4)]


async def test_a_page_reads_the_rows_that_it_shows_however_many_cases_there_are(reader: Reader) -> None:
    for made, many in ((told(), 9), (Told(speaker_of("trani", 5000)), 300)):
        for n in range(9, many):
            made.open(n, MANAGERS[n % 3])
        heard_by(reader, made)
        page = await reader.reads("/caseload", role="RP", tenant=made.speaker.tenant, stage="OPEN", programme_id="002", limit=5)
        assert (page["rows_read"], len(page["items"])) == (5, 5)


async def test_the_caseload_is_for_those_who_work_on_cases_of_their_own_tenant(reader: Reader) -> None:
    assert (await reader.asks("/caseload", role="PAYMENT_OFFICER")).status_code == 403
    assert (await reader.reads("/caseload", role="CASE_MANAGER", tenant="padova"))["items"] == []
