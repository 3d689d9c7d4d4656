"""Trails sealed, verified, and tampered with in each way: in a log, in the archive, in a topic. Each is named, with source and position."""
from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import orjson
import pytest

from chassis.database import open_database
from chassis.parts import pack, unpack
from chassis.seals import SealKey, seal_message
from chassis.wire import parted
from percorso.__main__ import main
from percorso.trails.stores import LogStore

Tamper = Callable[[sqlite3.Connection], int]
"""Changes a database; the position that must be named."""


Verify = Callable[..., tuple[int, dict[str, Any]]]


def firsts(said: dict[str, Any]) -> dict[tuple[str, str], tuple[str, int]]:
    """The first fault of each source in each place: what, and the position."""
    return {(one["source"], one["place"]): (one["faults"][0]["what"], one["faults"][0]["position"]) for one in said["results"]
            if one["faults"]}


def test_a_trail_is_whole_in_log_archive_and_topic_and_every_seal_is_kept_by_the_four_others(folder: Path, verify: Verify) -> None:
    code, said = verify("--data", folder)
    assert (code, said["whole"], firsts(said)) == (0, True, {})
    logs = {one["source"]: one for one in said["results"] if one["place"] == "log"}
    assert [(one["seals"], one["seals_held_elsewhere"]) for one in logs.values() if one["source"] == "intake"] == [(3, 12)]
    code, topics = verify("--data", folder, "--from", "topic")
    assert (code, [one["facts"] for one in topics["results"]]) == (0, [one["facts"] for one in logs.values()])
    code, of_one = verify("--data", folder, "--programme", "002", "--against", folder / "heads.json", "--against", "seals")
    assert (code, of_one["whole"]) == (0, True)
    assert of_one["without_the_programme"] == ["assessment", "placement", "stipend"]


def test_a_programme_of_which_no_source_has_a_trail_is_not_whole_and_those_that_have_none_are_said(
        folder: Path, verify: Verify, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["trail", "verify", "--data", str(folder), "--programme", "999"])
    assert (end.value.code, capfd.readouterr().err) == (
        1, "percorso: No source has a trail of programme 999: none of it was verified. Is that how it is called?\n")
    with closing(sqlite3.connect(folder / "intake.sqlite")) as db, db:
        removed(db)
    with pytest.raises(SystemExit) as end:
        main(["trail", "verify", "--data", str(folder), "--programme", "002"])
    said = capfd.readouterr().out
    assert (end.value.code, "No trail of this programme: assessment, placement, stipend." in said, "MISSING" in said) == (1, True, True)


def rows(db: sqlite3.Connection) -> list[tuple[int, bytes]]:
    return db.execute("SELECT rowid, state FROM stored_events ORDER BY rowid").fetchall()


def facts(db: sqlite3.Connection) -> dict[int, dict[str, Any]]:
    return {position: orjson.loads(unpack(state).fact) for position, state in rows(db)}


def seal_at(db: sqlite3.Connection, number: int) -> int:
    return next(position for position, fact in facts(db).items() if fact.get("data", {}).get("number") == number
                and fact["type"].endswith("TrailSealed.v1"))


def of_programme(db: sqlite3.Connection) -> list[int]:
    """The positions of the programme's facts that seal 2 covers first."""
    return [position for position, fact in facts(db).items() if "programme" in fact and seal_at(db, 1) < position < seal_at(db, 2)]


def put(db: sqlite3.Connection, position: int, change: Callable[[bytes], bytes]) -> int:
    [state] = db.execute("SELECT state FROM stored_events WHERE rowid = ?", (position,)).fetchone()
    parts = unpack(state)
    db.execute("UPDATE stored_events SET state = ? WHERE rowid = ?", (pack(parts._replace(fact=change(parts.fact))), position))
    return position


def one_byte(db: sqlite3.Connection) -> int:
    return put(db, of_programme(db)[0], lambda fact: fact.replace(b"EEMM_ADI", b"EEMM_ADJ", 1))


