"""Any moment: what had been recorded by an instant, what was true on a date, what an answer rested on, what changed since."""
from __future__ import annotations

import asyncio
import base64
import json
import zlib
from pathlib import Path
from typing import Any

import pytest
from case_told import ABOUT, CASE, tell
from facts_made import Speaker
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_views import FACTS, said
from views_seen import Reader, fresh, hear, interleaved, projector_on, rows, settings_in

from chassis.database import Database
from chassis.web.app import create_app
from reporting import basis, completeness, difference, figures, moment, shown
from reporting.adapters.reads.shared import Reads
from reporting.computing import Computing
from reporting.difference import Between
from reporting.moment import Moment
from reporting.projector import Projector
from reporting.service import build
from reporting.views.all import VIEWS
from reporting.views.fact import read_fact

INSTANTS = st.integers(0, 45).map(lambda n: f"2025-01-10T00:00:{n:02d}.000000Z")
DAYS = st.sampled_from([None, "2024-12-31", "2025-01-01", "2025-01-02", "2025-01-03"])
FIGURES = ["/programmes/002/ledger", "/programmes/002/indicators", "/programmes/002/participations", "/commitments", "/ledger",
           f"/cases/{CASE}/ledger", f"/cases/{CASE}/history"]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(FACTS, min_size=1, max_size=40), INSTANTS, DAYS, st.integers(0, 2**32), st.integers(1, 12))
def test_a_view_at_a_moment_is_the_view_of_one_who_heard_nothing_more(
        facts: list[Any], recorded_as_of: str, true_on: str | None, seed: int, folded: int) -> None:
    spoken = said(facts)
    asked = Moment(None, recorded_as_of, true_on)
    everything, then = fresh(), fresh()
    try:
        late, early = projector_on(everything, batch=folded), projector_on(then)
        hear(late, interleaved(spoken, seed))
        hear(late, spoken)
        late.catch_up()
        hear(early, [one for one in spoken if asked.knows(read_fact(one.value))])
        early.catch_up()
        assert seen_at(everything, asked) == without_within(then)
        assert seen_at(everything, Moment()) == without_within(everything)
    finally:
        everything.close()
        then.close()


def seen_at(database: Database, asked: Moment) -> dict[Any, Any]:
    """The rows of every view at a moment, folded from the archive."""
    with database.reading() as tx:
        keys = {(view.name, key) for view in VIEWS for (name, _, key, _) in rows(database) if name == view.name}
        found = {}
        for view, key in keys:
            facts = moment.facts_of(tx, "bari", [key], asked)[key] if view != "programme_trail" else of_programme(tx, key, asked)
            found |= {(view, "bari", key, part): row for part, row in moment.folded(moment.BY_NAME[view], key, facts)}
    return found


def of_programme(tx: Any, programme: str, asked: Moment) -> list[Any]:
    found = tx.execute("SELECT value FROM archive WHERE programme = %s", (programme,))
    return moment.known((read_fact(bytes(row["value"])) for row in found), asked)


def without_within(database: Database) -> dict[Any, Any]:
    return {place: row for place, (_, row) in rows(database).items()}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(FACTS, min_size=2, max_size=30), st.integers(0, 2**32), st.data())
def test_a_basis_names_exactly_the_facts_that_were_there(facts: list[Any], seed: int, data: st.DataObject) -> None:
    spoken = interleaved(said(facts), seed)
    heard = data.draw(st.integers(1, len(spoken)))
    database = fresh()
    try:
        projector = projector_on(database, batch=data.draw(st.integers(1, 9)))
        hear(projector, spoken[:heard])
        for _ in range(data.draw(st.integers(1, 4))):
            projector.step()
        with database.reading() as tx:
            taken, before = basis.current(tx, "bari"), completeness.of(tx, "bari")
        there = without_within(database)
        hear(projector, spoken)
        again, _ = basis.unpacked(basis.packed(taken, None, None))
        with database.reading() as tx:
            assert again == taken
            assert basis.is_held(tx, "bari", taken)
            assert basis.complete(tx, "bari", taken).keys() == before.keys()
        assert seen_at(database, Moment(again)) == there
    finally:
        database.close()


