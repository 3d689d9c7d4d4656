"""The worked cases: what must come of them embedded, after a restart, and in five processes on Kafka and PostgreSQL."""
from __future__ import annotations

import asyncio
import csv
import re
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from scenarios import CASE_002, HERE, OTHER_FIGURES, Play, erasing, played
from scenarios.erasing import Guardian
from scenarios.five import five_processes
from servers import Server
from servers.fixtures import fresh_database

from chassis import heard_first
from chassis.database import open_database
from chassis.readmit import readmit
from percorso.connect import embedded, service_here
from percorso.data import Data, open_data
from percorso.rebuilding import rebuilt, sentences
from percorso.scenario.histories import difference, histories, normalised, told
from percorso.scenario.player import Player
from percorso.suite import SERVICES, Suite
from reporting.erased import count
from reporting.generations import rows_of
from reporting.views.all import VIEWS

VIEW_NAMES = [view.name for view in VIEWS]
ONE = "WHERE view = ? AND (tenant, key, part) IN (SELECT tenant, key, part FROM {table} WHERE view = ? LIMIT 1)"
PLANTED = {
    "wrong": "UPDATE {table} SET line = '{{\"planted\": 1}}' " + ONE,
    "missing": "DELETE FROM {table} " + ONE,
    "extra": "INSERT INTO {table} SELECT view, tenant, 'nobody', part, within, line FROM {table} WHERE view = ? AND ? = view LIMIT 1"}
"""By what a rebuild must call it: a change of one row of a view (its name, twice)."""


@pytest.fixture(scope="module")
def bari(tmp_path_factory: pytest.TempPathFactory) -> Play:
    return played(CASE_002, tmp_path_factory.mktemp("bari"))


@pytest.fixture(scope="module")
def esempio(tmp_path_factory: pytest.TempPathFactory) -> Play:
    return played(OTHER_FIGURES, tmp_path_factory.mktemp("esempio"))


def again(play: Play, ask: Callable[[Suite], Coroutine[Any, Any, Any]]) -> Any:
    """What the suite answers, started again from its files."""

    async def go() -> Any:
        async with embedded(play.data) as suite:
            return await ask(suite)

    return asyncio.run(go())


def read(play: Play, operation: str, **fields: str) -> Any:
    return again(play, lambda suite: suite.read("reporting", operation, fields, auditor(suite, play)))


def auditor(suite: Suite, play: Play) -> Mapping[str, str]:
    return suite.headers("AUDITOR", "AUTORITA_DI_AUDIT", "tests", play.played.tenant)


@dataclass
class Erased:
    """A suite's files after an erasure, and before; what came of it. `said`: (status, answer) of each that was asked."""

    data: Data
    kept: Path
    person: str
    said: list[tuple[int, Any]]
    before: erasing.Left
    after: erasing.Left
    rebuilt: Any
    counted: int


def name_of(fact: Mapping[str, Any]) -> str:
    return str(fact["type"].split(".")[1])


def told_aloud(lines: list[Any]) -> list[Any]:
    """Without tasks, and without silent facts."""
    return [line for line in lines if name_of(line) not in ("TaskRaised", "Private")]


def test_every_fact_of_the_worked_case_is_told_on_its_day_by_who_did_it_and_none_beside(bari: Play) -> None:
    with (HERE / "case-002.csv").open(encoding="utf-8", newline="") as file:
        worked = Counter((row["occurred"], row["service"], row["event"], row["role"]) for row in csv.DictReader(file))
    case = Counter((fact["occurred"], fact["source"], name_of(fact), fact["actorrole"]) for fact in told_aloud(bari.history))
    instrument = ("2024-08-28", "assessment", "InstrumentVersionPublished", "PROFILER")
    of_the_same_host = ("2025-03-10", "placement", "OpportunityPublished", "ORIENTATORE")
    assert worked.total() == 232
    assert case - Counter([of_the_same_host]) == worked - Counter([instrument])
    assert instrument in {(fact["occurred"], fact["source"], name_of(fact), fact["actorrole"]) for fact in bari.told["programme 002"]}


def test_the_register_has_each_days_hours(bari: Play) -> None:
    with (HERE / "case-002.csv").open(encoding="utf-8", newline="") as file:
        days = [row for row in csv.DictReader(file) if row["event"] == "AttendanceRecorded"]
    said = {row["occurred"]: re.findall(r"(\d+) h, ([A-Z_]+)", row["says"])[0] for row in days}
    recorded = {fact["data"]["day"]: (fact["data"]["hours"], fact["data"]["kind"])
                for fact in bari.history if name_of(fact) == "AttendanceRecorded"}
    assert len(recorded) == 120
    assert recorded == said