def at_home(db: sqlite3.Connection) -> int:
    position = of_programme(db)[0]
    [state] = db.execute("SELECT state FROM stored_events WHERE rowid = ?", (position,)).fetchone()
    parts = unpack(state)
    db.execute("UPDATE stored_events SET state = ? WHERE rowid = ?", (pack(parts._replace(sealed=parts.sealed[:-1] + b"!")), position))
    return position


def two_swapped(db: sqlite3.Connection) -> int:
    """Rows and all: only their order is another."""
    one, two = of_programme(db)[:2]
    for was, now in ((one, -1), (two, one), (-1, two)):
        db.execute("UPDATE stored_events SET rowid = ? WHERE rowid = ?", (now, was))
    return two


def in_no_stream(db: sqlite3.Connection) -> int:
    """Its stream is no text, and ends as that of the seals does."""
    position = of_programme(db)[0]
    db.execute("UPDATE stored_events SET originator_id = CAST(x'ff2f6c6f672f696e74616b65' AS TEXT) WHERE rowid = ?", (position,))
    return position


def removed(db: sqlite3.Connection) -> int:
    position = of_programme(db)[0]
    db.execute("DELETE FROM stored_events WHERE rowid = ?", (position,))
    return position


def tail_cut(db: sqlite3.Connection) -> int:
    """Below the last seal."""
    position = seal_at(db, 3)
    db.execute("DELETE FROM stored_events WHERE rowid >= ?", (position,))
    return position


def inserted(db: sqlite3.Connection) -> int:
    """One of the same form, with a time of between, and what follows moved up."""
    position = of_programme(db)[1]
    stream, version, name, state = db.execute("SELECT * FROM stored_events WHERE rowid = ?", (position,)).fetchone()
    for at, _ in reversed(rows(db)):
        if at >= position:
            db.execute("UPDATE stored_events SET rowid = ? WHERE rowid = ?", (at + 1, at))
    parts = unpack(state)
    fact = orjson.loads(parts.fact)
    before = facts(db)[position - 1]["time"]
    forged = parts.fact.replace(fact["time"].encode(), before[:-1].encode() + b"Z").replace(fact["id"].encode(), b"0" * 36)
    forged = forged.replace(before.encode(), (before[:-2] + chr(ord(before[-2]) + 1) + "Z").encode()) if before[-2] != "9" else forged
    other = stream[:-1] + ("0" if stream[-1] != "0" else "1")
    forged = forged.replace(stream.rpartition("/")[2].encode(), other.rpartition("/")[2].encode())
    db.execute("INSERT INTO stored_events (rowid, originator_id, originator_version, topic, state) VALUES (?, ?, ?, ?, ?)",
               (position, other, version, name, pack(parts._replace(fact=forged))))
    return position


def resealed(db: sqlite3.Connection) -> int:
    """The last seal is another's: whole in itself."""
    def another(stored: bytes) -> bytes:
        fact = orjson.loads(stored)
        key = SealKey(b"another's" + bytes(23))
        fact["data"] |= {"key": key.public}
        fact["data"]["signature"] = key.sign(seal_message("intake", "bari", fact["data"]))
        return orjson.dumps(fact, option=orjson.OPT_SORT_KEYS)

    return put(db, seal_at(db, 3), another)


def signature_broken(db: sqlite3.Connection) -> int:
    position = seal_at(db, 2)
    signature = facts(db)[position]["data"]["signature"]
    return put(db, position, lambda fact: fact.replace(signature.encode(), signature[::-1].encode()))


def seal_left_out(db: sqlite3.Connection) -> int:
    position = seal_at(db, 2)
    db.execute("DELETE FROM stored_events WHERE rowid = ?", (position,))
    return position


def seal_in_another_stream(db: sqlite3.Connection) -> int:
    position = seal_at(db, 2)
    db.execute("UPDATE stored_events SET originator_id = 'bari/log/elsewhere' WHERE rowid = ?", (position,))
    return position