def test_how_far_a_basis_is_complete_is_what_was_said_when_it_was_taken(projector: Projector) -> None:
    speaker = Speaker()
    for _ in range(5):
        speaker.say("intake.CaseOpened", "case", CASE, {}, case=CASE, programme="002")
    heads = [{"number": 2, "head": "a" * 64, "programme": "002"}]
    speaker.say("intake.TrailSealed", "log", "intake", {"log_id": "intake", "incarnation": 1, "position": 2, "heads": heads})
    taken = []
    for some in ([0, 1, 3], [5], [2], [4]):
        hear(projector, [speaker.spoken[n] for n in some])
        projector.catch_up()
        with projector.database.reading() as tx:
            taken.append((basis.current(tx, "bari"), completeness.of(tx, "bari")))
    assert [len(one.trails["intake", 1, "002"].missing) for one, _ in taken] == [1, 1, 0, 0]
    with projector.database.reading() as tx:
        assert [basis.complete(tx, "bari", one) for one, _ in taken] == [then for _, then in taken]


def test_a_basis_is_held_once_all_that_it_names_has_come(projector: Projector) -> None:
    speaker = Speaker()
    for _ in range(6):
        speaker.say("intake.CaseOpened", "case", CASE, {}, case=CASE, programme="002")
    hear(projector, [speaker.spoken[n] for n in (0, 2, 5)])
    projector.catch_up()
    trail = ("intake", 1, "002")
    named = [basis.Upto(1), basis.Upto(3, ((2, 2),)), basis.Upto(6, ((2, 2), (4, 5))), basis.Upto(3), basis.Upto(6, ((2, 2),)),
             basis.Upto(7)]
    with projector.database.reading() as tx:
        held = [basis.is_held(tx, "bari", basis.Basis({trail: upto})) for upto in named]
        assert basis.current(tx, "bari").trails == {trail: named[2]}
    assert held == [True, True, True, False, False, False]


def test_the_moment_of_everything_is_what_is_live(projector: Projector) -> None:
    speaker = Speaker()
    tell(speaker)
    later(speaker)
    hear(projector, speaker.spoken)
    projector.catch_up()
    with projector.database.reading() as tx:
        now = Moment(basis.current(tx, "bari"))
        assert now.basis
        assert figures.ledger_totals(tx, "bari", "002", now) == figures.ledger_totals(tx, "bari", "002", None)
        assert figures.indicators(tx, "bari", "002", now) == figures.indicators(tx, "bari", "002", None)
        for view in ("payment_ledger", "commitments", "participations"):
            live = list(shown.every(tx, "bari", view, within="002"))
            assert list(moment.every(tx, "bari", view, now, within="002")) == live != []
        assert moment.history(tx, "bari", CASE, now) == (
            shown.history(tx, "bari", CASE), shown.count(tx, "bari", "case_history", CASE))
        heads = completeness.basis(tx, "bari", "002") + completeness.basis(tx, "bari", "")
        assert sorted(map(str, basis.heads(tx, "bari", now.basis, "002", None))) == sorted(map(str, heads))
        assert basis.heads(tx, "bari", now.basis, None, "2999") == basis.heads(tx, "bari", now.basis, None, None)
        first = {head["number"] for head in basis.heads(tx, "bari", now.basis, "002", "2025-01-10T00:00:03.000000Z")}
        assert first == {1}
        between = Between(Moment(now.basis, ""), now)
        new = difference.of_programme(tx, "bari", "002", between)
        assert len(new) == sum(b'"programme": "002"' in one.value for one in speaker.spoken)
        gone = [one for one in difference.changes(tx, "bari", difference.scopes(new), between) if one["before"] is not None]
        assert gone == [], "before all there was nothing"


def later(speaker: Speaker) -> None:
    """A fact that is recorded now of a day long ago, and a correction of the first month that asks money back."""
    speaker.say("stipend.StipendAdjusted", "entitlement", "e1", {
        "entitlement_id": "e1", "accrual_id": "a1", "delta_cents": -24000, "new_amount_cents": 36000, "recognised_hours": "72",
        "reason": "REGISTER_CORRECTED", "share_cents": 72000}, occurred="2025-01-20", **ABOUT)
    speaker.say("stipend.RecoveryRequested", "entitlement", "e1", {
        "entitlement_id": "e1", "amount_cents": 24000, "cause": "REGISTER_CORRECTED", "accrual_ids": ["a1"]},
        occurred="2025-01-20", **ABOUT)
    speaker.say("intake.TargetCategoryAttested", "case", CASE, {"category": "ADI_HOUSEHOLD"}, occurred="2024-09-12", **ABOUT)
    speaker.say("reporting.ParticipationEntered", "participation", "p2", {
        "participation_id": "p2", "entry_date": "2024-10-01", "gender": "M", "age": 40, "labour_status": "INACTIVE", "isced": 1,
        "complete": True}, occurred="2024-10-01", **ABOUT)


