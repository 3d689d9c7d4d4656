"""Where histories begin: sixteen people at different places of the same story, played once, then copied."""
from __future__ import annotations

import shutil
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path

import yaml

from chassis.clock import ROME
from histories.people import ACTORS, PROGRAMME, Person, made
from histories.story import Step, story
from histories.world import Sent, World
from percorso.data import open_data
from percorso.programmes import apply

AUTUMN, WINTER, BEGIN = date(2024, 10, 7), date(2024, 12, 2), date(2025, 1, 2)
STANDS: Sequence[tuple[date, str, int]] = (
    (WINTER, "assessment.conveneTeam", 0), (WINTER, "placement.planInternship", 0), (WINTER, "placement.startInternship", 0),
    (WINTER, "placement.recordAttendance", 0), (WINTER, "placement.recordAttendance", 5), (AUTUMN, "placement.recordAttendance", 7),
    (AUTUMN, "placement.validatePeriod", 0), (AUTUMN, "stipend.approveStipend", 1), (AUTUMN, "stipend.issuePaymentOrder", 0),
    (AUTUMN, "stipend.transmitPaymentBatch", 0), (AUTUMN, "stipend.confirmExecution", 1), (AUTUMN, "placement.completeInternship", 0),
    (AUTUMN, "placement.completeInternship", 0), (AUTUMN, "intake.closeCase", 0), (AUTUMN, "", 0), (AUTUMN, "", 0))
"""When each internship begins, and the step before which its story stands: the nth of that operation; none: it is told."""
COMMITMENT = made("commitment")
S02 = Path(__file__).parents[1] / "scenarios" / "programmes" / "s02.yaml"
PARAMETERS = {"retention_years": 0, "backdate_limit_days": 1500}
"""A person may be erased in the year after; and what is late may be very late."""


@dataclass(frozen=True)
class Beginning:
    """The files of a suite that has stopped, and its people as they stand."""

    folder: Path
    people: Sequence[Person]
    now: datetime
    sent: Sequence[Sent]
    closed: frozenset[int]

    def copied(self, folder: Path) -> World:
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        return World(open_data(folder), deepcopy(list(self.people)), self.now, list(self.sent), closed=set(self.closed))


async def begun(folder: Path) -> Beginning:
    """Play every story up to where it stands, day by day, side by side."""
    world = World(open_data(folder), [Person(n, start) for n, (start, _, _) in enumerate(STANDS)],
                  datetime.combine(date(2024, 9, 2), time(9), ROME))
    await world.start()
    try:
        await _prepared(world)
        stands = [_stands(person) for person in world.people]
        while ahead := sorted((one.start, one.at, one.number) for one in world.people if one.at < stands[one.number]):
            await _side_by_side(world, [world.people[number] for start, at, number in ahead if (start, at) == ahead[0][:2]])
        await world.on(BEGIN)
    finally:
        await world.stop()
    return Beginning(folder, world.people, world.now, world.sent, frozenset(world.closed))


async def _prepared(world: World) -> None:
    said = yaml.safe_load(S02.read_text("utf-8"))
    said["config"]["parameters"] |= PARAMETERS
    said["config"]["policies"][1]["tutors"] = {"host_max": len(STANDS)}
    file = world.data.folder / "programme.yaml"
    file.write_text(yaml.safe_dump(said, allow_unicode=True), "utf-8")
    await world.on(world.today)
    await apply(file, world.suite.urls["reporting"], world.headers("reporter"), world.suite.http)
    await world.rest()
    for actor in ACTORS:
        me = await world.suite.ask("GET", f"{world.suite.urls['intake']}/me", headers=world.headers(actor))
        for person in world.people:
            person.operators = {**person.operators, actor: me.json()["operator_id"]}
    await world.sends(world.people[0], Step(world.today, "officer", "stipend.registerCommitment", {
        "commitment_id": COMMITMENT, "programme_id": PROGRAMME, "act_no": "SYN-DET-9", "amount_cents": 100_000 * len(STANDS),
        "binding": True}))
    await world.rest()


async def _side_by_side(world: World, people: Sequence[Person]) -> None:
    for person in people:
        sent = await world.onward(person, COMMITMENT)
        assert sent is not None
        assert sent.status < 300, f"{sent.operation} of {person.number}: {sent.said}"
    await world.rest()


def _stands(person: Person) -> int:
    _, operation, nth = STANDS[person.number]
    steps = story(person, COMMITMENT)
    return [n for n, step in enumerate(steps) if step.operation == operation][nth] if operation else len(steps)
