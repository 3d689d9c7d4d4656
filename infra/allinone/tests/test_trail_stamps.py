"""The time stamps of seals, verified with the trails: each is of its seal, and of an authority that is trusted where one is named."""
from __future__ import annotations

import asyncio
import base64
import json
import shutil
import sqlite3
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import orjson
import pytest
from spine.tsa import Tsa, served

from chassis.parts import pack, unpack
from chassis.seals import hash_of
from chassis.service import build
from chassis.timestamps import Authority
from chassis.trail import say, timestamped
from percorso.__main__ import main
from percorso.connect import embedded
from percorso.data import Data, open_data
from percorso.host import declared, settings_of
from percorso.scenario.player import Player
from percorso.trails.asking import each_service

SCENARIO = f"""scenario: A programme
tenant: bari
actors:
  reporter: {{role: REPORTING_OFFICER, org: COMUNE_BARI}}
steps:
  - {{on: 2024-07-01, as: reporter, apply: {Path(__file__).parents[3] / "infra/programmes/002.yaml"}}}
"""
STAMP = "reporting.SealTimestamped.v1"
Verify = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture(scope="module")
def tsa(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Tsa, str]]:
    with served(tmp_path_factory.mktemp("tsa")) as made:
        yield made


@pytest.fixture(scope="module")
def stamped(tmp_path_factory: pytest.TempPathFactory, tsa: tuple[Tsa, str]) -> Path:
    """A data folder in which reporting's one seal was stamped, and all of it spoken, heard and archived."""
    data = open_data(tmp_path_factory.mktemp("stamped"))
    asyncio.run(_sealed(data))
    asyncio.run(_stamp(data, Authority(tsa[1])))
    asyncio.run(_spoken(data))
    return data.folder


async def _sealed(data: Data) -> None:
    file = data.folder / "programme.yaml"
    file.write_text(SCENARIO)
    async with embedded(data) as suite:
        await Player(suite, file, uuid.uuid4()).run()
        await each_service(suite, "sealTrails", suite.headers("AUDITOR", "AUTORITA_DI_AUDIT", "test", "bari"))


async def _stamp(data: Data, authority: Authority) -> None:
    here = build(declared("reporting"), settings_of(data, "reporting", 0, "scenario"))
    seal = here.sealer.own.newest("bari")
    assert seal is not None
    token = await asyncio.to_thread(authority.stamp, hash_of(seal.stored))
    await say(here.executor, timestamped, "bari", "stamp", seal_id=seal.data["seal_id"], digest=seal.hash, token=token,
              authority=authority.name)
    await here.stop()


async def _spoken(data: Data) -> None:
    async with embedded(data) as suite:
        headers = suite.headers("RP", "COMUNE", "test", "bari")
        await suite.set_clock("2024-07-02T00:00:00Z", headers)
        await suite.status(headers, rest=30)


@pytest.fixture
def folder(stamped: Path, tmp_path: Path) -> Path:
    """A copy, to be tampered with."""
    return Path(shutil.copytree(stamped, tmp_path / "data"))


@pytest.fixture
def verify(folder: Path, capfd: pytest.CaptureFixture[str]) -> Verify:
    def run(*arguments: object) -> tuple[int, dict[str, Any]]:
        try:
            main(["trail", "verify", "--json", "--data", str(folder), *map(str, arguments)])
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 0
        return code, json.loads(capfd.readouterr().out)

    return run


def of_reporting(said: dict[str, Any]) -> dict[str, tuple[int, bool, list[tuple[str, int]]]]:
    """By place: how many time stamps, whether the authority was checked, what is at fault where."""
    return {one["place"]: (one["time_stamps"], one["authority_checked"], [(fault["what"], fault["position"]) for fault in one["faults"]])
            for one in said["results"] if one["source"] == "reporting"}


@pytest.mark.parametrize("place", ["log", "archive", "topic"])
def test_a_time_stamp_holds_and_whose_it_is_is_checked_where_an_authority_is_named(
        place: str, verify: Verify, tsa: tuple[Tsa, str]) -> None:
    code, said = verify("--from", place)
    assert (code, of_reporting(said)) == (0, {place: (1, False, [])})
    code, said = verify("--from", place, "--tsa-ca", tsa[0].ca)
    assert (code, of_reporting(said)) == (0, {place: (1, True, [])})