def told_before() -> Speaker:
    """Who has told the case, and goes on."""
    speaker = Speaker()
    tell(speaker)
    speaker.ticks += 1000
    for source in speaker.positions:
        speaker.positions[source] += 1000
    return speaker


def tell_later(reader: Reader) -> Speaker:
    speaker = told_before()
    later(speaker)
    hear(reader.service.part, speaker.spoken)
    reader.service.part.catch_up()
    return speaker


@pytest.mark.parametrize("path", FIGURES)
async def test_from_its_basis_an_answer_is_given_again_byte_for_byte_whatever_came_since(reader: Reader, path: str) -> None:
    answer = await reader.asks(path)
    before = answer.json()
    tell_later(reader)
    now = await reader.reads(path)
    assert (await reader.asks(path, basis=before["basis_token"])).content == answer.content
    assert now["items"] != before["items"], "what came since is shown now"
    assert {head["hash"] for head in before["basis"]} == {"a" * 64}
    assert {head["programme"] for head in before["basis"]} <= {"002", ""}


async def test_a_file_says_its_basis_in_a_header_and_is_given_again_from_it(reader: Reader) -> None:
    before = await reader.asks("/programmes/002/ledger", accept="text/csv")
    tell_later(reader)
    again = await reader.asks("/programmes/002/ledger", accept="text/csv", basis=before.headers["basis-token"])
    assert (again.content, again.headers["basis-token"]) == (before.content, before.headers["basis-token"])


@pytest.mark.parametrize("path", FIGURES)
async def test_as_of_an_instant_an_answer_says_what_was_said_then_to_the_byte(reader: Reader, path: str) -> None:
    instant = (await reader.reads("/completeness"))["sources"]["reporting"]["recorded_to"]
    live, before = await reader.reads(path), await reader.reads(path, recorded_as_of=instant)
    tell_later(reader)
    after = await reader.reads(path, recorded_as_of=instant)
    for name in ("items", "totals", "basis"):
        assert json.dumps(after.get(name)) == json.dumps(before.get(name)) == json.dumps(live.get(name)), name
    assert after["recorded_as_of"] == instant
    assert after["complete"]["stipend"]["recorded_to"] > instant, "and how far the sources are complete now"


async def test_what_was_true_on_a_date_leaves_out_what_happened_later(reader: Reader) -> None:
    ledger = await reader.reads("/programmes/002/ledger", true_on="2024-11-13")
    assert (ledger["totals"]["paid_cents"], ledger["true_on"], len(ledger["items"])) == (60000, "2024-11-13", 1)
    commitment, = (await reader.reads("/commitments", true_on="2024-11-13"))["items"]
    assert (commitment["accrued_cents"], commitment["projected_cents"], commitment["left_cents"]) == (60000, 60000, 0)
    counted = await reader.reads("/programmes/002/indicators", true_on="2024-09-15")
    assert (counted["participations"], {one["total"] for one in counted["items"]}) == (0, {0})
    before = await reader.reads("/programmes/002/indicators", true_on="2024-01-01")
    assert (before["catalogue_version"], before["items"]) == (None, []), "the programme was not there yet"