def seal_by_another_name(db: sqlite3.Connection) -> int:
    position = seal_at(db, 3)
    db.execute("UPDATE stored_events SET topic = 'intake.PersonRegistered.v1' WHERE rowid = ?", (position,))
    return position


def trail_removed(db: sqlite3.Connection) -> int:
    gone = [position for position, fact in facts(db).items() if "programme" in fact]
    db.executemany("DELETE FROM stored_events WHERE rowid = ?", [(position,) for position in gone])
    return gone[0]


def source_removed(db: sqlite3.Connection) -> int:
    first = min(facts(db))
    db.execute("DELETE FROM stored_events")
    return first


IN_THE_LOG: list[tuple[Tamper, set[str]]] = [
    (one_byte, {"changed"}), (at_home, {"changed"}), (two_swapped, {"reordered"}), (in_no_stream, {"reordered"}),
    (removed, {"missing"}), (tail_cut, {"cut off"}),
    (inserted, {"inserted"}), (resealed, {"unknown key"}), (signature_broken, {"wrongly signed"}),
    (seal_left_out, {"missing", "seal missing"}), (seal_in_another_stream, {"seal missing", "reordered"}),
    (seal_by_another_name, {"cut off"}), (trail_removed, {"missing"}), (source_removed, {"missing", "cut off"})]


def test_the_seals_of_a_log_are_found_up_to_a_position(folder: Path) -> None:
    database = open_database(f"sqlite:///{folder / 'intake.sqlite'}", service="intake")
    with closing(sqlite3.connect(folder / "intake.sqlite")) as db:
        second, store = seal_at(db, 2), LogStore("intake", database)
    assert [[one.position for one in store.seals(upto)].count(second) for upto in (second - 1, second, store.head())] == [0, 1, 1]
    assert len(list(store.seals(store.head()))) > len(list(store.seals(second)))
    database.close()


@pytest.mark.parametrize(("tamper", "what"), IN_THE_LOG, ids=lambda one: getattr(one, "__name__", ""))
def test_what_is_done_to_a_log_is_named_with_source_and_position(tamper: Tamper, what: set[str], folder: Path, verify: Verify) -> None:
    with closing(sqlite3.connect(folder / "intake.sqlite")) as db, db:
        position = tamper(db)
    code, said = verify("--data", folder)
    found = firsts(said)
    assert code == 1
    assert set(found) == {("intake", "log")}
    assert (found["intake", "log"][0] in what, found["intake", "log"][1]) == (True, position), said["results"][0]["faults"]


def test_what_came_after_the_last_seal_is_held_by_a_head_that_has_left_the_house(folder: Path, verify: Verify) -> None:
    with closing(sqlite3.connect(folder / "intake.sqlite")) as db, db:
        last = max(facts(db))
        db.execute("DELETE FROM stored_events WHERE rowid > ?", (seal_at(db, 3),))
        db.execute("DELETE FROM relay_trail")
    assert verify("--data", folder, "--from", "log", "--against", "seals")[0] == 0
    code, said = verify("--data", folder, "--from", "log", "--against", folder / "heads.json")
    assert (code, firsts(said)["intake", "log"][0]) == (1, "cut off")
    assert firsts(said)["intake", "log"][1] <= last


def archived(db: sqlite3.Connection) -> list[tuple[int, int, bytes]]:
    """(sequence, position, value) of intake's facts of the programme, in order."""
    return db.execute("SELECT seq, position, value FROM archive WHERE source = 'intake' AND programme = '002' ORDER BY position").fetchall()


def value_changed(db: sqlite3.Connection) -> int:
    seq, position, value = archived(db)[2]
    db.execute("UPDATE archive SET value = ? WHERE seq = ?", (value.replace(b"EEMM_ADI", b"EEMM_ADJ", 1), seq))
    return position


def values_swapped(db: sqlite3.Connection) -> int:
    (one, position, first), (two, _, second) = archived(db)[2:4]
    db.execute("UPDATE archive SET value = ? WHERE seq = ?", (second, one))
    db.execute("UPDATE archive SET value = ? WHERE seq = ?", (first, two))
    return position


