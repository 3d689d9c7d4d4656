"""What a log says of itself: seals."""
from dataclasses import replace
from pathlib import Path

from desk import ACTOR, DESK, OPEN, call, opening
from spine import declared, ear, file_url, until

from chassis import saved
from chassis.bus_local import LocalBus
from chassis.relay import Relay
from chassis.service import build, migrate
from chassis.settings import Settings
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


async def test_a_service_seals_on_the_day_it_starts_as_soon_as_something_was_spoken(tmp_path: Path) -> None:
    settings = Settings(service="desk", database_url=file_url(tmp_path, "desk"), bus=f"local://{tmp_path}/bus.sqlite",
                        issuer_key_file=tmp_path / "issuer.pem", master_key=bytes(32), actor_key=bytes(32))
    LocalBus(str(tmp_path / "bus.sqlite")).create(topic_of("desk"))
    migrate(DESK, settings)
    service = build(DESK, settings)
    await service.start("relay")
    try:
        await service.executor.carry_out(OPEN, opening(), ACTOR, call())
        await until(lambda: [entry.name for entry in service.log.read(0, 10)] == ["desk.TicketOpened.v1", "desk.TrailSealed.v1"])
    finally:
        await service.stop()