async def test_at_a_moment_a_statement_shows_only_the_lines_of_orders_known_by_then(reader: Reader) -> None:
    speaker = told_before()
    speaker.say("stipend.BankStatementImported", "statement", "s1", {"statement_id": "s1", "lines": [
        {"line": 1, "end_to_end_id": "002-A1-1"}, {"line": 2, "amount_cents": 36000}]}, occurred="2024-12-20")
    speaker.say("stipend.PaymentReconciled", "payment", "e1", {"statement_id": "s1", "order_id": "o1", "line": 1}, **ABOUT)
    speaker.say("stipend.PaymentReconciled", "payment", "e1", {"statement_id": "s1", "order_id": "o2", "line": 2}, **ABOUT)
    hear(reader.service.part, speaker.spoken)
    reader.service.part.catch_up()
    own = [json.loads(one.value) for one in speaker.spoken]
    for fact, lines in ((own[-2], [1]), (own[-1], [1, 2])):
        history = await reader.reads(f"/cases/{CASE}/history", recorded_as_of=fact["time"])
        statement, = (one for one in history["items"] if one["type"] == "stipend.BankStatementImported.v1")
        assert [one["line"] for one in statement["data"]["lines"]] == lines


async def test_pages_of_a_basis_put_together_are_the_whole(reader: Reader) -> None:
    first = await reader.reads("/programmes/002/ledger", limit=1)
    tell_later(reader)
    page = await reader.reads("/programmes/002/ledger", limit=1, basis=first["basis_token"], cursor=first["next"])
    whole = await reader.reads("/programmes/002/ledger", basis=first["basis_token"])
    assert [*first["items"], *page["items"]] == whole["items"]
    assert "next" not in page


@pytest.mark.parametrize(("query", "status", "code"), [
    ({"basis": "x"}, 422, "INPUT_INVALID"), ({"basis": "eJyLjgUAARUAuQ"}, 422, "INPUT_INVALID"), ({"recorded_as_of": "noon"}, 422, None),
    ({"recorded_as_of": "2025-01-10T00:00:00"}, 422, None)])
async def test_a_moment_that_is_none_is_a_problem(reader: Reader, query: dict[str, str], status: int, code: str | None) -> None:
    answer = await reader.asks("/programmes/002/ledger", **query)
    assert (answer.status_code, answer.json()["code"]) == (status, code or answer.json()["code"])


async def test_a_basis_of_facts_that_are_not_here_is_refused(reader: Reader) -> None:
    more = basis.Basis({("stipend", 1, "002"): basis.Upto(10_000)})
    answer = await reader.asks("/programmes/002/ledger", basis=basis.packed(more, None, None))
    assert (answer.status_code, answer.json()["code"]) == (409, "BASIS_NOT_HELD")


async def test_a_correction_shows_what_it_changed_and_by_which_facts(reader: Reader) -> None:
    instant = (await reader.reads("/completeness"))["sources"]["reporting"]["recorded_to"]
    speaker = tell_later(reader)
    adjusted, recovery = (json.loads(one.value)["id"] for one in speaker.spoken[-4:-2])
    for path in (f"/cases/{CASE}/diff", "/programmes/002/diff"):
        said = await reader.reads(path, **{"from": instant})
        cells = {(one["view"], one["column"]): (one["before"], one["after"], [fact["id"] for fact in one["facts"]])
                 for one in said["items"] if one["column"]}
        assert cells["payment_ledger", "amount_cents"] == (60000, 36000, [adjusted])
        assert cells["payment_ledger", "asked_back_cents"] == (None, 24000, [recovery])
        assert cells["entitlements", "accrued_cents"] == (96000, 72000, [adjusted])
        new = [(one["view"], one["key"]) for one in said["items"] if one["column"] is None]
        assert new == [("participations", "p2")]
    figures = {one["figure"]: (one["before"], one["after"]) for one in said["figures"]}
    assert figures == {"accrued_cents": (96000, 72000), "participations": (1, 2), "EECO01": (1, 2), "EECO04": (0, 1), "EECO09": (1, 2)}


TRAIL = ["stipend", 1, "002", 3]
INSTANT = "2025-01-01T00:00:00.000000Z"


@pytest.mark.parametrize("said", [
    5, [5, [TRAIL]], [None, [TRAIL]], [[None], [TRAIL]], [["zzz", None], [TRAIL]], [[INSTANT, "2025-02-30"], [TRAIL]],
    [["a\0", None], [TRAIL]], *([[None, None], [["stipend", *numbers]]] for numbers in (
        (1, "002", 2**63), (2**64, "002", 3), (1, "002", -5), (1, "002", 5.5), (1, "002", "5"), (1, "002", True), (1, "0\0", 3),
        (1, "002", 9, 3, 2), (1, "002", 9, 1, 2**63), (1, "002", 9, 1, 4, 4, 5), (1, "002", 9, 8, 9), (1, "002", 9, 1)))])