def test_the_tasks_of_the_worked_case_are_beside_its_facts(bari: Play) -> None:
    tasks = [(fact["occurred"], fact["data"]["kind"]) for fact in bari.history if name_of(fact) == "TaskRaised"]
    assert tasks == [("2024-10-04", "GEPI_REGISTRATION"), ("2025-04-28", "OFFER_ACTION_PLAN"), ("2025-12-30", "SIX_MONTH_RESULT")]


def test_thirteen_attempts_are_refused_and_five_on_a_second_person(bari: Play) -> None:
    assert bari.played.refused == 13 + 5


def test_72_of_120_hours_pay_360_euro_and_3360_are_paid_in_all_and_240_left(bari: Play) -> None:
    lines = [line for line in read(bari, "programmeLedger", programme_id="002")["items"] if line["case"] == bari.case()]
    assert [(line["recognised_hours"], line["planned_hours"], line["paid_cents"]) for line in lines] == [
        ("116", "120", 600_00), ("118", "120", 600_00), ("110", "120", 600_00), ("72", "120", 360_00), ("104", "120", 600_00),
        ("112", "120", 600_00)]
    assert sum(line["paid_cents"] for line in lines) == 3_360_00
    left = {row["act_no"]: row["left_cents"] for row in read(bari, "commitments", programme_id="002")["items"]}
    assert left["SYN-DET-1"] == 240_00


def test_the_budget_is_the_ledgers_and_what_is_left_when_the_internship_is_over_is_an_economy(bari: Play) -> None:
    budget, ledger = read(bari, "programmeBudget", programme_id="002"), read(bari, "programmeLedger", programme_id="002")
    assert [budget["totals"][name] for name in ("accrued_cents", "ordered_cents", "disbursed_cents")] == [
        ledger["totals"][name] for name in ("accrued_cents", "ordered_cents", "paid_cents")]
    case = next(line for line in budget["items"] if line["act_no"] == "SYN-DET-1")
    assert [case[name] for name in ("admitted_cents", "binding_cents", "disbursed_cents", "unpaid_cents", "open_cents", "economies_cents",
                                    "remaining_cents")] == [3_600_00, 3_600_00, 3_360_00, 0, 0, 240_00, 0]


def test_the_worked_case_is_closed_with_nothing_due_and_its_host_has_an_alert(bari: Play) -> None:
    case, = read(bari, "caseload", case_id=bari.case(), on="2025-12-30")["items"]
    assert [case[name] for name in ("stage", "opened_on", "closed_on", "open_tasks", "overdue", "parked")] == [
        "CLOSED", "2024-09-11", "2025-12-30", 0, 0, None]
    passed = {(row["due"], row["kind"]) for row in read(bari, "agenda", state="PASSED", on="2025-12-30")["items"] if "case" not in row}
    assert passed == {("2025-09-18", "HOST_DECLARATION_EXPIRY"), ("2025-10-03", "AGREEMENT_EXPIRY")}


def test_the_participation_counts_for_five_indicators(bari: Play) -> None:
    counted = {row["code"]: row["total"] for row in read(bari, "indicators", programme_id="002")["items"] if row["total"]}
    assert counted == dict.fromkeys(("EECO01", "EECO02", "EECO03", "EECO09", "EECR02"), 1)


def test_the_figures_of_another_programme_come_of_its_file_alone(esempio: Play) -> None:
    items = read(esempio, "programmeLedger", programme_id="S02")["items"]
    assert {(line["rule"], line["recognised_hours"], line["amount_cents"]) for line in items} == {
        ("HOURLY_CAPPED", "102", 500_00), ("HOURLY_CAPPED", "66", 330_00), ("STEP", "25", 225_00), ("FLAT_THRESHOLD", "35", 450_00)}


def test_no_source_of_the_services_names_a_programme_of_the_scenarios() -> None:
    named = re.compile(r"""["'](002|S02)|PUGLIA|S02-|EECO\d""")
    roots = [*(HERE.parents[1] / "services").glob("*/src"), HERE.parents[1] / "contracts/src", HERE.parents[1] / "infra/chassis/src"]
    sources = [path for root in roots for path in root.rglob("*.py")]
    assert len(sources) > 100
    assert not [path for path in sources if named.search(path.read_text("utf-8"))]


