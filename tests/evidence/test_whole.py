"""The bundle of the worked case: whole by itself, in a bare environment; and what it says of its figures is what is shown."""
from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from evidence.bundles import END, Files, header, heads, lines, read, told_again, trail_name
from evidence.conftest import CODES, LINES, Proof
from reporting.bundle.assembled import PARTS, verifier
from reporting.verifier.manifest import Bundle
from reporting.verifier.whole import verify


def bare(program: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Python without site packages, without an environment."""
    return subprocess.run([sys.executable, "-I", "-S", str(program), *map(str, arguments)], env={}, capture_output=True, text=True,
                          check=False)


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("alone") / "verify.py"
    file.write_text(verifier(), "utf-8")
    return file


def test_a_bundle_is_found_whole_by_python_alone(proof: Proof, alone: Path) -> None:
    done = bare(alone, proof.whole)
    assert (done.returncode, done.stderr, done.stdout.splitlines()[0]) == (0, "", "whole")
    assert done.stdout == "whole\n" + "".join(f"  {line}\n" for line in proof.said)
    assert f"root {Bundle(str(proof.whole)).root}" in proof.said


def test_a_bundle_brings_the_verifier_that_is_had_from_another_hand(files: Files) -> None:
    assert files["verify.py"].decode() == verifier()


def test_one_byte_that_changed_is_found_by_python_alone(proof: Proof, alone: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.tar"
    shutil.copy(proof.whole, copy)
    data = copy.read_bytes()
    at = data.index(b'"amount_cents":36000', data.index(b"trails/stipend/1/own"))
    copy.write_bytes(data[:at + 15] + b"9" + data[at + 16:])
    done = bare(alone, copy)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith("changed: stipend/1/")


def test_the_verifier_is_written_for_python_3_9_and_needs_only_what_comes_with_it() -> None:
    import ast

    tree = ast.parse(verifier(), feature_version=(3, 9))
    imported = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names} | {
        str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in imported} - sys.stdlib_module_names == {"cryptography"}
    assert not any(isinstance(node, ast.Match) for node in ast.walk(tree))
    assert len(PARTS) == len(list((Path(__file__).parents[2] / "services/reporting/src/reporting/verifier").glob("*.py"))) - 1


def test_the_oldest_python_here_that_is_recent_enough_finds_it_whole(proof: Proof, alone: Path) -> None:
    found = [which for which in (shutil.which(f"python3.{minor}") for minor in range(9, 15)) if which] or [sys.executable]
    for python in found:
        done = subprocess.run([python, "-I", "-S", str(alone), str(proof.whole)], env={**os.environ}, capture_output=True, text=True,
                              check=False)
        if "not found" not in done.stderr and "not installed" not in done.stderr:
            assert (done.returncode, done.stdout.splitlines()[:1]) == (0, ["whole"]), done.stderr
            return
    raise AssertionError(f"none of {found} runs")


def test_the_words_of_no_programme_are_in_the_verifier() -> None:
    words = ("stipend", "accrued", "internship", "attendance", "payment", "indicator", "bari")
    assert [word for word in words if word in verifier().lower()] == []


def test_trails_are_whole_and_facts_that_are_not_the_programme_s_own_are_digests(files: Files) -> None:
    none = [json.loads(line) for name in files if "/none-" in name for line in lines(files, name)]
    shown = {fact["type"] for fact in none if "type" in fact}
    assert "stipend.BankStatementImported.v1" not in shown
    assert "intake.ParticipantRegistered.v1" in shown or any("digest" in fact for fact in none)
    assert {"digest", "number", "position", "trailhash"} == {name for fact in none if "type" not in fact for name in fact}
    assert len({head["source"] for head in heads(files)}) == 5


def test_a_bundle_of_a_month_has_the_figures_of_that_month_and_whole_trails(proof: Proof) -> None:
    month, whole = read(proof.month), read(proof.whole)
    assert verify(str(proof.month))[0] == "programme 002 of bari, from 2025-02-01 to 2025-02-28"
    ends = {(head["source"], head.get("programme")): head["number"] for head in heads(month)}
    before = {(head["source"], head.get("programme")): head["number"] for head in heads(whole)}
    assert {of: number for of, number in ends.items() if of[0] != "reporting"} == {
        of: number for of, number in before.items() if of[0] != "reporting"}
    figures = [json.loads(line) for line in lines(month, "figures/000001.jsonl")]
    assert {one["occurred"][:7] for one in figures} == {"2025-02"}
    paid = next(json.loads(line) for line in lines(month, "figures/totals.jsonl") if b'"total paid_cents"' in line)
    assert paid["value"] == 36000
    assert any(b'"digest"' in line[:12] for line in lines(month, trail_name("placement")))


def test_an_export_is_itself_a_fact_with_the_root_hash_in_the_trail_that_the_next_bundle_holds(proof: Proof) -> None:
    assert len(proof.exports) == 2
    told = [json.loads(line) for line in lines(read(proof.month), trail_name("reporting"))]
    assert any(fact.get("digest") for fact in told)
    bundle = Bundle(str(proof.whole))
    assert [bundle.root in one["en"] for one in proof.exports] == [True, False]


@pytest.mark.parametrize("line", LINES)
def test_a_line_of_the_ledger_is_explained_to_the_cent(proof: Proof, line: str) -> None:
    said = proof.lines[line]
    shown = next(one for one in proof.ledger["items"] if one.get("end_to_end_id") == line)
    assert {one["name"]: one["recomputed"] for one in said["amounts"]} == {
        name: shown[name] for name in ("amount_cents", "order_cents", "paid_cents")}
    assert all(one["equal"] for one in (*said["amounts"], *said["figures"]))
    assert said["act"]["act_no"] == f"SYN-LIQ-{shown['number']}"
    assert {fact["type"].split(".")[1] for fact in said["facts"]} >= {
        "ProgrammeActivated", "AttendancePeriodValidated", "StipendAccrued", "StipendApproved", "PaymentOrderIssued", "StipendPaid"}


def test_the_formula_of_a_month_below_the_threshold_has_its_numbers(proof: Proof) -> None:
    accrued = proof.lines["002-A4-1"]["amounts"][0]
    assert "× 72 ÷ 120) [as 72 < 0.70 × 120]" in accrued["formula"]
    assert accrued["rounding"].startswith("half up")


@pytest.mark.parametrize("code", CODES)
def test_an_indicator_is_explained_by_the_persons_that_it_counts(proof: Proof, code: str) -> None:
    said = proof.indicators[code]
    assert (said["equal"], said["recomputed"], len(said["figures"])) == (True, said["indicator"]["total"], said["indicator"]["total"])


def test_the_index_says_in_italian_and_english_how_to_check_it(files: Files) -> None:
    for name, words in (("index.it.md", "Come si verifica"), ("index.en.md", "How to check it")):
        text = files[name].decode()
        assert words in text
        assert "€ 3,360.00" in text
        assert "verify.py" in text


@pytest.fixture(scope="module")
def large(proof: Proof, tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    """The case told again and again: by how often."""
    folder, files, made = tmp_path_factory.mktemp("large"), read(proof.whole), {}
    for times in (34, 136):
        made[times] = folder / f"{times}.tar"
        with made[times].open("wb") as out:
            for name, data in told_again(files, times):
                out.write(header(name, len(data)) + data + bytes(-len(data) % 512))
            out.write(END)
    return made


def test_the_memory_that_it_takes_does_not_grow_with_the_facts(large: dict[int, Path], alone: Path) -> None:
    most = []
    for bundle in large.values():
        with subprocess.Popen([sys.executable, "-I", "-S", alone, bundle, "--jobs", "1"], stdout=subprocess.DEVNULL) as running:
            _, status, used = os.wait4(running.pid, 0)
            running.returncode = os.waitstatus_to_exitcode(status)
        assert running.returncode == 0
        most.append(used.ru_maxrss)
    assert most[1] < most[0] * 1.15


def test_many_processes_find_the_same_as_one(large: dict[int, Path]) -> None:
    bundle = str(large[136])
    assert verify(bundle, jobs=2) == verify(bundle, jobs=1)
