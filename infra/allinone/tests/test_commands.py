"""The command line against a running suite: what each command says, and that wrong input gets a sentence."""
from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from chassis.service import migrate
from percorso.__main__ import main
from percorso.connect import service_here
from percorso.data import open_data
from percorso.host import declared, settings_of

ROOT = Path(__file__).parents[3]
BARI = ROOT / "infra/programmes/002.yaml"
MINI = """
scenario: A referral
tenant: bari
actors:
  reporter: {{role: REPORTING_OFFICER, org: COMUNE_BARI}}
  adi_team: {{role: CASE_MANAGER, org: EEMM_ADI}}
ids: [referral]
steps:
  - {{on: 2024-07-01, as: reporter, apply: {programme}}}
  - on: 2024-09-09
    as: adi_team
    do: intake.receiveReferral
    with: {{referral_id: $referral, programme_id: "002", source: {source}, protocol_no: SYN-1, declared_categories: [ADI_HOUSEHOLD],
           given_name: Anna, family_name: Rossini, tax_code: RSSNNA85T55X000W, birth_date: 1985-12-15, gender: F}}
    save: {{case: case_id}}
"""


@dataclass
class Said:
    code: int
    out: str
    err: str


Percorso = Callable[..., Said]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The data folder of a suite that is up, by a scenario's clock."""
    data = tmp_path_factory.mktemp("data")
    command = [sys.executable, "-m", "percorso", "run", "--data", str(data), "--port", "0", "--scenario-clock"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        assert "is up at" in running.stdout.readline()
        yield data
        running.terminate()
        running.stdout.read()
    assert running.returncode == 0


@pytest.fixture
def percorso(capfd: pytest.CaptureFixture[str]) -> Percorso:
    def run(*arguments: object) -> Said:
        try:
            main([str(one) for one in arguments])
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 0
        out, err = capfd.readouterr()
        return Said(code, out, err)

    return run


@pytest.fixture(scope="module")
def case(folder: Path) -> str:
    """A case that a scenario began, by its command."""
    file = folder / "mini.yaml"
    file.write_text(MINI.format(programme=BARI, source="EEMM_ADI"))
    done = subprocess.run([sys.executable, "-m", "percorso", "scenario", str(file), "--data", str(folder)], capture_output=True, text=True,
                          check=True)
    assert done.stdout == "mini.yaml: 2 steps as expected, 1 facts, 0 refused as they should be.\n"
    with closing(sqlite3.connect(folder / "reporting.sqlite")) as views:
        return str(views.execute(f"SELECT key FROM {_table(views, 'case_history', 'view_key')} WHERE view = 'case_history'").fetchone()[0])


def test_a_token_opens_the_suite(percorso: Percorso, folder: Path) -> None:
    token = percorso("token", "--role", "AUDITOR", "--data", folder).out.strip()
    url = open_data(folder).suite()
    answer = httpx.get(f"{url}/reporting/me", headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.json()["role"]) == (200, "AUDITOR")


def test_a_token_of_another_issuer_is_taken_from_the_environment(percorso: Percorso, folder: Path, case: str,
                                                                 monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERCORSO_TOKEN", "nothing.of.it")
    said = percorso("history", case, "--base-url", open_data(folder).suite())
    assert (said.code, said.err) == (1, "percorso: The token is not valid here (DecodeError) (TOKEN_INVALID).\n")


def test_a_scenario_that_comes_out_otherwise_names_the_first_step_that_differs(percorso: Percorso, folder: Path, case: str) -> None:
    file = folder / "other.yaml"
    file.write_text(MINI.format(programme=BARI, source="NOBODY"))
    said = percorso("scenario", file, "--data", folder)
    assert said.code == 1
    assert said.err.startswith("percorso: Step 2 (line 10), 2024-09-09, intake.receiveReferral as adi_team: expected success, came 409 "
                               "SOURCE_NOT_CONFIGURED: ")


def test_a_history_says_what_happened_in_italian_or_english(percorso: Percorso, folder: Path, case: str) -> None:
    english = percorso("history", case, "--lang", "en", "--data", folder)
    assert "Referral received: SOCIAL_SERVICE, on 2024-09-09" in english.out
    assert "2 facts, 1 of them of no case" in english.out
    assert "2024-09-09  Segnalazione ricevuta: SOCIAL_SERVICE, il 09/09/2024" in percorso(
        "history", case, "--compact", "--lang", "it", "--data", folder).out


@pytest.mark.parametrize("line", ["a\nb", "..", ".", "a/b", "a?b#c", "%2e%2e", "è", "\udce9", "x" * 3000])
def test_what_is_no_line_of_a_ledger_is_not_found_whatever_it_holds(percorso: Percorso, folder: Path, case: str, line: str) -> None:
    said = percorso("explain", line, "--data", folder)
    assert (said.code, said.err.startswith("percorso: "), "our fault" in said.err) == (1, True, False), said.err
    assert "NOT_FOUND" in said.err or "_UNKNOWN" in said.err or "INPUT_INVALID" in said.err


def test_a_database_that_is_gone_is_said_and_none_is_made_in_its_place(percorso: Percorso, tmp_path: Path) -> None:
    open_data(tmp_path)
    said = percorso("parked", "list", "--service", "intake", "--data", tmp_path)
    assert (said.code, said.err.startswith(f"percorso: There is no database of intake at {tmp_path / 'intake.sqlite'}")) == (1, True)
    assert not list(tmp_path.glob("*.sqlite*"))


def test_a_master_key_is_replaced_and_the_old_one_goes(percorso: Percorso, tmp_path: Path) -> None:
    data = open_data(tmp_path)
    migrate(declared("intake"), settings_of(data, "intake", 0, "wall"))
    with service_here("intake", tmp_path) as here:
        sealed = here.vault.seal("bari", "somebody", "text", b"a note", b"")
    rewrap, keys = ("keys", "rewrap", "--service", "intake", "--data", tmp_path), tmp_path / "keys"
    assert "keys/master.key.before" in percorso(*rewrap).err
    (keys / "master.key").rename(keys / "master.key.before")
    key = open_data(tmp_path / "another").folder / "keys" / "master.key"
    key.rename(keys / "master.key")
    said = percorso(*rewrap)
    assert (said.code, said.out.startswith("intake: 1 of 1 keys were wrapped anew")) == (0, True)
    (keys / "master.key.before").unlink()
    with service_here("intake", tmp_path) as here:
        here.vault.check()
        assert here.vault.open("bari", "somebody", "text", sealed, b"") == b"a note"
    shutil.copy(keys / "actor.key", keys / "master.key.before")
    (keys / "master.key.before").rename(keys / "master.key")
    shutil.copy(keys / "intake.seal.key", keys / "master.key.before")
    said = percorso(*rewrap)
    assert (said.code, "neither of the two opens" in said.err) == (1, True)


def test_a_history_as_json_is_what_the_service_answers(percorso: Percorso, folder: Path, case: str) -> None:
    said = json.loads(percorso("history", case, "--json", "--data", folder).out)
    assert [line["type"] for line in said["items"]] == ["reporting.ProgrammeActivated.v1", "intake.ReferralReceived.v1"]
    assert (said["total"], said["case_id"]) == (2, case)


def test_a_history_tells_what_was_true_on_a_date(percorso: Percorso, folder: Path, case: str) -> None:
    said = percorso("history", case, "--true-on", "2024-06-30", "--data", folder)
    assert (said.code, said.out) == (0, "Nothing of this case had happened, or was known, by then.\n")


def test_figures_say_what_was_paid_and_who_counts(percorso: Percorso, folder: Path, case: str) -> None:
    said = percorso("figures", "002", "--data", folder)
    assert "0 lines: accrued 0.00, ordered 0.00, paid 0.00 EUR" in said.out
    assert "No indicator counts anyone yet" in said.out
    assert "EECO01" in percorso("figures", "002", "--all", "--data", folder).out


def test_what_was_said_is_asked_again_by_its_basis_and_what_changed_since_by_which_fact(
        percorso: Percorso, folder: Path, case: str) -> None:
    said = json.loads(percorso("figures", "002", "--json", "--data", folder).out)["indicators"]
    again = percorso("figures", "002", "--basis", said["basis_token"], "--json", "--data", folder)
    assert json.loads(again.out)["indicators"] == said
    activated = percorso("diff", "002", "--to", "2024-12-31", "--lang", "en", "--data", folder)
    assert "Programme activated" in activated.out
    assert "facts lie between. Complete: " in activated.out
    nothing = percorso("diff", "002", "--from-basis", said["basis_token"], "--data", folder)
    assert nothing.out.strip().startswith("0 facts lie between.")
    of_case = percorso("diff", case, "--from", "2024-01-01", "--json", "--data", folder)
    assert (of_case.code, json.loads(of_case.out)["new_facts"]) == (0, 1)


def test_before_a_programme_began_nothing_of_it_was_known(percorso: Percorso, folder: Path, case: str) -> None:
    at = ("--recorded-as-of", "2001-01-01", "--true-on", "2001-01-01", "--data", folder)
    assert "No indicator counts anyone yet" in percorso("figures", "002", *at).out
    assert "Nothing was accrued or paid yet of 002" in percorso("ledger", "002", *at).out
    assert percorso("history", case, *at).out == "Nothing of this case had happened, or was known, by then.\n"


def test_the_caseload_says_where_each_case_stands(percorso: Percorso, folder: Path, case: str) -> None:
    said = json.loads(percorso("caseload", "--case", case, "--json", "--data", folder).out)
    assert [(row["case"], row["stage"], row["programme"]) for row in said["items"]] == [(case, "REFERRED", "002")]
    listed = percorso("caseload", "--programme", "002", "--stage", "REFERRED", "--stage", "OPEN", "--data", folder)
    assert "1 cases. Complete: " in listed.out
    assert "UNASSIGNED" in percorso("caseload", "--counts", "--data", folder).out


def test_the_agenda_says_what_falls_due_as_of_a_date(percorso: Percorso, folder: Path, case: str) -> None:
    said = percorso("agenda", "--programme", "002", "--on", "2027-01-01", "--due-until", "2026-12-31", "--data", folder)
    assert "2026-12-31" in said.out
    assert "1 dates as of 2027-01-01, 1 of them passed and still open." in said.out
    assert percorso("agenda", "--case", case, "--on", "2024-10-01", "--data", folder).out == "Nothing falls due, as of 2024-10-01.\n"


def test_the_budget_says_what_is_admitted_and_disbursed(percorso: Percorso, folder: Path, case: str) -> None:
    said = percorso("budget", "002", "--data", folder).out
    assert "PN_METRO_PLUS" in said
    assert "0 commitments; amounts in EUR." in said


def test_the_access_log_names_each_reading_of_a_history(percorso: Percorso, folder: Path, case: str) -> None:
    percorso("history", case, "--data", folder)
    whole = json.loads(percorso("access-log", "--json", "--data", folder).out)["items"]
    ours = json.loads(percorso("access-log", "--case", case, "--reader", whole[-1]["reader"], "--json", "--data", folder).out)["items"]
    assert ours
    assert {(row["what"], row["of"], row["role"]) for row in ours} == {("history", case, "AUDITOR")}
    assert f"{len(whole)} readings." in percorso("access-log", "--data", folder).out
    assert percorso("access-log", "--read-until", "2000-01-01", "--data", folder).out == "Nobody has read any of it.\n"


def test_a_programme_is_applied_once(percorso: Percorso, folder: Path, case: str) -> None:
    assert percorso("programmes", "apply", BARI, "--data", folder).out == (
        "The programme has this configuration already: nothing changed.\n")


def test_lag_shows_each_service(percorso: Percorso, folder: Path, case: str) -> None:
    rows = [line.replace("│", " ").split() for line in percorso("lag", "--data", folder).out.splitlines() if line.startswith("│")]
    assert [(row[0], row[1]) for row in rows] == [
        ("intake", "1"), ("assessment", "0"), ("placement", "0"), ("stipend", "0"), ("reporting", "1")]
    assert all(set(row[2:]) == {"0"} for row in rows)


def test_a_rebuild_says_equal_or_names_the_difference_and_ends_with_1(percorso: Percorso, folder: Path, case: str) -> None:
    equal = percorso("rebuild", "--data", folder)
    assert equal.code == 0
    assert "rows are equal to what was there" in equal.out
    with closing(sqlite3.connect(folder / "reporting.sqlite", timeout=10)) as views, views:
        views.execute(f"UPDATE {_table(views, 'programmes')} SET line = json_set(line, '$.title', 'another') WHERE view = 'programmes'")
    compared = percorso("parity", "--data", folder)
    planted = percorso("rebuild", "--data", folder)
    assert planted.code == 1
    for said in (compared, planted):
        assert said.code == 1
        assert "wrong: programmes, 002: title was 'another', must be 'Inserimento lavorativo" in said.out
        assert "follows from reporting.ProgrammeActivated.v1 reporting/1/1 " in said.out
    assert percorso("rebuild", "--data", folder).code == 0
    assert percorso("parity", "--sample", "5", "--data", folder).code == 0


def _table(views: sqlite3.Connection, view: str, of: str = "view_row") -> str:
    """The table that serves a view."""
    return f"{of}_{views.execute('SELECT generation FROM view_served WHERE view = ?', (view,)).fetchone()[0]}"


def test_the_archive_is_put_right_from_the_topics_and_the_topics_from_the_logs(percorso: Percorso, folder: Path, case: str) -> None:
    with closing(sqlite3.connect(folder / "reporting.sqlite", timeout=10)) as kept:
        before = kept.execute("SELECT place, value, seq FROM archive ORDER BY place").fetchall()
        with kept:
            kept.execute("DELETE FROM archive WHERE place = 'intake/1/1'")
            kept.execute("UPDATE archive SET value = CAST(replace(value, 'Inserimento', 'Impedimento') AS BLOB) "
                         "WHERE place = 'reporting/1/1'")
        said = percorso("rebuild", "--from", "logs", "--views", "hosts,tasks", "--data", folder)
        assert said.code == 0, said
        assert said.out.count("its relay is at work, so that log and topic agree") == 5
        assert "it lacked 1, had 1 with other bytes, and 0 that nobody spoke" in said.out
        assert kept.execute("SELECT place, value, seq FROM archive ORDER BY place").fetchall() == before
    said = percorso("rebuild", "--from", "kafka", "--data", folder)
    assert (said.code, "byte for byte" in said.out) == (0, True)


def test_what_is_no_view_is_named(percorso: Percorso, folder: Path) -> None:
    said = percorso("rebuild", "--views", "nothing", "--data", folder)
    assert said.code == 1
    assert "There is no view nothing; there are case_history, " in said.err


def test_a_second_suite_over_the_same_folder_is_refused(percorso: Percorso, folder: Path) -> None:
    said = percorso("run", "--data", folder, "--port", "0")
    assert said.code == 1
    assert f"A suite runs over {folder} already" in said.err


@pytest.mark.parametrize(("command", "code", "sentence"), [
    ("history {nobody} --data {folder}", 1, "No fact of such a case is known here (CASE_UNKNOWN); check the id"),
    ("history nonsense --data {folder}", 2, "should be a valid UUID"),
    ("history {nobody} --data {folder} --role HOST", 1, "This is for CASE_MANAGER, "),
    ("history {nobody} --base-url http://127.0.0.1:9", 1, "Who asks? Say --issuer-key"),
    ("history {nobody} --base-url http://127.0.0.1:9 --data {folder}", 1, "Nothing answers at http://127.0.0.1:9/"),
    ("history {nobody} --base-url intake=http://127.0.0.1:9 --data {folder}", 1, "Say --base-url once (an all-in-one), or once for each"),
    ("history {nobody} --data {folder} --issuer-key /nowhere", 1, "There is no issuer's key at /nowhere."),
    ("ledger --data {folder}", 0, "Nothing was accrued or paid yet."),
    ("ledger {nobody} --data {folder}", 1, "No fact of such a case is known here (CASE_UNKNOWN); check the id"),
    ("ledger 999 --data {folder}", 1, "No fact of such a programme is known here (PROGRAMME_UNKNOWN)"),
    ("ledger 002 --basis x --data {folder}", 1, "The basis is not one that an answer gave; query/basis take `basis_token` of an answer"),
    ("ledger 002 --true-on tomorrow --data {folder}", 2, "does not match the format"),
    ("diff {nobody} --data {folder}", 1, "No fact of such a case is known here (CASE_UNKNOWN); check the id"),
    ("diff 002 --from 2025-01-02 --to 2025-01-01 --data {folder}", 1, "Two moments are asked for, the earlier one first"),
    ("ledger --role TUTOR_AZIENDALE --data {folder}", 1, "This is for PAYMENT_OFFICER, "),
    ("figures 999 --data {folder}", 1, "No fact of such a programme is known here"),
    ("budget 999 --data {folder}", 1, "No fact of such a programme is known here (PROGRAMME_UNKNOWN)"),
    ("caseload --manager me --data {folder}", 1, "query/case_manager"),
    ("caseload --case {nobody} --data {folder}", 0, "No such case is known."),
    ("agenda --state LATE --data {folder}", 1, "query/state"),
    ("access-log --case {nobody} --data {folder}", 1, "No fact of a case {nobody} is known."),
    ("access-log --role CASE_MANAGER --data {folder}", 1, "This is for DPO, AUDITOR"),
    ("programmes apply /nowhere.yaml --data {folder}", 1, "/nowhere.yaml cannot be read: No such file or directory."),
    ("programmes apply {mini} --data {folder}", 1, "mini.yaml:"),
    ("scenario /nowhere.yaml --data {folder}", 1, "/nowhere.yaml cannot be read: No such file or directory."),
    ("scenario {bari} --data {folder}", 1, "scenario: Field required."),
    ("demo /nowhere.yaml", 1, "/nowhere.yaml cannot be read"),
    ("token --role x --data {folder}", 1, "'x' cannot be a token's role: a code in capitals, such as CASE_MANAGER."),
    ("token --role AUDITOR --data /nowhere", 1, "/nowhere is no data folder of Percorso"),
    ("lag --data /nowhere", 1, "/nowhere is no data folder of Percorso; `percorso run --data /nowhere` makes one."),
    ("run --data {mini}", 1, "cannot be used"),
    ("parked list --service reporting --data {folder}", 0, "Nothing is parked."),
    ("parked list --service treasury --data {folder}", 1, "There is no service called treasury"),
    ("parked show --service reporting intake key --data {folder}", 0, "Nothing is parked under this key."),
    ("parked release --service reporting intake key --data {folder}", 0, "Nothing of this key is parked."),
    ("store readmit --service intake --data {folder}", 1, "a relay of this service is at work"),
    ("store foreign --service intake --data {folder}", 0, "Nothing foreign is open."),
    ("store settle --service intake {nobody} --data {folder}", 1, "`percorso store foreign` lists what is."),
    ("respeak --service intake --data {folder}", 1, "a relay of this service is at work"),
    ("resume --service stipend placement --data {folder}", 0, "stipend has not stopped hearing placement."),
    ("resume --service stipend treasury --data {folder}", 1, "not to treasury."),
    ("trail verify --from nowhere --data {folder}", 1, "--from is one of stores, log, archive, topic"),
    ("trail verify --against /nowhere.json --data {folder}", 1, "/nowhere.json is no file of heads"),
    ("trail verify --against {bari} --data {folder}", 1, "is no file of heads"),
    ("trail verify --service treasury --data {folder}", 1, "There is no service called treasury"),
    ("trail seal --role CASE_MANAGER --data {folder}", 1, "This is for AUDITOR, PARTNER_ADMIN"),
    ("topics apply", 2, "--kafka"),
    ("nonsense", 2, "nonsense"),
])
def test_every_command_says_in_a_sentence_what_is_wrong_or_empty(
        percorso: Percorso, folder: Path, case: str, command: str, code: int, sentence: str) -> None:
    names = {"folder": folder, "nobody": "8670d699-9ead-54ff-b903-bb53518accad", "mini": folder / "mini.yaml", "bari": BARI}
    said = percorso(*(part.format(**names) for part in command.split()))
    assert sentence.format(**names) in said.out + said.err
    assert said.code == code
    assert "Traceback" not in said.out + said.err


def test_trails_are_sealed_on_request_kept_by_the_others_and_verified_beside_a_suite_that_runs(
        percorso: Percorso, folder: Path, case: str) -> None:
    sealed = percorso("trail", "seal", "--data", folder)
    assert sealed.code == 0
    assert "intake: seal 1 made, as of position" in sealed.out
    assert "stipend: nothing was spoken yet for this tenant" in sealed.out
    assert "intake: seal 1 stands" in percorso("trail", "seal", "--data", folder).out
    headers = {"Authorization": "Bearer " + percorso("token", "--role", "DPO", "--data", folder).out.strip()}
    url = open_data(folder).suite()
    assert httpx.get(f"{url}/status", params={"rest": 30}, headers=headers, timeout=60).status_code == 200
    mine = httpx.get(f"{url}/intake/trail/seals", headers=headers).json()["items"]
    for other in ("assessment", "placement", "stipend", "reporting"):
        kept = httpx.get(f"{url}/{other}/seals", params={"source": "intake"}, headers=headers).json()["items"]
        assert [(one["digest"], one["stored"]) for one in kept] == [(one["digest"], one["stored"]) for one in mine]
    assert "without a time stamp" in percorso("trail", "status", "--data", folder).out
    (folder / "heads.json").write_text(percorso("trail", "seal", "--json", "--data", folder).out)
    said = percorso("trail", "verify", "--data", folder, "--against", "seals", "--against", folder / "heads.json")
    assert (said.code, "All is whole, as far as seals and heads reach." in said.out) == (0, True), said.out


def test_a_source_that_was_stopped_is_heard_again(percorso: Percorso, folder: Path, case: str) -> None:
    with closing(sqlite3.connect(folder / "stipend.sqlite", timeout=10)) as store, store:
        store.execute("INSERT INTO source_stopped VALUES ('placement', 'the same position came with other bytes')")
    assert percorso("resume", "--service", "stipend", "placement", "--data", folder).out == (
        "stipend hears placement again. It had stopped: the same position came with other bytes\n")


def test_the_demo_plays_shows_starts_again_and_rebuilds(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "percorso", "demo", str(ROOT / "tests/scenarios/other-figures.yaml")]
    done = subprocess.run(command, cwd=tmp_path, env={**os.environ, "LANG": "en"}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for sentence in ("2025-02-03  Internship started: on 2025-02-03", "HOURLY_CAPPED@", "500.00", "paid 830.00 EUR",
                     "Stopped, and started again from its files", "rows are equal to what was there", "percorso run --data .percorso/demo"):
        assert sentence in done.stdout


def test_a_bundle_is_exported_and_a_verifier_from_another_hand_finds_it_whole(percorso: Percorso, folder: Path, case: str) -> None:
    bundle, alone = folder / "bundle.tar", folder / "verify.py"
    said = percorso("bundle", "export", "--programme", "002", "--data", folder, bundle)
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith(f"{bundle}: whole\n  programme 002 of bari, from the beginning to the end\n")
    assert percorso("bundle", "verifier", alone).code == 0
    done = subprocess.run([sys.executable, "-I", "-S", str(alone), str(bundle)], env={}, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, "whole")


@pytest.mark.parametrize(("arguments", "sentence"), [
    (("explain", "002-A9-9"), "No line of the ledger has this accrual, order or EndToEndId (LINE_UNKNOWN); take one from `GET /ledger`."),
    (("explain", "EECO99", "--programme", "002"), "The programme's catalogue has no such indicator (INDICATOR_UNKNOWN); "
     "take one from `GET /programmes/002/indicators`."),
    (("bundle", "export", "--programme", "009", "none.tar"), "No fact of such a programme is known here (PROGRAMME_UNKNOWN); "
     "ask again once it is activated."),
    (("bundle", "export", "--programme", "002", "nowhere/none.tar"), "nowhere/none.tar cannot be written: No such file or directory."),
])
def test_what_cannot_be_proven_is_said_in_a_sentence(percorso: Percorso, folder: Path, case: str, arguments: tuple[str, ...],
                                                     sentence: str) -> None:
    said = percorso(*arguments, "--data", folder)
    assert (said.code, said.err) == (1, f"percorso: {sentence}\n")
    assert not Path("none.tar").exists()


def test_an_indicator_that_counts_nobody_is_explained_by_nobody(percorso: Percorso, folder: Path, case: str) -> None:
    said = percorso("explain", "EECO01", "--programme", "002", "--data", folder)
    assert (said.code, said.out) == (0, "EECO01 Total participants: 0 (equal)\n")


def test_a_master_key_that_is_gone_is_not_made_anew_beside_what_it_sealed(percorso: Percorso, tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir(mode=0o700)
    (tmp_path / "intake.sqlite").touch()
    said = percorso("parked", "list", "--service", "intake", "--data", tmp_path)
    assert (said.code, "master.key is gone" in said.err, list((tmp_path / "keys").iterdir())) == (1, True, [])


@pytest.mark.parametrize(("name", "written"), [("master.key", ""), ("master.key", "x"), ("master.key.before", "bm90IDMyIGJ5dGVz")])
def test_a_key_that_was_half_written_is_named(percorso: Percorso, tmp_path: Path, name: str, written: str) -> None:
    (tmp_path / "keys").mkdir(mode=0o700)
    key = tmp_path / "keys" / name
    key.write_text(written)
    key.chmod(0o600)
    said = percorso("parked", "list", "--service", "intake", "--data", tmp_path)
    assert (said.code, said.err) == (1, f"percorso: {key} is no key of 32 bytes in base64: put it back from a backup.\n")