@pytest.mark.parametrize("scenario", ["bari", "esempio"])
def test_started_again_from_its_files_a_suite_tells_the_same_histories(scenario: str, request: pytest.FixtureRequest) -> None:
    play: Play = request.getfixturevalue(scenario)
    assert again(play, lambda suite: told(suite, play.played)) == play.told


def test_another_play_of_the_same_file_leaves_an_equal_history(bari: Play, tmp_path: Path) -> None:
    other = played(CASE_002, tmp_path)
    assert other.case() != bari.case()
    assert difference(*({name: normalised(lines) for name, lines in play.told.items()} for play in (bari, other))) is None


def test_every_command_of_a_play_sent_again_is_answered_as_before_and_adds_nothing(bari: Play) -> None:
    async def send_again(suite: Suite) -> Any:
        bari.player.suite = suite
        await suite.set_clock("2025-12-31T12:00:00+01:00", auditor(suite, bari))
        for planned, said in bari.played.answers:
            if "events" in said:
                assert (await bari.player.send(planned)).json() == said, str(planned)
        return await told(suite, bari.played)

    assert sum("events" in said for _, said in bari.played.answers) > 250
    assert again(bari, send_again) == bari.told


def test_the_views_rebuilt_from_the_archive_are_equal_to_those_that_are_there(bari: Play) -> None:
    report = again(bari, lambda suite: rebuilt(suite, "bari", lambda *_: None))
    assert report["equal"]
    assert set(report["views"]) == set(VIEW_NAMES)
    assert all(view["rows"] for view in report["views"].values())


@pytest.mark.parametrize("planted", list(PLANTED))
def test_a_row_planted_in_each_view_is_named_by_a_rebuild_and_put_right(bari: Play, planted: str) -> None:
    with closing(sqlite3.connect(bari.data.folder / "reporting.sqlite")) as views, views:
        for view in VIEW_NAMES:
            (generation,), = views.execute("SELECT generation FROM view_served WHERE view = ?", (view,))
            assert views.execute(PLANTED[planted].format(table=rows_of(generation)), (view, view)).rowcount == 1, view
    report, after = again(bari, _twice)
    assert not report["equal"]
    assert {(one["view"], one["kind"].lower()) for one in report["differences"]} == {(view, planted) for view in VIEW_NAMES}
    said = list(sentences(report))
    assert all(any(line.startswith(f"  {planted}: {view}, ") for line in said) for view in VIEW_NAMES)
    assert after["equal"]


async def _twice(suite: Suite) -> list[Any]:
    return [await rebuilt(suite, "bari", lambda *_: None) for _ in range(2)]


@pytest.fixture(scope="module")
def erased(bari: Play, tmp_path_factory: pytest.TempPathFactory) -> Erased:
    """The worked case in 2031: its person is erased; the files of before are kept."""
    data = erasing.copied(bari, tmp_path_factory.mktemp("erased"))
    kept = data.folder.parent / "before"

    async def go() -> Erased:
        async with embedded(data) as suite:
            asks = Guardian(suite, bari.played)
            await asks.at(erasing.CLOSED)
            pending = await asks.erases("2025-12-31")
            await asks.refuses_what_is_pending()
            await asks.at(erasing.KEPT)
            early = await asks.erases("2030-12-31")
            await asks.at(erasing.FREE)
            before = await asks.left()
        shutil.copytree(data.folder, kept)
        async with embedded(data) as suite:
            asks = Guardian(suite, bari.played)
            await asks.at(erasing.FREE)
            done = await asks.erases("2031-01-01")
            await asks.at(erasing.FREE)
            name = await asks.does("readIdentity", "CASE_MANAGER", subject_id=asks.person, purpose="CASEWORK")
            counted = await suite.read("reporting", "erasedSubjects", {"programme_id": "002"}, asks.headers("AUDITOR"))
            return Erased(data, kept, asks.person, [pending, early, done, name], before, await asks.left(),
                          await rebuilt(suite, "bari", lambda *_: None), counted["erased"])

    return asyncio.run(go())


def test_a_person_is_erased_on_the_day_after_the_last_year_that_the_programme_keeps_and_has_no_name_then(erased: Erased) -> None:
    assert [(status, said.get("code", "done")) for status, said in erased.said] == [
        (409, "RETENTION_ACTIVE"), (409, "RETENTION_ACTIVE"), (201, "done"), (410, "SUBJECT_ERASED")]


