"""What must hold after a history, and at some places within it."""
from __future__ import annotations

import asyncio
from pathlib import Path

from scenarios.erasing import keys, readable

from chassis.database import open_database
from histories import ledger
from histories.people import PROGRAMME
from histories.world import World
from percorso.evidence import export
from percorso.suite import SERVICES
from percorso.trails.asking import each_service
from percorso.trails.here import Here, Reached, verified
from percorso.trails.topic import TopicStore
from percorso.trails.verify import Asked, verify_topic
from reporting.rebuild import Rebuilds


async def all_hold(world: World, folder: Path | None) -> None:
    """`folder`: where an evidence bundle is put, if one is to be taken."""
    await world.bus.let_go()
    status = await world.rest()
    assert not (parked := {name: one["parked"] for name, one in status.items() if one["parked"]}), f"parked: {parked}"
    await seal(world)
    await world.rest()
    await parity(world)
    await trails(world)
    await ledger.adds_up(world)
    await explained(world)
    await asyncio.to_thread(forgotten, world)
    if folder is not None:
        await export(world.suite, {"programme_id": PROGRAMME}, world.auditor, folder / "bundle.tar")


async def seal(world: World) -> None:
    for said in await each_service(world.suite, "sealTrails", world.auditor):
        assert "seal_id" in said or said["code"] == "NOTHING_TO_SEAL", said


async def parity(world: World) -> None:
    report = await asyncio.to_thread(Rebuilds(world.services["reporting"].database).parity)
    assert report.equal, f"the views differ from a rebuild to the side: {[one.said() for one in report.differences]}"


async def trails(world: World) -> None:
    """Of five logs, five topics and the archive, against the seals and heads that others hold. While something is held back, the archive
    may be behind, and says so."""
    here = Here({name: Reached(service.settings, service.database) for name, service in world.services.items()})
    asked = Asked(kept=here.kept(), heads=here.archived(), witnesses=here.witnesses)
    results = await asyncio.to_thread(lambda: list(verified(here, asked, ("log", "archive"))))
    results += [await verify_topic(TopicStore(source, world.bus), asked) for source in SERVICES]
    faults = [f"{one.source}, {one.place}: {fault.sentence()}" for one in results for fault in one.faults
              if not (world.held and fault.what == "behind")]
    assert not faults, faults


async def explained(world: World) -> None:
    """Each line of the ledger and each indicator is what its facts come to; so are the totals."""
    said = await world.read("reporting", "programmeLedger", programme_id=PROGRAMME, limit=1000)
    assert not said.get("next")
    sums: dict[str, dict[str, int]] = {}
    for line in said["items"]:
        found = await world.read("reporting", "explainLine", line=line.get("order_id") or line["accrual_id"])
        unlike = [one for one in (*found["amounts"], *found["figures"]) if not one["equal"]]
        assert not unlike, f"line {line} is not what explains it: {unlike}"
        for figure in found["figures"]:
            sums.setdefault(figure["kind"], {})[str(figure.get("of") or figure["about"])] = figure["value"]
    come_to = {kind: sum(figures.values()) for kind, figures in sums.items()}
    totals = {"accrued_cents": come_to.get("accrued_cents", 0) + come_to.get("adjusted_cents", 0),
              "ordered_cents": come_to.get("ordered_cents", 0),
              "paid_cents": come_to.get("paid_cents", 0) - come_to.get("returned_cents", 0)}
    assert {name: said["totals"][name] for name in totals} == totals, "the totals are the sum of what is explained"
    for row in (await world.read("reporting", "indicators", programme_id=PROGRAMME))["items"]:
        found = await world.read("reporting", "explainIndicator", programme_id=PROGRAMME, code=row["code"])
        assert found["equal"], found


def forgotten(world: World) -> None:
    """Nothing sealed of an erased person can be read in any store, no key of theirs is there. Intake has sealed something of everybody."""
    gone = {one.subject for one in world.people if one.number in world.erased}
    cases = {one.case for one in world.people if one.number in world.erased}
    for service in SERVICES:
        url = world.data.database_url(service)
        can, cannot = readable(service, open_database(url, service=service), world.data.master_key, gone, cases)
        assert not can, f"{service} still reads {sorted(can)} of those who were erased"
        if service == "intake" or not gone:
            assert bool(cannot) == bool(gone), f"{service}: {len(cannot)} sealed of {len(gone)} erased"
        for subject in gone:
            assert keys(open_database(url, service=service), subject) == 0, f"{service} has keys of {subject}"


