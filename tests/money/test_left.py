"""What a commitment has left is the same wherever it is read: stipend decides it, reporting says it from what stipend has spoken."""
from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_OID, uuid4, uuid5

from hypothesis import given, settings
from hypothesis import strategies as st

import reporting.service
import stipend.service
from chassis.database import Database, open_database
from chassis.decide import Actor, Heard, Refused
from chassis.execute import Call
from chassis.schema import migrate
from chassis.service import Service
from chassis.settings import Settings
from chassis.wire import Added, joined
from contracts.policyref import policy_ref
from reporting import shown
from reporting.archive import Archive
from reporting.projector import Projector
from reporting.views.commitments import with_shares
from stipend.adapters.kinds import COMMITMENT
from stipend.domain.accruals import accrue_stipend, adjust_stipend, open_entitlement, project_stipends
from stipend.domain.commitment import register_commitment

TENANT, NOW = "bari", datetime(2025, 6, 1, tzinfo=UTC)
OFFICER = Actor("op-1", "PAYMENT_OFFICER", "comune-bari", TENANT)
POLICY: dict[str, Any] = {"policy_id": "P", "stipend": {"mode": "FLAT_THRESHOLD", "monthly_amount": 60000, "below": "STEP",
                                                        "below_steps": [{"start": "0.50", "end": "0.70", "pay": "0.50"}]}}
MONTHS = [(date(2024, n, 1), date(2024, n + 1, 1) - timedelta(days=1)) for n in (9, 10, 11)]
KEY = b"k" * 32


@dataclass(frozen=True)
class Said:
    value: bytes


def at(number: int) -> str:
    return str(uuid5(NAMESPACE_OID, str(number)))


@dataclass
class Two:
    """Stipend as it decides, and reporting as it hears of it; in between is what was spoken."""

    office: Service
    views: Database
    amount_cents: int
    heard: list[Heard] = field(default_factory=list)
    commitment: str = field(default_factory=lambda: at(0))

    def hear(self, name: str, person: int, **data: Any) -> None:
        self.heard.append(Heard(f"{name}.v1", str(uuid4()), name.partition(".")[0], "x", date(2024, 9, 1), "2024-09-01T08:00:00.000000Z",
                                at(person), "002", at(10 + person), policy_ref(POLICY), data=data))

    async def do(self, decision: Any, **args: Any) -> None:
        """What is refused changes nothing: neither here nor there."""
        executor = self.office.executor
        with suppress(Refused):
            await executor.carry_out(executor.by_decision(decision), args, OFFICER, Call(str(uuid4()), b"", "c"))

    async def begin(self, people: int) -> None:
        self.hear("reporting.ProgrammeActivated", 0, programme_id="002",
                  config={"policies": [POLICY], "parameters": {"backdate_limit_days": 36500}})
        await self.do(register_commitment, commitment_id=self.commitment, programme_id="002", act_no="DD 1", act_date=date(2024, 8, 1),
                      amount_cents=self.amount_cents, binding=True)
        for person in range(people):
            periods = [{"number": n, "starts": str(starts), "ends": str(ends), "hours": "120", "full": "120"}
                       for n, (starts, ends) in enumerate(MONTHS, 1)]
            internship = {"internship_id": at(20 + person)}
            self.hear("placement.InternshipPlanned", person, **internship, start="2024-09-01", weekly_hours="30",
                      planned_hours_by_period=periods)
            self.hear("placement.InternshipStarted", person, **internship)
            await self.do(open_entitlement, entitlement_id=at(30 + person), case_id=at(person), commitment_id=self.commitment, **internship,
                          opened_on=date(2024, 8, 2))

    async def month(self, person: int, number: int, hours: int) -> None:
        """Validated, or corrected where it was; accrued or adjusted."""
        internship, entitlement, accrual = at(20 + person), at(30 + person), at(100 + 10 * person + number)
        starts, ends = MONTHS[number - 1]
        self.hear("placement.AttendancePeriodValidated", person, internship_id=internship, number=number, starts=str(starts),
                  ends=str(ends), planned_full="120", planned_hours="120", recognised_hours=str(hours))
        await self.do(accrue_stipend, entitlement_id=entitlement, accrual_id=accrual, period=number)
        await self.do(adjust_stipend, entitlement_id=entitlement, accrual_id=accrual, reason="REGISTER_CORRECTED")

    async def withdraw(self, person: int, number: int) -> None:
        self.hear("placement.InternshipWithdrawn", person, internship_id=at(20 + person), last_day=str(MONTHS[number - 1][1]))
        await self.do(project_stipends, entitlement_id=at(30 + person))

    def left(self) -> tuple[int, int]:
        """As stipend reads it, and as reporting shows it."""
        projector = Projector(self.views, Archive(lambda: NOW))
        with self.views.locked() as tx:
            projector.archive(tx, [Said(joined(entry.parts.fact, Added(1, entry.position, 0, entry.position, "a" * 64)))
                                   for entry in self.office.log.read(0, 1000)])
        projector.catch_up()
        with self.views.reading() as tx:
            row = shown.one(tx, TENANT, "commitments", self.commitment)
            assert row is not None
            told = with_shares(row, [one.row for one in shown.every(tx, TENANT, "entitlements", within=self.commitment)])
        return self.office.executor.asking(OFFICER).aggregate(COMMITMENT, self.commitment).left_cents, told["left_cents"]


@contextmanager
def two(amount_cents: int) -> Iterator[Two]:
    its = Settings(service="stipend", database_url="sqlite://", bus="local://:memory:", actor_key=KEY, master_key=KEY, jwks="none")
    office, views = stipend.service.build(its), open_database("sqlite://", service="reporting")
    migrate(office.database, stipend.service.DECLARED.tables)
    migrate(views, reporting.service.TABLES)
    found = Two(office, views, amount_cents)
    office.executor.heard_about = lambda tenant, about: [
        f for f in found.heard if about in (f.case, f.subject, f.aggregate, *(v for n, v in f.data.items() if n.endswith("_id")))]
    try:
        yield found
    finally:
        office.executor.close()
        office.database.close()
        views.close()


async def test_after_a_withdrawal_in_the_first_of_three_months_two_are_left() -> None:
    with two(180000) as both:
        await both.begin(1)
        assert both.left() == (0, 0)
        await both.month(0, 1, 120)
        await both.withdraw(0, 1)
        assert both.left() == (120000, 120000)


async def test_a_period_that_is_not_due_and_its_correction_are_told() -> None:
    with two(180000) as both:
        await both.begin(1)
        await both.month(0, 1, 30)
        assert both.left() == (60000, 60000)
        await both.month(0, 1, 72)
        assert both.left() == (30000, 30000)
        await both.month(0, 1, 20)
        assert both.left() == (60000, 60000)


STEPS = st.lists(st.one_of(
    st.tuples(st.just("month"), st.integers(0, 2), st.integers(1, 3), st.sampled_from((0, 59, 60, 83, 84, 120))),
    st.tuples(st.just("withdraw"), st.integers(0, 2), st.integers(1, 3))), max_size=12)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from((180000, 360000, 420000, 600000)), STEPS)
async def test_whatever_is_decided_both_say_the_same(amount_cents: int, steps: list[Any]) -> None:
    with two(amount_cents) as both:
        await both.begin(3)
        for name, *where in steps:
            await getattr(both, name)(*where)
        stipends, reportings = both.left()
        assert stipends == reportings
