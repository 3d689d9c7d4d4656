"""What `trail verify` says where a database, a bus or a file of heads cannot be read."""
from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from chassis.errors import StoreAway
from percorso.__main__ import main
from percorso.suite import SERVICES
from percorso.trails.ranges import MANY, SPAN, ranges
from percorso.trails.rows import Where

Verify = Callable[..., tuple[int, dict[str, Any]]]


def gone(file: Path) -> None:
    file.unlink()


def no_database(file: Path) -> None:
    file.write_bytes(b"this is no database" * 1000)


def no_tables(file: Path) -> None:
    file.write_bytes(b"")


def torn(file: Path) -> None:
    """The first page of the log's rows is overwritten: its header and its tables are as they were."""
    with closing(sqlite3.connect(file)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        page, size = (db.execute(sql).fetchone()[0] for sql in (
            "SELECT rootpage FROM sqlite_master WHERE name = 'stored_events'", "PRAGMA page_size"))
    with file.open("r+b") as there:
        there.seek((page - 1) * size)
        there.write(b"\xff" * size)


@pytest.mark.parametrize("damage", [gone, no_database, no_tables, torn])
def test_a_database_that_cannot_be_read_is_named_with_its_file_and_the_others_are_verified(
        damage: Callable[[Path], None], folder: Path, verify: Verify) -> None:
    damage(file := folder / "placement.sqlite")
    before = sorted(folder.glob("*.sqlite"))
    code, said = verify("--data", folder)
    [lost] = [one for one in said["results"] if one["faults"]]
    assert (code, lost["source"], lost["place"], lost["faults"][0]["what"]) == (1, "placement", "database", "unreadable")
    assert str(file) in lost["faults"][0]["why"]
    assert {(one["source"], one["place"]) for one in said["results"]} == {
        *((name, "log") for name in ("intake", "assessment", "stipend", "reporting")), *((name, "archive") for name in SERVICES),
        ("placement", "database")}
    assert sorted(folder.glob("*.sqlite")) == before


def test_seals_that_cannot_be_read_are_said_where_a_topic_is_verified_too(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    gone(file := folder / "placement.sqlite")
    with pytest.raises(SystemExit) as end:
        main(["trail", "verify", "--data", str(folder), "--from", "topic"])
    said = capfd.readouterr().out
    assert (end.value.code, f"placement, database: UNREADABLE: {file} is not there" in said, "Not whole." in said) == (1, True, True)


def test_a_log_that_workers_cannot_read_is_said_by_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    no_database(file := tmp_path / "log.sqlite")
    monkeypatch.setattr("percorso.trails.ranges.WORKERS", 2)
    with (ranges(Where("sqlite", str(file), "intake"), 0, SPAN * MANY) as found,
          pytest.raises(StoreAway, match="file is not a database")):
        list(found)


def test_an_archive_that_cannot_be_read_is_named_once(folder: Path, verify: Verify) -> None:
    no_database(folder / "reporting.sqlite")
    code, said = verify("--data", folder)
    assert (code, [(one["source"], one["place"]) for one in said["results"] if one["faults"]]) == (1, [("reporting", "database")])
    assert len(said["results"]) == 5


def test_what_is_verified_is_not_written_to(folder: Path, verify: Verify) -> None:
    for file in folder.glob("*.sqlite"):
        with closing(sqlite3.connect(file)) as db:
            db.execute("PRAGMA journal_mode=DELETE")
    before = {file.name: file.read_bytes() for file in folder.glob("*.sqlite*")}
    assert verify("--data", folder)[0] == 0
    assert {file.name: file.read_bytes() for file in folder.glob("*.sqlite*")} == before


def test_a_bus_that_is_gone_or_damaged_is_said(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (folder / "bus.sqlite").write_bytes(b"this is no database" * 1000)
    for sentence in ("The bus does not answer (the local bus: file is not a database)", f"There is no bus at {folder / 'bus.sqlite'}"):
        with pytest.raises(SystemExit) as end:
            main(["trail", "verify", "--data", str(folder), "--from", "topic"])
        assert (end.value.code, sentence in capfd.readouterr().err) == (1, True)
        for file in folder.glob("bus.sqlite*"):
            file.unlink()
    assert not (folder / "bus.sqlite").exists()


def held(**head: Any) -> list[Any]:
    """A file of heads: one that is well but for what is said."""
    return [{"source": "intake", "tenant": "bari", "heads": [{"number": 1, "head": "ab" * 32, **head}]}]


@pytest.mark.parametrize(("text", "why"), [
    ("nothing", "is no file of heads (JSONDecodeError)"), ("[" * 100_000, "is no file of heads (RecursionError)"), ("{}", "holds no head"),
    (json.dumps(held(number=-1)), "the number of the head at /0/heads/0 is not a whole number from 1 on"),
    (json.dumps(held(number=0)), "the number of the head at /0/heads/0 is not a whole number"),
    (json.dumps(held(number=1.5)), "the number of the head at /0/heads/0 is not a whole number"),
    (json.dumps(held(number=True)), "the number of the head at /0/heads/0 is not a whole number"),
    (json.dumps(held(number=None)), "the number of the head at /0/heads/0 is not a whole number"),
    (json.dumps(held(number={})), "the number of the head at /0/heads/0 is not a whole number"),
    (json.dumps(held(head="nothing of it")), "the head at /0/heads/0/head is not a SHA-256 in hexadecimal"),
    (json.dumps(held(head="ab" * 31)), "the head at /0/heads/0/head is not a SHA-256 in hexadecimal"),
    (json.dumps(held(head=7)), "the head at /0/heads/0/head is not a SHA-256 in hexadecimal"),
    (json.dumps(held(programme=2)), "the programme at /0/heads/0/programme is no text"),
    (json.dumps([{**held()[0], "incarnation": -1}]), "the incarnation of the head at /0/heads/0 is not a whole number"),
    (json.dumps([{**held()[0], "source": "another"}]), "the head at /0/heads/0 does not say of which source and tenant it is"),
    (json.dumps([{**held()[0], "tenant": ["bari"]}]), "the head at /0/heads/0 does not say of which source and tenant it is"),
], ids=lambda one: one[:60])
def test_what_is_wrong_with_a_file_of_heads_is_said_with_its_place(
        text: str, why: str, folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "heads.json"
    file.write_text(text)
    with pytest.raises(SystemExit) as end:
        main(["trail", "verify", "--data", str(folder), "--against", str(file)])
    said = capfd.readouterr().err
    assert (end.value.code, said.startswith(f"percorso: {file}"), why in said) == (1, True, True), said