def test_that_whose_stamp_it_is_was_not_checked_is_said(folder: Path, tsa: tuple[Tsa, str], capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["trail", "verify", "--from", "log", "--data", str(folder)])
    assert "1 time stamp (whose it is was not checked: say --tsa-ca FILE)" in capfd.readouterr().out
    with pytest.raises(SystemExit):
        main(["trail", "verify", "--from", "log", "--data", str(folder), "--tsa-ca", str(tsa[0].ca)])
    assert "1 time stamp, key" in capfd.readouterr().out


def test_an_authority_that_is_not_the_one_named_is_a_fault(folder: Path, verify: Verify, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    code, said = verify("--tsa-ca", Tsa(tmp_path / "other").ca)
    place = position_of(folder)
    assert code == 1
    assert of_reporting(said) == {"log": (1, True, [("wrongly signed", place)]), "archive": (1, True, [("wrongly signed", place)])}


@pytest.mark.parametrize("bytes_", [b"", b"nothing", None])
def test_what_is_no_file_of_certificates_is_said(bytes_: bytes | None, folder: Path, tmp_path: Path,
                                                 capfd: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "ca.pem"
    if bytes_ is not None:
        file.write_bytes(bytes_)
    with pytest.raises(SystemExit) as end:
        main(["trail", "verify", "--data", str(folder), "--tsa-ca", str(file)])
    assert (end.value.code, f"{file} holds no certificates" in capfd.readouterr().err) == (1, True)


def position_of(folder: Path) -> int:
    with closing(sqlite3.connect(folder / "reporting.sqlite")) as db:
        return int(db.execute("SELECT rowid FROM stored_events WHERE topic = ?", (STAMP,)).fetchone()[0])


def tampered(folder: Path, change: Callable[[dict[str, Any]], Any]) -> None:
    """The stamp's fact in the log says something else. Its trail is behind the last seal: nothing but the token can tell."""
    with closing(sqlite3.connect(folder / "reporting.sqlite")) as db, db:
        [state] = db.execute("SELECT state FROM stored_events WHERE topic = ?", (STAMP,)).fetchone()
        parts = unpack(state)
        fact = orjson.loads(parts.fact)
        change(fact["data"])
        db.execute("UPDATE stored_events SET state = ? WHERE topic = ?",
                   (pack(parts._replace(fact=orjson.dumps(fact, option=orjson.OPT_SORT_KEYS))), STAMP))
        db.execute("DELETE FROM relay_trail")


def of_another(url: str) -> Callable[[dict[str, Any]], Any]:
    return lambda said: said.update(token=Authority(url).stamp("ab" * 32))


def one_byte(said: dict[str, Any]) -> None:
    token = bytearray(base64.b64decode(said["token"]))
    token[-1] ^= 1
    said["token"] = base64.b64encode(token).decode()


TAMPERS: list[tuple[str, Callable[[str], Callable[[dict[str, Any]], Any]], bool]] = [
    ("a token of other bytes", of_another, False), ("no token", lambda url: lambda said: said.update(token="?"), False),
    ("another digest", lambda url: lambda said: said.update(digest="ab" * 32), False),
    ("a seal that is not", lambda url: lambda said: said.update(seal_id=str(uuid.uuid4())), False),
    ("one byte of the signature", lambda url: one_byte, True)]


@pytest.mark.parametrize(("tamper", "needs_authority"), [one[1:] for one in TAMPERS], ids=[one[0] for one in TAMPERS])
def test_a_stamp_that_is_not_of_its_seal_is_wrongly_signed(
        tamper: Callable[[str], Callable[[dict[str, Any]], Any]], needs_authority: bool, folder: Path, verify: Verify,
        tsa: tuple[Tsa, str]) -> None:
    tampered(folder, tamper(tsa[1]))
    more = ("--tsa-ca", tsa[0].ca) if needs_authority else ()
    code, said = verify("--from", "log", "--against", "seals", *more)
    assert (code, of_reporting(said)) == (1, {"log": (1, needs_authority, [("wrongly signed", position_of(folder))])})


def test_a_stamp_that_holds_nothing_is_named(folder: Path, verify: Verify) -> None:
    tampered(folder, lambda said: said.pop("token"))
    code, said = verify("--from", "log", "--against", "seals")
    assert (code, of_reporting(said)) == (1, {"log": (1, False, [("changed", position_of(folder))])})
