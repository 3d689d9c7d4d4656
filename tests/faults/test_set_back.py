"""Databases set back to an older backup: a listener's ends equal; a source's is noticed, refused, and readmitted."""
import asyncio
from pathlib import Path
from typing import Any
from uuid import uuid4

from desk import ACTOR, OPEN, call, opening, utc_now
from desk.backup import copied, set_back
from servers import Server
from spine import Ear, declared, ear, until
from spine.place import Place
from spine.served import Deployed, Served

from chassis.admin import KafkaAdmin
from chassis.consume import Consume
from chassis.relay import Relay
from chassis.topics import Wanted, topic_of

CONFIG: dict[str, Any] = {"sources": [], "eligibility": {"rule_version": "1"}, "teams": [], "plan_signatures": [], "policies": [],
                          "catalogue": {"version": "1", "indicators": []}}
SERVICES = ("intake", "assessment", "placement", "stipend", "reporting")


async def spoken(desk: Ear, place: Place, number: int) -> None:
    await asyncio.gather(*(desk.executor.carry_out(OPEN, opening(), ACTOR, call()) for _ in range(number)))
    relay = Relay(place.source, desk.executor.log, place.bus, desk.executor.halt)
    while await relay.once():
        pass
    await relay.stop()


async def heard(place: Place, desk: Ear) -> None:
    """The listener hears until it has all that is stored, and that is what it has."""
    with ear(place.listener, declared("ear", hears=(f"{place.source}.TicketOpened.v1",)), utc_now) as one:
        consume = Consume(f"ear{uuid4().hex[:8]}", one.hearing, one.reactions, place.bus)
        await consume.start()
        told = [entry.parts.fact for entry in desk.executor.log.read(0, 1000)]
        await until(lambda: len(one.all()) >= len(told))
        await consume.stop()
        assert ([row[3] for row in one.all()], one.hearing.stopped) == (told, {})


async def test_a_listeners_database_set_back_to_an_older_backup_ends_equal(real: Place) -> None:
    with ear(real.desk, declared(real.source, hears=()), utc_now) as desk:
        await spoken(desk, real, 60)
        await heard(real, desk)
        with copied(real.listener) as backup:
            await spoken(desk, real, 60)
            await heard(real, desk)
            set_back(real.listener, backup)
            await spoken(desk, real, 10)
            await heard(real, desk)


def activates(here: Served, programme: str) -> int:
    return here.posts(f"/programmes/{programme}/activation", "PARTNER_ADMIN", title="Bari", fund="PN", config_version=1,
                      config=CONFIG).status_code


def spoken_of(admin: KafkaAdmin, service: str) -> int:
    """How many records its topic has."""
    return sum(end - first for first, end in admin.bounds(topic_of(service)).values())


async def activated(service: Deployed, part: str, *programmes: str) -> None:
    with service.running(part) as here:
        await until(here.ready, 60)
        assert [activates(here, programme) for programme in programmes] == [201] * len(programmes)
        if part == "serve":
            await until(here.settled, 60)


async def test_a_services_store_set_back_with_new_commands_since_is_refused_until_it_is_readmitted(
        own_kafka: Server, postgres_url: str, tmp_path: Path) -> None:
    admin = KafkaAdmin([own_kafka.address])
    await asyncio.to_thread(admin.apply, [Wanted(topic_of(name)) for name in SERVICES])
    service = Deployed("reporting", postgres_url, f"kafka://{own_kafka.address}", tmp_path)
    assert service.migrating().wait() == 0
    await activated(service, "serve", "001", "002")
    with copied(postgres_url) as backup:
        before = spoken_of(admin, "reporting")
        await activated(service, "serve", "003", "004")
        lost = spoken_of(admin, "reporting") - before  # two activations, and a seal if the day's was due
        set_back(postgres_url, backup)
    admin.close()
    await activated(service, "api", "005")
    with service.running() as here:
        await until(here.refuses, 60)
        refused = here.posts("/programmes/006/activation", "PARTNER_ADMIN", title="B", fund="PN", config_version=1, config=CONFIG)
        assert (refused.status_code, refused.json()["code"], refused.headers["retry-after"]) == (503, "HALTED", "60")
        assert "is not the one that the log holds" in refused.json()["detail"]
        said = await asyncio.to_thread(service.operator, "store", "readmit", "--service", "reporting")
        assert lost >= 2
        assert f"{lost} facts of the topic that the store lacks" in said
        await until(here.ready, 60)
        assert activates(here, "006") == 201
        await until(here.settled, 60)
        for programme in range(1, 7):
            facts = here.reads(f"/programmes/00{programme}/facts").json()["items"]
            assert [fact["type"] for fact in facts] == ["reporting.ProgrammeActivated.v1"], programme
        open_ = await asyncio.to_thread(service.operator, "store", "foreign", "--service", "reporting")
        keys = [line.split(":")[0] for line in open_.splitlines() if line.endswith(": reporting.ProgrammeActivated.v1")]
        assert len(keys) == 2
        for key in keys:
            await asyncio.to_thread(service.operator, "store", "settle", "--service", "reporting", key)
        left = await asyncio.to_thread(service.operator, "store", "foreign", "--service", "reporting")
        assert left == "Nothing foreign is open.\n"
    for place in ("log", "archive", "topic"):  # two lives of a log, foreign facts, and seals whose numbers go on
        said = await asyncio.to_thread(service.operator, "trail", "verify", "--service", "reporting", "--from", place)
        assert "All is whole" in said