def record_removed(db: sqlite3.Connection) -> int:
    seq, position, _ = archived(db)[2]
    db.execute("DELETE FROM archive WHERE seq = ?", (seq,))
    return position


def archive_of_a_trail_removed(db: sqlite3.Connection) -> int:
    position = archived(db)[0][1]
    db.execute("DELETE FROM archive WHERE source = 'intake' AND programme = '002'")
    return position


def archive_of_a_source_removed(db: sqlite3.Connection) -> int:
    db.execute("DELETE FROM archive WHERE source = 'intake'")
    return 1


IN_THE_ARCHIVE: list[tuple[Tamper, set[str]]] = [
    (value_changed, {"changed"}), (values_swapped, {"reordered"}), (record_removed, {"missing"}), (archive_of_a_trail_removed, {"missing"}),
    (archive_of_a_source_removed, {"missing", "cut off"})]


@pytest.mark.parametrize(("tamper", "what"), IN_THE_ARCHIVE, ids=lambda one: getattr(one, "__name__", ""))
def test_what_is_done_to_the_archive_is_named(tamper: Tamper, what: set[str], folder: Path, verify: Verify) -> None:
    with closing(sqlite3.connect(folder / "reporting.sqlite")) as db, db:
        position = tamper(db)
    code, said = verify("--data", folder)
    found = firsts(said)
    assert code == 1
    assert set(found) == {("intake", "archive")}
    assert (found["intake", "archive"][0] in what, found["intake", "archive"][1]) == (True, position)


@pytest.mark.parametrize("column", ["number", "hash", "whole"])
def test_what_reporting_has_noted_of_a_trail_and_cannot_be_read_is_named(column: str, folder: Path, verify: Verify) -> None:
    with closing(sqlite3.connect(folder / "reporting.sqlite")) as db, db:
        db.execute(f"UPDATE trail_head SET {column} = 'zz' WHERE source = 'intake'")
    code, said = verify("--data", folder)
    assert (code, firsts(said)) == (1, {("intake", "archive"): ("changed", 0)})


def test_an_archive_that_lacks_what_it_says_to_have_heard_last_is_cut_off_not_behind(folder: Path, verify: Verify) -> None:
    with closing(sqlite3.connect(folder / "reporting.sqlite")) as db, db:
        (number,) = db.execute("SELECT number FROM trail_head WHERE source = 'intake' AND programme = '002'").fetchone()
        db.execute("UPDATE trail_head SET whole = ? WHERE source = 'intake' AND programme = '002'", (number - 2,))
        db.execute("DELETE FROM archive WHERE source = 'intake' AND programme = '002' AND trail_number > ?", (number - 2,))
    code, said = verify("--data", folder)
    assert (code, firsts(said)["intake", "archive"][0]) == (1, "cut off")


def not_heard(db: sqlite3.Connection) -> int:
    """The archive as it was before the last seal was heard, with what it says of itself; where the seal before it lies."""
    sealed = db.execute("SELECT position FROM archive WHERE type = 'intake.TrailSealed.v1' ORDER BY position DESC LIMIT 2").fetchall()
    (last,), (before,) = sealed
    db.execute("DELETE FROM archive WHERE source = 'intake' AND position >= ?", (last,))
    db.execute("UPDATE trail_head SET (number, hash, whole) = (SELECT a.trail_number, json_extract(a.value, '$.trailhash'), a.trail_number "
               "FROM archive a WHERE a.source = 'intake' AND coalesce(a.programme, '') = trail_head.programme ORDER BY a.trail_number DESC "
               "LIMIT 1) WHERE source = 'intake'")
    return before


def test_an_archive_that_has_not_heard_all_that_seals_cover_is_behind_and_says_up_to_where(folder: Path, verify: Verify) -> None:
    with closing(sqlite3.connect(folder / "reporting.sqlite")) as db, db:
        position = not_heard(db)
    code, said = verify("--data", folder)
    [faults] = [one["faults"] for one in said["results"] if one["faults"]]
    assert (code, said["whole"]) == (1, False), "nothing that lacks is ever whole"
    assert {one["what"] for one in faults} == {"behind"}
    assert (faults[0]["place"], faults[0]["position"]) == ("archive", position)
    assert "verify again when it has heard the rest (GET /completeness)" in faults[0]["why"]


