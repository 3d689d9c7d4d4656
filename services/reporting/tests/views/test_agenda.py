"""The agenda: what falls due when, by the reader's date; tasks, and dates that facts set until a fact meets them."""
from __future__ import annotations

from typing import Any

import pytest
from cases_told import TENANT, Told, case_id, heard_by, speaker_of
from facts_made import Speaker
from views_seen import Reader

from reporting.views import agenda
from reporting.views.fact import read_fact

C = "c1"
SET_AND_MET: list[tuple[str, tuple[str, str, str, dict[str, Any]], tuple[str, str, str, dict[str, Any]], str]] = [
    ("INTERNSHIP_START", ("placement.InternshipPlanned", "internship", "i1", {"start": "2024-10-14"}),
     ("placement.InternshipStarted", "internship", "i1", {}), "2024-10-14"),
    ("START_COMMUNICATION", ("placement.InternshipPlanned", "internship", "i1", {"start": "2024-10-14"}),
     ("placement.MandatoryCommunicationSent", "internship", "i1", {"kind": "START"}), "2024-10-13"),
    ("INTERNSHIP_END", ("placement.InternshipExtended", "internship", "i1", {"new_end": "2025-04-13"}),
     ("placement.InternshipInterrupted", "internship", "i1", {}), "2025-04-13"),
    ("SUSPENSION_END", ("placement.InternshipSuspended", "internship", "i1", {"expected_to": "2025-01-31"}),
     ("placement.InternshipResumed", "internship", "i1", {}), "2025-01-31"),
    ("INSURANCE_END", ("placement.InsuranceRegistered", "internship", "i1", {"valid_to": "2025-04-13"}),
     ("placement.InternshipCompleted", "internship", "i1", {}), "2025-04-13"),
    ("PLAN_REVIEW", ("assessment.PlanAgreed", "plan", "p1", {"valid_to": "2025-09-26"}),
     ("intake.CaseClosed", "case", C, {}), "2025-09-26"),
    ("CATEGORY_EXPIRY", ("intake.TargetCategoryAttested", "case", C, {"attestation_id": "t1", "valid_to": "2025-06-30"}),
     ("intake.CaseClosed", "case", C, {}), "2025-06-30"),
    ("CERTIFICATE_EXPIRY", ("placement.TrainingCompleted", "training", "t1", {"expires_on": "2029-10-01"}),
     ("intake.CaseClosed", "case", C, {}), "2029-10-01"),
    ("ACTION_PLAN_STEP", ("assessment.ActionPlanAgreed", "action-plan", "a1", {"steps": [{"step_id": "s1", "by_when": "2025-05-16"}]}),
     ("assessment.ActionPlanClosed", "action-plan", "a1", {}), "2025-05-16"),
    ("IMMEDIATE_RESULT", ("reporting.ParticipationExited", "participation", "x1", {"exit_date": "2025-06-30"}),
     ("reporting.ImmediateResultRecorded", "participation", "x1", {}), "2025-07-28"),
    ("SIX_MONTH_RESULT", ("reporting.ParticipationExited", "participation", "x1", {"exit_date": "2025-08-31"}),
     ("reporting.SixMonthResultRecorded", "participation", "x1", {}), "2026-02-28")]


def of(speaker: Speaker, key: str, kind: str) -> list[Any]:
    state: dict[str, Any] = {}
    for said in speaker.spoken:
        if agenda.key(fact := read_fact(said.value)) == key:
            agenda.fold(state, fact)
    return [row for row in agenda.rows(state, key).values() if row["kind"] == kind]


@pytest.mark.parametrize(("kind", "sets", "meets", "due"), SET_AND_MET)
def test_a_date_is_open_until_the_fact_that_meets_it(kind: str, sets: Any, meets: Any, due: str) -> None:
    speaker = speaker_of()
    speaker.say(*sets, case=C, programme="002")
    row, = of(speaker, C, kind)
    assert (row["due"], row["state"], row["listed"]) == (due, "OPEN", f"OPEN 002 {due}")
    speaker.say(*meets, case=C, programme="002")
    row, = of(speaker, C, kind)
    assert (row["state"], row["done_fact"]) == ("DONE", read_fact(speaker.spoken[-1].value).id)
    speaker.say(*sets, case=C, programme="002")
    assert [row["state"] for row in of(speaker, C, kind)] == ["OPEN"], "set again later"


def test_what_became_a_task_is_the_tasks() -> None:
    speaker = speaker_of()
    speaker.say("reporting.ParticipationExited", "participation", "x1", {"exit_date": "2025-06-30"}, case=C, programme="002")
    speaker.say("reporting.TaskRaised", "task", "t1", {"kind": "SIX_MONTH_RESULT", "cause": "x1", "due": "2025-12-30"}, case=C,
                programme="002")
    assert of(speaker, C, "SIX_MONTH_RESULT") == []


@pytest.mark.parametrize(("kind", "fact", "key", "role"), [
    ("HOST_DECLARATION_EXPIRY", ("placement.HostRequirementsDeclared", "host", "h1", {"host_id": "h1", "valid_to": "2025-09-18"}), "h1",
     "ORIENTATORE"),
    ("AGREEMENT_EXPIRY", ("placement.AgreementSigned", "agreement", "g1", {"host_id": "h1", "valid_to": "2025-09-18"}), "h1",
     "TUTOR_PROMOTORE"),
    ("PROGRAMME_END", ("reporting.ProgrammeActivated", "programme", "002", {"end": "2025-09-18"}), "002", "REPORTING_OFFICER")])
