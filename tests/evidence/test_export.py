"""The export itself: the same on PostgreSQL as on SQLite; a trail with a hole ends before it; nothing of another tenant."""
from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from chassis.database import Database, open_database
from chassis.schema import migrate
from evidence.bundles import Files, heads, lines, read
from evidence.conftest import FORGED, Proof
from reporting import generations
from reporting.archive import Archive
from reporting.bundle.basis import basis_of
from reporting.bundle.export import Export
from reporting.projector import Projector
from reporting.service import TABLES
from reporting.verifier.whole import verify


@dataclass(frozen=True)
class Said:
    value: bytes


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    made = open_database("sqlite://" if request.param == "sqlite" else request.getfixturevalue("postgres_url"), service="reporting")
    migrate(made, TABLES)
    yield made
    made.close()


def heard(database: Database, values: Sequence[bytes]) -> None:
    projector = Projector(database, Archive(lambda: datetime(2026, 1, 1, tzinfo=UTC)))
    with database.locked() as tx:
        projector.archive(tx, [Said(value) for value in values])
    projector.catch_up()


def spoken(files: Files) -> list[bytes]:
    return [line for name in files if name.startswith("trails/") for line in lines(files, name) if not line.startswith(b'{"digest":')]


def exported(database: Database, folder: Path, tenant: str = "bari", period: tuple[str, str] = ("", "")) -> Path:
    basis = basis_of(database, tenant, "002")
    assert basis is not None
    file = folder / "exported.tar"
    with file.open("wb") as out:
        out.writelines(Export(database, (tenant, "002"), period, "2026-01-01T00:00:00.000000Z", basis).stream())
    return file


def test_the_same_facts_make_the_same_bundle_again(files: Files, database: Database, tmp_path: Path) -> None:
    heard(database, spoken(files))
    made = exported(database, tmp_path)
    assert verify(str(made))[1].endswith(" as they were spoken, 0 by their digests")
    again = read(made)
    for name in ("figures/totals.jsonl", "verify.py", "contracts/envelope.json", *(name for name in files if "/own-" in name)):
        assert again[name] == files[name], name
    assert sorted(lines(again, "figures/000001.jsonl")) == sorted(lines(files, "figures/000001.jsonl"))


def test_a_trail_with_a_hole_is_exported_up_to_it(files: Files, database: Database, tmp_path: Path) -> None:
    facts = spoken(files)
    of = [line for line in facts if b'"source":"intake"' in line and b'"programme":"002","rest"' in line]
    heard(database, [line for line in facts if line != of[9]])
    again = read(exported(database, tmp_path))
    assert next(head["number"] for head in heads(again) if head["source"] == "intake" and head.get("programme")) == 9
    assert verify(str(tmp_path / "exported.tar"))


@pytest.mark.parametrize("what", FORGED)
def test_an_export_is_not_put_on_record_with_a_head_that_is_not_the_archive_s(proof: Proof, what: str) -> None:
    assert "has no such head of the programme" in proof.forged[what], proof.forged[what]


def test_another_tenant_has_no_such_programme(files: Files, database: Database) -> None:
    heard(database, spoken(files))
    assert basis_of(database, "venezia", "002") is None


def test_what_is_shown_and_its_facts_do_not_come_to_is_exported_as_it_is_shown_and_found(files: Files, database: Database,
                                                                                        tmp_path: Path) -> None:
    heard(database, spoken(files))
    with database.transaction() as tx:
        table = generations.rows_of(generations.served(tx)["payment_ledger"])
        row, = tx.execute(f"SELECT part, line FROM {table} WHERE view = 'payment_ledger' AND line LIKE %s", ("%002-A4-1%",))
        line = json.loads(row["line"])
        tx.execute(f"UPDATE {table} SET line = %s WHERE view = 'payment_ledger' AND part = %s",
                   (json.dumps({**line, "paid_cents": 99999}), bytes(row["part"])))
    with pytest.raises(Exception, match="figure not explained"):
        verify(str(exported(database, tmp_path)))
