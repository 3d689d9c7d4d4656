"""What a period is worth as an expression is what stipend pays for it, whatever the policy, the hours and the suspensions."""
from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.policyref import policy_ref
from reporting.explain.accrual import Internship, Period, Rules, nothing_if_not_active, rules_of, worth
from reporting.explain.figure import leaf
from reporting.verifier.expressions import Values
from reporting.views.fact import Fact
from stipend.domain.accrual import Due, Hours, StipendPolicy, due, is_beyond, policy_from

START = date(2025, 1, 13)
CENTS = st.integers(1, 120_000)
HOURS = st.decimals(0, 160, places=2)
RATIOS = st.decimals(0, 1, places=2)
STEPS = st.lists(RATIOS, min_size=2, max_size=4, unique=True).map(sorted).flatmap(
    lambda ends: st.tuples(*[RATIOS] * (len(ends) - 1)).map(lambda pays: [
        {"start": str(start), "end": str(end), "pay": str(pay)} for start, end, pay in zip(ends, ends[1:], pays, strict=False)]))


@st.composite
def policies(draw: st.DrawFn) -> dict[str, Any]:
    mode = draw(st.sampled_from(["FLAT_THRESHOLD", "PRO_RATA_HOURS", "HOURLY_CAPPED"]))
    maybe: dict[str, Any] = {
        "threshold": RATIOS.map(str), "max_monthly": CENTS, "below_steps": STEPS, "planned_hours_steps": STEPS,
        "full_time_weekly_hours": st.sampled_from(["36", "40"]), "beyond_months": st.integers(1, 6), "beyond_amount": CENTS}
    found = {"mode": mode, "monthly_amount": draw(CENTS), "hourly_rate": draw(CENTS),
             "below": draw(st.sampled_from(["PRO_RATA", "STEP", "ZERO"]))}
    return found | {name: draw(of) for name, of in maybe.items() if draw(st.booleans())}


def fact(source: str, position: int, name: str, data: dict[str, Any]) -> Fact:
    return Fact(source, 1, position, position, "", f"{source}.{name}.v1", f"{source}-{position}", "bari", "x", "y", 1, "2025-01-01",
                "2025-01-01T00:00:00.000000Z", "a", "r", "o", "c", data=data)


@settings(max_examples=300, deadline=None)
@given(stipend=policies(), hours=st.tuples(HOURS, HOURS, HOURS), weekly=st.sampled_from(["20", "30", "36", "40"]),
       month=st.integers(0, 9), away=st.lists(st.tuples(st.integers(0, 200), st.integers(1, 40)), max_size=2))
def test_the_expression_and_the_decision_come_to_the_same(stipend: dict[str, Any], hours: tuple[Decimal, ...], weekly: str, month: int,
                                                          away: list[tuple[int, int]]) -> None:
    policy = {"policy_id": "P", "stipend": stipend}
    starts = START + timedelta(days=30 * month)
    config = fact("reporting", 1, "ProgrammeActivated", {"config": {"policies": [policy]}})
    planned = fact("placement", 1, "InternshipPlanned", {"start": START.isoformat(), "weekly_hours": weekly})
    period = fact("placement", 2, "AttendancePeriodValidated", {
        "starts": starts.isoformat(), **dict(zip(("planned_full", "planned_hours", "recognised_hours"), map(str, hours), strict=True))})
    suspensions = [(START + timedelta(days=since), START + timedelta(days=since + days)) for since, days in away]
    told = [fact("placement", 3 + n, "Suspension", {"suspended_from": since.isoformat(), "resumed_on": until.isoformat()})
            for n, (since, until) in enumerate(suspensions)]
    known = {one.place: {"data": dict(one.data or {})} for one in (config, planned, period, *told)}
    rules = rules_of(policy_ref(policy), [config])
    assert isinstance(rules, Rules)
    of = Period(*(leaf(period, f"/data/{name}") for name in ("starts", "planned_full", "planned_hours", "recognised_hours")))
    internship = Internship(planned, tuple((leaf(one, "/data/suspended_from"), leaf(one, "/data/resumed_on")) for one in told))
    found = Values(known.__getitem__, {}, {}).of(nothing_if_not_active(of, worth(rules, of, internship)))
    assert found == paid(policy_from(stipend, "P"), hours, starts, suspensions, Decimal(weekly))


def paid(policy: StipendPolicy, hours: tuple[Decimal, ...], starts: date, suspensions: list[tuple[date, date]], weekly: Decimal) -> int:
    days = sum(max((min(until, starts) - since).days, 0) for since, until in suspensions)
    owed = due(policy, Hours(*hours), weekly_hours=weekly, beyond=is_beyond(policy, START, starts, days))
    return owed.amount_cents if isinstance(owed, Due) else 0
