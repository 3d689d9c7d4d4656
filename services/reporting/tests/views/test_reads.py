"""What auditors and offices read: histories, trails, ledgers, figures; paged, JSON or CSV, of their own tenant."""
from __future__ import annotations

import csv
import io
from collections import defaultdict

import pytest
from case_told import CASE
from facts_made import Speaker
from views_seen import Reader, hear

from reporting.rebuild import Rebuilds

OTHER = "00000000-0000-4000-8000-0000000000c2"

PATHS = ["/programmes/002/facts", "/programmes/002/ledger", "/ledger", "/commitments", "/programmes/002/participations",
         "/programmes/002/indicators", "/hosts", "/tasks?state=ALL", "/caseload", "/caseload/managers", "/agenda?state=ALL",
         "/programmes/002/budget", f"/cases/{CASE}/history"]


async def test_a_history_shows_what_the_case_cites_marked_so(reader: Reader) -> None:
    history = await reader.reads(f"/cases/{CASE}/history")
    cited = {line["type"] for line in history["items"] if line["cited"]}
    assert cited == {"reporting.ProgrammeActivated.v1", "intake.ParticipantRegistered.v1", "placement.HostRegistered.v1",
                     "stipend.CommitmentRegistered.v1"}
    assert history["facts"] == sum(not line["cited"] for line in history["items"])
    order = [(line["occurred"], line["recorded"]) for line in history["items"]]
    assert order == sorted(order)
    assert (history["parked"], set(history["complete"])) == (None, {"intake", "placement", "reporting", "stipend"})


async def test_a_history_shows_of_a_statement_only_what_is_the_case_s_own(reader: Reader) -> None:
    speaker = Speaker("lecce", defaultdict(lambda: 1000), ticks=1000)
    about = {"case": CASE, "programme": "002"}
    for n, (case, end_to_end_id) in enumerate([(CASE, "002-A1-1"), (OTHER, "002-A2-1"), (CASE, "002-A3-1")]):
        speaker.say("stipend.PaymentOrderIssued", "payment", f"e{n}", {"end_to_end_id": end_to_end_id}, **about | {"case": case})
    for line, rule in ((1, "E2E"), (3, "MANUAL")):
        speaker.say("stipend.PaymentReconciled", "payment", "e0", {"statement_id": "s1", "line": line, "rule": rule}, **about)
    speaker.say("stipend.PaymentReconciled", "payment", "e1", {"statement_id": "s1", "line": 2, "rule": "E2E"}, **about | {"case": OTHER})
    speaker.say("stipend.BankStatementImported", "statement", "s1", {"statement_id": "s1", "format": "GIORNALE_CASSA", "lines": [
        {"line": 1, "amount_cents": 60000, "end_to_end_id": "002-A1-1"}, {"line": 2, "amount_cents": 100, "end_to_end_id": "002-A2-1"},
        {"line": 3, "amount_cents": 36000}, {"line": 4, "amount_cents": 100}]})
    hear(reader.service.part, speaker.spoken)
    reader.service.part.catch_up()
    for case, own in ((CASE, [1, 3]), (OTHER, [2])):
        history = await reader.reads(f"/cases/{case}/history", tenant="lecce")
        statement, = (one for one in history["items"] if one["type"] == "stipend.BankStatementImported.v1")
        assert [one["line"] for one in statement["data"]["lines"]] == own
        assert statement["data"]["format"] == "GIORNALE_CASSA"


async def test_a_history_shows_nothing_silent_of_what_it_shares_with_others(reader: Reader) -> None:
    speaker = Speaker("lecce", defaultdict(lambda: 1000), ticks=1000)
    speaker.say("stipend.StipendEntitlementOpened", "entitlement", "e1", {"commitment_id": "k1"}, case=CASE, programme="002")
    speaker.say("stipend.CommitmentRegistered", "commitment", "k1", {"commitment_id": "k1"}, programme="002")
    for numbering in ("k1", "002"):
        speaker.say("stipend.Private", "numbering", numbering, {}, programme="002")
    speaker.say("stipend.Private", "entitlement", "e1", {}, case=CASE, programme="002")
    hear(reader.service.part, speaker.spoken)
    reader.service.part.catch_up()
    history = await reader.reads(f"/cases/{CASE}/history", tenant="lecce")
    assert sorted((line["type"], line["cited"]) for line in history["items"]) == [
        ("stipend.CommitmentRegistered.v1", True), ("stipend.Private.v1", False), ("stipend.StipendEntitlementOpened.v1", False)]


@pytest.mark.parametrize("query", [{"recorded_as_of": "0001-01-01T00:00:00+14:00"}, {"recorded_as_of": "9999-12-31T23:59:59-14:00"},
                                   {"recorded_as_of": "2025-01-01T00:00:00"}, {"cursor": "Wy0xXQ"}])
async def test_an_instant_or_a_cursor_that_cannot_be_is_refused(reader: Reader, query: dict[str, str]) -> None:
    answer = await reader.asks(f"/cases/{CASE}/history", **query)
    assert (answer.status_code, answer.json()["code"]) == (422, "INPUT_INVALID")


async def test_pages_put_together_are_the_whole(reader: Reader) -> None:
    for path in PATHS:
        whole, found, cursor = await reader.reads(path), [], ""
        if "indicators" in path:
            continue
        while True:
            page = await reader.reads(path.split("?")[0], limit=3, **({"cursor": cursor} if cursor else {}),
                                      **({"state": "ALL"} if path.endswith("?state=ALL") else {}))
            found += page["items"]
            if not (cursor := page.get("next", "")):
                break
        assert found == whole["items"], path