def test_a_kept_seal_that_was_changed_is_named(folder: Path, verify: Verify) -> None:
    with closing(sqlite3.connect(folder / "stipend.sqlite")) as db, db:
        db.execute("UPDATE kept_seal SET value = replace(value, 'AUDIT', 'AUDIR') WHERE source = 'intake' AND number = 2")
    code, said = verify("--data", folder, "--from", "log")
    assert code == 1
    assert "stipend" in next(one for one in said["results"] if one["source"] == "intake")["faults"][0]["why"]


def spoken(db: sqlite3.Connection) -> list[tuple[int, int, bytes]]:
    """(seq, position, value) of intake's seals, in order."""
    found = db.execute("SELECT seq, value FROM record JOIN topic USING (topic_id) WHERE name LIKE '%intake%' ORDER BY part, at")
    return [(seq, parted(value)[1].position, value) for seq, value in found if b"TrailSealed" in value]


def record_changed(db: sqlite3.Connection) -> int:
    seq, position, value = spoken(db)[1]
    db.execute("UPDATE record SET value = ? WHERE seq = ?", (value.replace(b"AUDITOR", b"AUDITER"), seq))
    return position


def records_swapped(db: sqlite3.Connection) -> int:
    (one, _, first), (two, position, second) = spoken(db)[:2]
    db.execute("UPDATE record SET value = ? WHERE seq = ?", (second, one))
    db.execute("UPDATE record SET value = ? WHERE seq = ?", (first, two))
    return position


def record_lost(db: sqlite3.Connection) -> int:
    seq, position, _ = spoken(db)[1]
    db.execute("DELETE FROM record WHERE seq = ?", (seq,))
    return position


def topic_cut(db: sqlite3.Connection) -> int:
    seq, position, _ = spoken(db)[2]
    db.execute("DELETE FROM record WHERE topic_id = (SELECT topic_id FROM topic WHERE name LIKE '%intake%') AND seq >= ?", (seq,))
    return position


def topic_emptied(db: sqlite3.Connection) -> int:
    db.execute("DELETE FROM record WHERE topic_id = (SELECT topic_id FROM topic WHERE name LIKE '%intake%')")
    return 1


IN_THE_TOPIC: list[tuple[Tamper, set[str]]] = [
    (record_changed, {"changed", "wrongly signed"}), (records_swapped, {"reordered"}), (record_lost, {"missing", "seal missing"}),
    (topic_cut, {"cut off"}), (topic_emptied, {"missing", "cut off"})]


@pytest.mark.parametrize(("tamper", "what"), IN_THE_TOPIC, ids=lambda one: getattr(one, "__name__", ""))
def test_what_is_done_to_a_topic_is_named(tamper: Tamper, what: set[str], folder: Path, verify: Verify) -> None:
    with closing(sqlite3.connect(folder / "bus.sqlite")) as db, db:
        position = tamper(db)
    code, said = verify("--data", folder, "--from", "topic")
    found = firsts(said)
    assert code == 1
    assert set(found) == {("intake", "topic")}
    assert (found["intake", "topic"][0] in what, found["intake", "topic"][1]) == (True, position)


def test_a_key_that_is_trusted_is_said_and_any_other_is_unknown(folder: Path, verify: Verify) -> None:
    status = {one["service"]: one["seal"] for one in json.loads((folder / "heads.json").read_text())}
    keys = [option for one in status.values() if one for option in ("--key", one["fingerprint"])]
    assert verify("--data", folder, "--from", "log", *keys)[0] == 0
    code, said = verify("--data", folder, "--from", "log", "--key", status["stipend"]["fingerprint"] if status["stipend"] else "0" * 16)
    assert (code, firsts(said)["intake", "log"][0]) == (1, "unknown key")

