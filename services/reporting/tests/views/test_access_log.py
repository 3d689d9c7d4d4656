"""Who read what: a stream of its own. However often a case is read, its facts, its views and its programme's trail stay as they were."""
from __future__ import annotations

from typing import Any

import pytest
from case_told import CASE
from views_seen import Reader, keys, rows

from chassis.errors import StoreAway

OTHER = "00000000-0000-4000-8000-0000000000c2"


async def readings(desk: Reader, **query: Any) -> list[Any]:
    """All pages put together."""
    found, cursor = [], {}
    while True:
        page = await desk.reads("/access-log", role="DPO", limit=2, **query, **cursor)
        found += page["items"]
        if "next" not in page:
            return found
        cursor = {"cursor": page["next"]}


async def test_five_readings_are_five_lines_of_the_log_and_leave_all_else_as_it_was(reader: Reader) -> None:
    database = reader.service.database
    trail = await reader.reads("/programmes/002/facts")
    before = rows(database), keys(database), counted(database)
    for _ in range(5):
        history = await reader.reads(f"/cases/{CASE}/history")
        await reader.reads("/caseload", case_id=CASE)
        await reader.reads("/agenda", case_id=CASE)
    assert (rows(database), keys(database), counted(database)) == before
    assert await reader.reads("/programmes/002/facts") == trail
    assert history["facts"] == len([line for line in history["items"] if not line["cited"]])
    assert len(await readings(reader, case_id=CASE)) == 5


async def test_a_history_whose_reading_cannot_be_put_on_record_is_not_shown(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any) -> None:
        raise StoreAway("away")

    monkeypatch.setattr("reporting.access.keep", away)
    for path in (f"/cases/{CASE}/history", f"/cases/{CASE}/diff", f"/cases/{OTHER}/history"):
        answer = await reader.asks(path)
        assert (answer.status_code, "items" in answer.json()) == (503, False)


def counted(database: Any) -> dict[str, int]:
    """Of each table that holds facts, how many rows it has."""
    with database.reading() as tx:
        return {table: tx.execute(f"SELECT count(*) AS many FROM {table}")[0]["many"]
                for table in ("stored_events", "archive", "archive_about", "trail_head")}


async def test_readings_are_found_by_case_reader_and_period(reader: Reader) -> None:
    for role in ("CASE_MANAGER", "AUDITOR", "CASE_MANAGER"):
        await reader.asks(f"/cases/{CASE}/history", role=role)
    await reader.asks(f"/cases/{OTHER}/history", role="AUDITOR")
    whole = await readings(reader)
    assert [(one["role"], one["case_id"]) for one in whole] == [
        ("CASE_MANAGER", CASE), ("AUDITOR", CASE), ("CASE_MANAGER", CASE), ("AUDITOR", OTHER)]
    manager, first, third = whole[0]["reader"], whole[0]["read_at"], whole[2]["read_at"]
    assert await readings(reader, reader=manager) == [whole[0], whole[2]]
    assert await readings(reader, reader=manager, case_id=OTHER) == []
    assert await readings(reader, case_id=OTHER) == whole[3:]
    assert await readings(reader, read_from=first, read_until=third) == whole[:3]
    assert await readings(reader, read_from=third) == whole[2:]
    backwards = await reader.asks("/access-log", role="DPO", read_from=third, read_until=first)
    assert (backwards.status_code, backwards.json()["code"]) == (422, "PERIOD_INVALID")
    assert (await reader.asks("/access-log", role="RP")).status_code == 403