def test_after_an_erasure_histories_and_figures_are_what_they_were_and_one_fact_more(erased: Erased) -> None:
    new = [(name, fact) for name, facts in erased.after.told.items() for fact in facts if fact not in erased.before.told[name]]
    assert {name_of(fact) for _, fact in new} == {"SubjectErased"}
    assert {name for name, _ in new} == {"case 1", "case 2"}
    assert {name: [fact for fact in facts if name_of(fact) != "SubjectErased"] for name, facts in erased.after.told.items()} == (
        erased.before.told)
    assert erased.after.figures == erased.before.figures
    assert erased.rebuilt["equal"]
    assert erased.counted == 1
    database = open_database(erased.data.database_url("reporting"), service="reporting")
    with database.reading() as tx:
        assert [count(tx, "bari", "002"), count(tx, "bari", "002", 0), count(tx, "bari", "S02")] == [1, 0, 0]
    database.close()


def test_nothing_sealed_of_an_erased_person_can_be_read_in_any_of_the_five_stores_and_of_others_it_can(bari: Play, erased: Erased) -> None:
    cases = {fact["case"] for name in ("case 1", "case 2") for fact in erased.before.told[name] if fact.get("case")}
    for service, database in erasing.open_all(erasing.databases(erased.data)):
        can, cannot = erasing.readable(service, database, erased.data.master_key, {erased.person}, cases)
        assert (can, bool(cannot)) == ([], True), service
    for service, database in erasing.open_all(erasing.databases(bari.data)):
        can, cannot = erasing.readable(service, database, bari.data.master_key, {erased.person}, cases)
        assert (bool(can), cannot) == (True, []), service


@pytest.mark.parametrize("service", ["stipend", "intake"])
def test_a_store_set_back_to_before_an_erasure_has_no_key_of_the_person_once_the_suite_is_ready(
        erased: Erased, bari: Play, tmp_path: Path, service: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heard_first, "PROMPT", 0.05)
    shutil.copytree(erased.data.folder, tmp_path, dirs_exist_ok=True)
    for old in tmp_path.glob(f"{service}.sqlite*"):
        old.unlink()
    for kept in erased.kept.glob(f"{service}.sqlite*"):
        shutil.copy(kept, tmp_path)
    data = open_data(tmp_path)
    assert erasing.keys(open_database(data.database_url(service), service=service), erased.person)

    async def once_heard() -> Any:
        async with embedded(data) as suite:
            asks = Guardian(suite, bari.played)
            first = await asks.not_ready(service)
            await suite.set_clock(erasing.FREE, asks.headers("AUDITOR"))
            while heard_first.WAITS in (last := await asks.not_ready(service)):
                await asyncio.sleep(0.02)
            return first, last, await asks.does("readIdentity", "CASE_MANAGER", subject_id=asks.person, purpose="CASEWORK")

    first, reasons, (status, said) = asyncio.run(once_heard())
    assert heard_first.WAITS in first
    assert (status, said["code"]) == (410, "SUBJECT_ERASED")
    assert erasing.keys(open_database(data.database_url(service), service=service), erased.person) == 0
    if service == "intake":
        assert "is not the one that the log holds" in reasons[0]
        with service_here("intake", tmp_path) as here:
            assert asyncio.run(readmit(here.executor, here.bus)).foreign
        _, reasons, (status, said) = asyncio.run(once_heard())
        assert (status, said["code"]) == (410, "SUBJECT_ERASED")
    assert reasons == []


@pytest.fixture
def databases(postgres_server: str) -> Iterator[dict[str, str]]:
    with ExitStack() as made:
        yield {service: made.enter_context(fresh_database(postgres_server)) for service in SERVICES}


async def test_five_processes_on_kafka_and_postgresql_leave_the_same_histories_as_one(
        bari: Play, databases: dict[str, str], own_kafka: Server, tmp_path: Path) -> None:
    async with five_processes(databases, own_kafka.address, tmp_path) as suite:
        done = await Player(suite, CASE_002).run()
        there = await histories(suite, done)
        assert done.refused == 18
        assert difference({name: normalised(lines) for name, lines in bari.told.items()}, there) is None
        assert (await rebuilt(suite, "bari", lambda *_: None))["equal"]
        asks = Guardian(suite, done)
        await asks.at(erasing.CLOSED)
        await asks.refuses_what_is_pending()
        await asks.at(erasing.FREE)
        assert (await asks.erases("2031-01-01"))[0] == 201
        await asks.at(erasing.FREE)
        assert [erasing.keys(database, asks.person) for _, database in erasing.open_all(databases)] == [0] * len(SERVICES)
