"""What a log says of itself: signed seals, one after another; and how the others keep them."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from desk import ACTOR, DESK, OPEN, call, opening
from spine import Ear, Source, declared, ear, file_url, until

from chassis import kept, saved
from chassis.bus_local import LocalBus
from chassis.relay import Relay
from chassis.sealing import Sealer
from chassis.seals import SealKey, fingerprint, hash_of, is_endorsed, is_signed, seal_message
from chassis.service import build, migrate
from chassis.settings import Settings
from chassis.topics import topic_of
from chassis.wire import parted

KEY, NEXT = SealKey(b"s" * 32), SealKey(b"t" * 32)
SEAL = "TrailSealed.v1"


def seals(of: Ear, after: int = 0) -> list[dict[str, Any]]:
    """The payloads of the seals after a position, with the hash of each fact's bytes."""
    return [orjson.loads(e.parts.fact)["data"] | {"hash": hash_of(e.parts.fact)} for e in of.executor.log.read(after, 100)
            if e.name == f"desk.{SEAL}"]


async def test_a_seal_names_all_heads_of_its_tenant_and_the_seal_before_and_none_is_made_of_seals_alone(tmp_path: Path) -> None:
    bus = LocalBus(str(tmp_path / "bus.sqlite"))
    bus.create(topic_of("desk"))
    with ear(file_url(tmp_path, "desk"), declared("desk", hears=())) as desk:
        relay = Relay("desk", desk.executor.log, bus, desk.executor.halt)
        sealer = Sealer(desk.executor, lambda: saved.look(desk.database), KEY)
        for tenant in ("bari", "bari", "lecce"):
            await desk.executor.carry_out(OPEN, opening(), replace(ACTOR, tenant=tenant), call())
        await relay.once()
        heads = {tenant: head for (tenant, _), head in saved.look(desk.database).trails.items()}
        await sealer.catch_up()
        await sealer.seal_all()
        await relay.once()
        await sealer.seal_all()
        bari, lecce = seals(desk)
        assert [(s["position"], s["number"], [(h["number"], h["head"]) for h in s["heads"]]) for s in (bari, lecce)] == [
            (3, 1, [(2, heads["bari"][1].hex())]), (3, 1, [(1, heads["lecce"][1].hex())])]
        assert {"previous", "previous_hash"}.isdisjoint({*bari, *lecce})
        await desk.executor.carry_out(OPEN, opening(), ACTOR, call())
        await relay.once()
        await sealer.seal_all()
        [third] = seals(desk, 6)
        assert (third["number"], third["previous"], third["previous_hash"]) == (2, bari["seal_id"], bari["hash"])
        assert third["heads"][0]["number"] == 4
        assert is_signed("desk", "bari", third)
        assert not is_signed("desk", "lecce", third)
        assert not is_signed("desk", "bari", third | {"position": 4})
        await relay.stop()
    await bus.stop()


async def test_what_is_signed_is_fixed_for_ever() -> None:
    seal = {"number": 2, "seal_id": "s-2", "previous": "s-1", "previous_hash": "ab" * 32, "incarnation": 1, "position": 7,
            "heads": [{"number": 3, "head": "cd" * 32}, {"programme": "002", "number": 4, "head": "ef" * 32}]}
    assert seal_message("desk", "bari", seal) == (
        b'["percorso-seal-1","desk","bari",2,"s-2","s-1","' + b"ab" * 32 + b'",1,7,[["",3,"' + b"cd" * 32 + b'"],["002",4,"'
        + b"ef" * 32 + b'"]]]')
    assert len(KEY.public) == 64
    assert repr(KEY) == f"SealKey({fingerprint(KEY.public)})"


async def test_the_first_seal_under_a_new_key_is_vouched_for_by_the_one_before_and_older_seals_hold(tmp_path: Path) -> None:
    bus = LocalBus(str(tmp_path / "bus.sqlite"))
    bus.create(topic_of("desk"))
    with ear(file_url(tmp_path, "desk"), declared("desk", hears=())) as desk:
        relay = Relay("desk", desk.executor.log, bus, desk.executor.halt)

        async def sealed_under(key: SealKey, before: SealKey | None = None) -> None:
            await desk.executor.carry_out(OPEN, opening(), ACTOR, call())
            await relay.once()
            await Sealer(desk.executor, lambda: saved.look(desk.database), key, before).seal_all()
            await relay.once()

        await sealed_under(KEY)
        await sealed_under(NEXT, before=KEY)
        await sealed_under(NEXT, before=KEY)
        await sealed_under(KEY)
        old, new, again, unvouched = seals(desk)
        assert (old["key"], new["key"], is_signed("desk", "bari", old), is_signed("desk", "bari", new)) == (
            KEY.public, NEXT.public, True, True)
        assert is_endorsed("desk", NEXT.public, KEY.public, new["endorsement"])
        assert not is_endorsed("till", NEXT.public, KEY.public, new["endorsement"])
        assert "endorsement" not in {*again, *unvouched}
        await relay.stop()
    await bus.stop()