async def test_as_of_says_what_was_recorded_by_then_and_true_on_a_day(reader: Reader) -> None:
    whole = await reader.reads(f"/cases/{CASE}/history")
    until = whole["items"][4]["recorded"]
    known = await reader.reads(f"/cases/{CASE}/history", recorded_as_of=until, true_on="2024-09-11")
    assert all(line["recorded"] <= until and line["occurred"] <= "2024-09-11" for line in known["items"])
    assert known["items"]


async def test_the_figures_come_out(reader: Reader) -> None:
    ledger = await reader.reads("/programmes/002/ledger")
    assert ledger["totals"] == {"lines": 2, "accrued_cents": 96000, "ordered_cents": 96000, "paid_cents": 96000}
    assert {head["source"] for head in ledger["basis"]} == {"intake", "placement", "reporting", "stipend"}
    commitment = (await reader.reads("/commitments"))["items"][0]
    assert [commitment[name] for name in ("accrued_cents", "projected_cents", "left_cents")] == [96000, 0, 24000]
    figures = await reader.reads("/programmes/002/indicators")
    assert {one["code"]: one["total"] for one in figures["items"]} == {
        "EECO01": 1, "EECO02": 1, "EECO03": 1, "EECO04": 0, "EECO09": 1, "EECR02": 1}
    assert figures["items"][0]["by_gender"] == {"F": 1}
    participation, = (await reader.reads("/programmes/002/participations"))["items"]
    assert participation["codes"] == ["EECO01", "EECO02", "EECO03", "EECO09", "EECR02"]


@pytest.mark.parametrize("path", PATHS)
async def test_the_same_is_read_as_csv(reader: Reader, path: str) -> None:
    items = (await reader.reads(path))["items"]
    answer = await reader.asks(path, accept="text/csv")
    assert answer.headers["content-type"].startswith("text/csv")
    lines = list(csv.DictReader(io.StringIO(answer.text)))
    assert len(lines) == len(items)
    assert {name for item in items for name in item} <= set(lines[0])


async def test_a_tenant_sees_nothing_of_another(reader: Reader) -> None:
    assert (await reader.asks(f"/cases/{CASE}/history", tenant="venezia")).status_code == 404
    assert (await reader.asks("/programmes/002/ledger", tenant="padova")).json()["code"] == "PROGRAMME_UNKNOWN"
    theirs = await reader.reads("/ledger", tenant="venezia")
    assert {line["case"] for line in theirs["items"]} == {"00000000-0000-4000-8000-0000000000c9"}
    assert (await reader.reads("/ledger", tenant="padova"))["items"] == []


async def test_each_reading_of_a_history_is_on_record_and_not_in_the_case(reader: Reader) -> None:
    before = await reader.reads(f"/cases/{CASE}/history", role="CASE_MANAGER")
    after = await reader.reads(f"/cases/{CASE}/history", purpose="COMPLAINT")
    assert before == after
    log = await reader.reads("/access-log", role="DPO", case_id=CASE)
    assert [(one["role"], one["purpose"]) for one in log["items"]] == [("CASE_MANAGER", "CASEWORK"), ("AUDITOR", "COMPLAINT")]
    assert (await reader.reads("/access-log", role="DPO", tenant="venezia"))["items"] == []


async def test_a_rebuild_is_asked_for_by_those_who_may(reader: Reader) -> None:
    assert (await reader.asks("/rebuilds", method="POST", role="CASE_MANAGER")).status_code == 403
    report = await reader.reads("/rebuilds", method="POST")
    assert (report["equal"], report["differences"]) == (True, [])
    assert report["views"]["payment_ledger"] == {"rows": 4, "wrong": 0, "missing": 0, "extra": 0}
    assert (await reader.reads("/rebuilds"))["running"] is False


@pytest.mark.parametrize("path", ["/rebuilds", "/parity"])
async def test_some_views_are_rebuilt_or_compared_with_workers_within_a_bound(reader: Reader, path: str) -> None:
    report = await reader.reads(f"{path}?views=tasks&views=hosts&workers=2", method="POST")
    assert (list(report["views"]), report["equal"]) == (["hosts", "tasks"], True)
    for query, code in (("views=hosts&views=nothing", "VIEW_UNKNOWN"), ("workers=0", "INPUT_INVALID"), ("workers=17", "INPUT_INVALID")):
        answer = await reader.asks(f"{path}?{query}", method="POST")
        assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert "caseload" in (await reader.asks(f"{path}?views=nothing", method="POST")).json()["errors"][0]["why"]
    with Rebuilds(reader.service.database).alone():
        assert (await reader.asks(path, method="POST")).json()["code"] == "REBUILD_RUNNING"
    assert (await reader.asks(path, method="POST", role="CASE_MANAGER")).status_code == 403


async def test_a_comparison_by_sample_stands_in_nobodys_way(reader: Reader) -> None:
    with Rebuilds(reader.service.database).alone():
        report = await reader.reads("/parity?sample=20&views=payment_ledger", method="POST")
    assert (report["equal"], report["generation"], report["views"]["payment_ledger"]["rows"] > 0) == (True, 0, True)
    assert (await reader.asks("/parity?sample=10001", method="POST")).json()["code"] == "INPUT_INVALID"


async def test_completeness_says_up_to_where_each_source_is_whole(reader: Reader) -> None:
    said = await reader.reads("/completeness")
    assert said["sources"]["stipend"]["complete_to"] == said["sources"]["stipend"]["recorded_to"]


@pytest.mark.parametrize(("path", "status"), [("/cases/nobody/history", 422), ("/ledger?limit=0", 422), ("/ledger?cursor=x", 422),
                                              ("/hosts?format=xml", 422), ("/programmes/009/facts", 404)])
async def test_what_cannot_be_read_is_a_problem(reader: Reader, path: str, status: int) -> None:
    answer = await reader.asks(path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
