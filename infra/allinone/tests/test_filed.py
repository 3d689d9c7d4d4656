"""Where the archive files its records, tampered with: each is named by `percorso parity`, and put right from the topics."""
from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from percorso.__main__ import main

REFERRAL = "SELECT min(seq) FROM archive WHERE type = 'intake.ReferralReceived.v1'"
OF_NO_CASE = "SELECT min(seq) FROM archive_of_no_case"
PLANTED = {
    f"UPDATE archive SET type = 'intake.Other.v1' WHERE seq = ({REFERRAL})": "wrong: archive, intake/1/",
    f"UPDATE archive SET occurred = '1999-01-01' WHERE seq = ({REFERRAL})": "occurred was '1999-01-01', must be '2024-09-09'",
    f"UPDATE archive SET case_id = 'x' WHERE seq = ({REFERRAL})": "case_id was 'x'",
    f"UPDATE archive SET place = 'intake/1/9999' WHERE seq = ({REFERRAL})": "place was 'intake/1/9999'",
    f"DELETE FROM archive_about WHERE seq = ({REFERRAL})": "missing: archive_about",
    f"DELETE FROM archive_of_no_case WHERE seq = ({OF_NO_CASE})": "missing: archive_of_no_case",
    "INSERT INTO archive_of_no_case SELECT tenant, about, seq FROM archive_about WHERE seq IN (SELECT seq FROM archive WHERE case_id IS "
    "NOT NULL LIMIT 1)": "extra: archive_of_no_case",
    "INSERT INTO archive_about VALUES ('bari', 'nobody', 999999)": "extra: archive_about, nobody, 999999: 'registered'"}


def ends(*arguments: str) -> int:
    try:
        main(list(arguments))
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    return 0


@pytest.mark.parametrize("planted", PLANTED, ids=PLANTED.get)
def test_a_record_that_is_filed_elsewhere_is_named_and_put_right(planted: str, folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with closing(sqlite3.connect(folder / "reporting.sqlite")) as db, db:
        assert db.execute(planted).rowcount > 0
    assert ends("parity", "--data", str(folder)) == 1
    said = capfd.readouterr().out
    assert PLANTED[planted] in " ".join(said.split()), said
    assert "percorso rebuild --from kafka" in said
    ends("rebuild", "--from", "kafka", "--data", str(folder))
    assert ends("parity", "--data", str(folder)) == 0, capfd.readouterr().out


def test_a_record_that_is_no_fact_is_named_whatever_else_is_wrong(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with closing(sqlite3.connect(folder / "reporting.sqlite")) as db, db:
        db.execute("UPDATE archive SET occurred = '1999-01-01'")
        db.execute("UPDATE archive SET value = 'nothing' WHERE seq = (SELECT max(seq) FROM archive)")
    assert ends("parity", "--data", str(folder)) == 1
    said = capfd.readouterr()
    assert "value was 'not a fact'" in said.out, said
    assert ends("rebuild", "--from", "kafka", "--data", str(folder)) == 0
    assert ends("parity", "--data", str(folder)) == 0, capfd.readouterr().out