async def test_a_basis_that_no_answer_gave_is_refused(reader: Reader, said: Any) -> None:
    token = base64.urlsafe_b64encode(zlib.compress(json.dumps(said).encode())).decode().rstrip("=")
    answer = await reader.asks("/programmes/002/ledger", basis=token)
    assert (answer.status_code, answer.json()["code"]) == (422, "INPUT_INVALID")


async def test_between_two_moments_with_nothing_between_nothing_changed(reader: Reader) -> None:
    token = (await reader.reads("/programmes/002/ledger"))["basis_token"]
    said = await reader.reads("/programmes/002/diff", from_basis=token)
    assert (said["items"], said["figures"], said["new_facts"]) == ([], [], 0)
    tell_later(reader)
    assert (await reader.reads("/programmes/002/diff", from_basis=token))["new_facts"] == 4
    everything = await reader.reads(f"/cases/{CASE}/diff", limit=1)
    assert (everything["items"][0]["before"], everything["next"] != "") == (None, True)


async def test_the_figures_of_many_facts_are_computed_in_the_background_and_are_the_same(reader: Reader, large: Computing) -> None:
    path, basis_of = "/programmes/002/ledger", (await reader.reads("/programmes/002/ledger"))["basis_token"]
    live = [await reader.reads(path) for path in FIGURES[:2]]
    tell_later(reader)
    refused = await reader.asks(path, basis=basis_of)
    assert (refused.status_code, refused.json()["code"]) == (409, "MOMENT_IS_LARGE")
    asked = await reader.asks("/programmes/002/moments", method="POST", basis=basis_of)
    assert (asked.status_code, asked.json()["state"]) == (202, "RUNNING")
    while large.step():
        pass
    done = await reader.reads(f"/moments/{asked.json()['moment_id']}")
    assert (done["state"], done["done"] == done["of"]) == ("DONE", True)
    assert [await reader.reads(path, basis=basis_of) for path in FIGURES[:2]] == live
    assert done["figures"]["totals"] == live[0]["totals"]
    assert (await reader.asks(f"/moments/{asked.json()['moment_id']}", tenant="venezia")).status_code == 404


async def test_a_computation_that_was_killed_goes_on_where_it_was(
        reader: Reader, large: Computing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moment, "KEYS", 1)
    token = (await reader.reads("/programmes/002/ledger"))["basis_token"]
    asked = (await reader.asks("/programmes/002/moments", method="POST", basis=token)).json()
    assert large.step()
    other = Computing(reader.service.database)
    while other.step():
        pass
    assert not large.step(), "nothing is left"
    done = await reader.reads(f"/moments/{asked['moment_id']}")
    assert done["figures"]["totals"] == (await reader.reads("/programmes/002/ledger"))["totals"]
    again = (await reader.asks("/programmes/002/moments", method="POST", basis=token)).json()
    assert (again["moment_id"], again["state"]) == (asked["moment_id"], "DONE")


async def test_what_was_under_way_at_a_kill_is_gone_on_with_once_the_service_starts_again(
        reader: Reader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as killed:
        killed.setattr(Computing, "wake", lambda self: None)
        asked = (await reader.asks("/programmes/002/moments", method="POST")).json()
        assert (await reader.reads(f"/moments/{asked['moment_id']}"))["state"] == "RUNNING"
    app = create_app(build(settings_in(tmp_path)), ())
    async with app.router.lifespan_context(app):
        async with asyncio.timeout(30):
            while is_unfinished(reader):
                await asyncio.sleep(0.01)
    done = await reader.reads(f"/moments/{asked['moment_id']}")
    assert done["figures"]["totals"] == (await reader.reads("/programmes/002/ledger"))["totals"]


def is_unfinished(reader: Reader) -> bool:
    with reader.service.database.reading() as tx:
        return bool(Computing(reader.service.database).unfinished(tx))


@pytest.fixture
def large(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> Computing:
    """Every programme is large, and nothing is computed but by the test's own steps."""
    monkeypatch.setattr(Reads, "direct", 0)
    monkeypatch.setattr(Computing, "wake", lambda self: None)
    return Computing(reader.service.database)