def test_hosts_and_programmes_have_dates_of_their_own(kind: str, fact: Any, key: str, role: str) -> None:
    speaker = speaker_of()
    speaker.say(*fact, **({"programme": "002"} if key == "002" else {}))
    row, = of(speaker, key, kind)
    assert (row["due"], row["role"], "case" in row) == ("2025-09-18", role, False)


def told() -> Told:
    """Four interns of two programmes; the second has ended, the third's hire is permanent, the fourth is the other programme's."""
    told = Told(speaker_of())
    told.activate(end="2026-12-31")
    for n in range(4):
        told.programme = "003" if n == 3 else "002"
        told.intern(n, ended_on="2025-04-13" if n in (1, 2) else "")
        told.task(n, f"2024-10-{14 + n}", "CASE_MANAGER" if n else "ORIENTATORE")
    told.programme = "002"
    told.say(0, "placement.ExternalRegistrationConfirmed", "registration", "g1", system="GEPI")
    told.say(2, "placement.HireRecorded", "hire", "r1", contract="PERMANENT")
    told.say(1, "placement.HireRecorded", "hire", "r2", contract="OTHER")
    return told


async def dates(reader: Reader, path: str = "/agenda", limit: int = 2, **query: Any) -> list[tuple[str, str, str, bool]]:
    """All pages put together: due, kind, of which case, passed."""
    found, cursor = [], {}
    while True:
        page = await reader.reads(path, role="RP", tenant=TENANT, limit=limit, **query, **cursor)
        found += [(row["due"], row["kind"], row.get("case", ""), row.get("passed", False)) for row in page["items"]]
        if "next" not in page:
            return found
        cursor = {"cursor": page["next"]}


async def test_the_open_dates_come_in_their_order_and_say_what_has_passed(reader: Reader) -> None:
    heard_by(reader, told())
    one, two, three, four = map(case_id, range(4))
    assert await dates(reader, on="2025-04-13") == [
        ("2024-10-13", "START_COMMUNICATION", one, True), ("2024-10-13", "START_COMMUNICATION", four, True),
        ("2024-10-15", "GEPI_REGISTRATION", two, True), ("2024-10-16", "GEPI_REGISTRATION", three, True),
        ("2024-10-17", "GEPI_REGISTRATION", four, True), ("2025-04-13", "INTERNSHIP_END", one, False),
        ("2025-04-13", "INTERNSHIP_END", four, False), ("2025-04-28", "ACTION_PLAN_OFFER", two, False),
        ("2026-12-31", "PROGRAMME_END", "", False)]


ASKED: list[tuple[dict[str, str], int]] = [
    ({"state": "PASSED"}, 5), ({"state": "COMING"}, 4), ({"state": "COMING", "due_until": "2025-04-28"}, 3), ({"state": "DONE"}, 9),
    ({"state": "ALL"}, 18), ({"for_role": "CASE_MANAGER"}, 3), ({"programme_id": "003"}, 3),
    ({"programme_id": "003", "for_role": "CASE_MANAGER"}, 1),
    ({"case_id": case_id(1)}, 2), ({"case_id": case_id(0), "state": "ALL"}, 4), ({"case_id": case_id(1), "state": "COMING"}, 1),
    ({"due_from": "2024-10-15", "due_until": "2024-10-17"}, 3), ({"due_from": "2025-04-28", "due_until": "2025-04-28"}, 1)]


async def test_the_agenda_is_asked_by_state_dates_role_programme_and_case(reader: Reader) -> None:
    heard_by(reader, told())
    for query, found in ASKED:
        whole = await dates(reader, on="2025-04-13", limit=1000, **query)
        assert len(whole) == found, query
        assert whole == sorted(whole, key=lambda one: one[0])
        assert [await dates(reader, on="2025-04-13", limit=limit, **query) for limit in (1, 3)] == [whole, whole]


async def test_an_offer_that_was_made_or_that_no_rule_asks_for_is_not_due(reader: Reader) -> None:
    made = told()
    made.say(1, "assessment.ActionPlanOffered", "action-plan", "a1")
    heard_by(reader, made)
    assert [one for one in await dates(reader) if one[1] == "ACTION_PLAN_OFFER"] == []


async def test_tasks_come_in_the_order_in_which_they_are_due(reader: Reader) -> None:
    heard_by(reader, told())
    assert [one[0] for one in await dates(reader, "/tasks")] == ["2024-10-15", "2024-10-16", "2024-10-17"]
    assert [one[0] for one in await dates(reader, "/tasks", state="ALL", due_until="2024-10-15")] == ["2024-10-14", "2024-10-15"]


async def test_many_dates_of_one_day_are_paged_and_each_is_shown_once(reader: Reader) -> None:
    made = Told(speaker_of())
    for n in range(250):
        made.programme = ("002", "003", "004")[n % 3]
        made.plan(n)
    heard_by(reader, made)
    found = await dates(reader, limit=97)
    assert len(found) == len(set(found)) == 250
