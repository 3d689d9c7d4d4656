"""What a log says of itself: seals."""
from dataclasses import replace
from pathlib import Path

from desk import ACTOR, OPEN, call, opening
from spine import declared, ear, file_url

from chassis import saved
from chassis.bus_local import LocalBus
from chassis.relay import Relay
from chassis.topics import topic_of
from chassis.trail import Sealer


async def test_a_seal_names_all_heads_of_its_tenant_and_the_seal_before_and_none_is_made_of_seals_alone(tmp_path: Path) -> None:
    bus = LocalBus(str(tmp_path / "bus.sqlite"))
    bus.create(topic_of("desk"))
    with ear(file_url(tmp_path, "desk"), declared("desk", hears=())) as desk:
        relay = Relay("desk", desk.executor.log, bus, desk.executor.halt)
        sealer = Sealer(desk.executor, lambda: saved.look(desk.database))
        for tenant in ("bari", "bari", "lecce"):
            await desk.executor.carry_out(OPEN, opening(), replace(ACTOR, tenant=tenant), call())
        await relay.once()
        heads = {tenant: head for (tenant, _), head in saved.look(desk.database).trails.items()}
        await sealer.catch_up()
        await sealer.seal_all()
        await relay.once()
        await sealer.seal_all()
        seals = [desk.executor.codec.read(e.name, e.parts) for e in desk.executor.log.read(3, 100)]
        assert [(s.position, s.previous, [(h.number, h.head) for h in s.heads]) for s in seals] == [
            (3, None, [(2, heads["bari"][1].hex())]), (3, None, [(1, heads["lecce"][1].hex())])]
        await desk.executor.carry_out(OPEN, opening(), ACTOR, call())
        await relay.once()
        await sealer.seal_all()
        [third] = [desk.executor.codec.read(e.name, e.parts) for e in desk.executor.log.read(6, 100)]
        assert (third.previous, third.heads[0].number) == (seals[0].seal_id, 4)
        await relay.stop()
    await bus.stop()