async def test_numbers_go_on_after_the_seals_of_an_earlier_life_that_the_store_lacks(tmp_path: Path) -> None:
    bus = LocalBus(str(tmp_path / "bus.sqlite"))
    bus.create(topic_of("desk"))
    foreign = replace(Source("desk"), position=40).record(Source("desk").fact(SEAL, number=7, seal_id="s-7", key=KEY.public, heads=[]))
    with ear(file_url(tmp_path, "desk"), declared("desk", hears=())) as desk:
        relay = Relay("desk", desk.executor.log, bus, desk.executor.halt)
        await desk.executor.carry_out(OPEN, opening(), ACTOR, call())
        with desk.database.transaction() as tx:
            tx.execute("INSERT INTO foreign_fact (incarnation, position, part, key, value) VALUES (1, 41, 0, %s, %s)",
                       (b"desk", foreign.value))
        await relay.once()
        await Sealer(desk.executor, lambda: saved.look(desk.database), KEY).seal_all()
        [eighth] = seals(desk)
        assert (eighth["number"], eighth["previous"], eighth["previous_hash"]) == (8, "s-7", hash_of(parted(foreign.value)[0]))
        await relay.stop()
    await bus.stop()


async def test_a_service_seals_on_the_day_it_starts_as_soon_as_something_was_spoken_and_its_key_is_in_no_file(tmp_path: Path) -> None:
    settings = Settings(service="desk", database_url=file_url(tmp_path, "desk"), bus=f"local://{tmp_path}/bus.sqlite",
                        issuer_key_file=tmp_path / "issuer.pem", master_key=bytes(32), actor_key=bytes(32),
                        seal_key=b"a sealing key of 32 bytes, whole")
    LocalBus(str(tmp_path / "bus.sqlite")).create(topic_of("desk"))
    migrate(DESK, settings)
    service = build(DESK, settings)
    await service.start("relay")
    try:
        await service.executor.carry_out(OPEN, opening(), ACTOR, call())
        await until(lambda: [entry.name for entry in service.log.read(0, 10)] == ["desk.TicketOpened.v1", f"desk.{SEAL}"])
    finally:
        await service.stop()
    assert not [file for file in tmp_path.iterdir() if b"a sealing key" in file.read_bytes()]


def told(till: Source, number: int, previous: str = "", **more: Any) -> dict[str, Any]:
    """A seal of a source, as the others hear it."""
    said = {"log_id": "till", "seal_id": f"s-{number}", "incarnation": 1, "position": till.position or 1, "heads": [], "number": number}
    fact = till.fact(SEAL, case="c", **said | more | ({"previous_hash": previous} if previous else {}))
    return {key: value for key, value in fact.items() if key != "case"}


def heard(listener: Ear, till: Source, said: Sequence[dict[str, Any]]) -> list[str]:
    """Take each in; the hashes."""
    records = [till.record(fact) for fact in said]
    for record in records:
        listener.hearing.take([record])
    return [hash_of(parted(record.value)[0]) for record in records]


def test_seals_of_another_service_are_kept_as_they_were_heard_and_a_repeat_changes_nothing(tmp_path: Path) -> None:
    till = Source("till")
    with ear(file_url(tmp_path), declared(hears=(f"till.{SEAL}",))) as listener:
        first = told(till, 1)
        [one] = heard(listener, till, [first])
        heard(listener, till, [told(till, 2, one)])
        listener.hearing.take([Source("till").record(first)])
        rows = kept.page(listener.database, "bari", ("", 0), 10)
        assert (rows[0]["source"], rows[0]["number"], rows[0]["digest"]) == ("till", 1, one)
        assert [orjson.loads(bytes(row["value"]))["data"]["seal_id"] for row in rows] == ["s-1", "s-2"]
        assert kept.page(listener.database, "lecce", ("", 0), 10) == []
        assert listener.hearing.stopped == {}


@pytest.mark.parametrize(("number", "previous", "why"), [
    (2, "another", "does not follow the seal 1 that is kept"), (3, "kept", "one between them was left out"),
    (1, "", "came again as another one")])
def test_a_source_whose_seal_contradicts_what_is_kept_is_heard_no_more(number: int, previous: str, why: str, tmp_path: Path) -> None:
    till = Source("till")
    with ear(file_url(tmp_path), declared(hears=(f"till.{SEAL}",))) as listener:
        [one] = heard(listener, till, [told(till, 1)])
        heard(listener, till, [told(till, number, {"another": "ab" * 32, "kept": one}.get(previous, ""))])
        assert why in listener.hearing.not_heard()["till"]
        assert len(kept.page(listener.database, "bari", ("", 0), 10)) == 1
