"""What a period is worth: the figures of `domain.md` 3.2 and 10.1 to 10.4, and the limits between them."""
from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from stipend.domain.accrual import Due, Hours, NotDue, StipendPolicy, due, is_beyond, months_after, policy_from

BARI = policy_from({"mode": "FLAT_THRESHOLD", "monthly_amount": 60000, "beyond_months": 6, "beyond_amount": 70000, "threshold": "0.70",
                    "below": "PRO_RATA", "period": "INTERNSHIP_MONTH"}, "PUGLIA-LR26-2023-TIS@0123456789abcdef")
TOSCANA = policy_from({"mode": "HOURLY_CAPPED", "hourly_rate": 500, "max_monthly": 50000}, "TOSCANA-DGR620-TIS@0")
STAGE = policy_from({"mode": "FLAT_THRESHOLD", "monthly_amount": 50000}, "TOSCANA-POR1420-STAGE@0")
BORSA = policy_from({"mode": "FLAT_THRESHOLD", "monthly_amount": 40000}, "D3-BORSA-LAVORO@0")
VENETO = policy_from({"mode": "FLAT_THRESHOLD", "monthly_amount": 45000, "full_time_weekly_hours": "40",
                      "planned_hours_steps": [{"start": "0.5", "end": "0.7", "pay": "0.7"}]}, "VENETO@0")
STEPS = policy_from({"mode": "FLAT_THRESHOLD", "monthly_amount": 60000, "below": "STEP",
                     "below_steps": [{"start": "0.50", "end": "0.70", "pay": "0.50"}]}, "STEPS@0")
ZERO = policy_from({"mode": "FLAT_THRESHOLD", "monthly_amount": 60000, "below": "ZERO"}, "ZERO@0")
HOURS = policy_from({"mode": "PRO_RATA_HOURS", "monthly_amount": 60000}, "HOURS@0")


def worth(policy: StipendPolicy, planned: str, recognised: str, full: str | None = None, *, weekly: str = "30",
          beyond: bool = False) -> Due | NotDue:
    hours = Hours(Decimal(full or planned), Decimal(planned), Decimal(recognised))
    return due(policy, hours, weekly_hours=Decimal(weekly), beyond=beyond)


def cents(policy: StipendPolicy, planned: str, recognised: str, full: str | None = None) -> int:
    found = worth(policy, planned, recognised, full)
    assert isinstance(found, Due)
    return found.amount_cents


@pytest.mark.parametrize(("policy", "planned", "recognised", "amount"), [
    (BARI, "120", "72", 36000), (TOSCANA, "104", "104", 50000), (STAGE, "80", "58", 50000)])
def test_the_three_worked_figures_of_the_algorithm(policy: StipendPolicy, planned: str, recognised: str, amount: int) -> None:
    assert cents(policy, planned, recognised) == amount


def test_programme_000_by_the_hour_with_a_cap_through_an_illness() -> None:
    months = [("75", "75", 37500), ("100", "100", 50000), ("32", "30", 15000), ("52", "50", 25000), ("104", "104", 50000),
              ("100", "100", 50000), ("100", "96", 48000), ("30", "30", 15000)]
    amounts = [cents(TOSCANA, planned, recognised) for planned, recognised, _ in months]
    assert amounts == [amount for *_, amount in months]
    assert sum(amounts) == 290500


@pytest.mark.parametrize("recognised", ["80", "72", "60", "78", "58"])
def test_programme_001_pays_the_whole_month_above_seventy_per_cent(recognised: str) -> None:
    assert cents(STAGE, "80", recognised) == 50000


def test_programme_002_one_month_below_the_threshold() -> None:
    amounts = [cents(BARI, "120", recognised) for recognised in ("116", "118", "110", "72", "104", "112")]
    assert amounts == [60000, 60000, 60000, 36000, 60000, 60000]
    assert sum(amounts) == 336000


def test_programme_003_a_month_cut_short_by_a_withdrawal() -> None:
    amounts = [cents(BORSA, "80", "78"), cents(BORSA, "80", "64"), cents(BORSA, "32", "30", full="80")]
    assert amounts == [40000, 40000, 16000]


@pytest.mark.parametrize(("recognised", "rule", "amount"), [
    ("84", "FLAT_THRESHOLD", 60000), ("83.99", "PRO_RATA", 41995), ("0", "PRO_RATA", 0), ("120", "FLAT_THRESHOLD", 60000)])
def test_the_threshold_itself_is_enough(recognised: str, rule: str, amount: int) -> None:
    assert worth(BARI, "120", recognised) == Due(rule, 60000, amount)


@pytest.mark.parametrize(("planned", "recognised", "amount"), [("16", "1", 3750), ("48000", "1", 1), ("120001", "1", 0), ("7", "3", 25714)])
def test_half_a_cent_is_rounded_up(planned: str, recognised: str, amount: int) -> None:
    assert cents(HOURS, planned, recognised) == amount


def test_a_step_pays_its_share_of_the_base_and_below_the_last_step_nothing_is_due() -> None:
    assert worth(STEPS, "120", "60") == Due("STEP", 60000, 30000)
    assert worth(STEPS, "120", "59") == NotDue("BELOW_THRESHOLD_ZERO")
    assert worth(ZERO, "120", "83") == NotDue("BELOW_THRESHOLD_ZERO")


def test_part_time_hours_reduce_the_base_by_their_step() -> None:
    assert worth(VENETO, "80", "80", weekly="20") == Due("FLAT_THRESHOLD", 31500, 31500)
    assert worth(VENETO, "112", "112", weekly="28") == Due("FLAT_THRESHOLD", 45000, 45000)


def test_the_cap_is_not_reduced_in_a_partial_period_and_the_base_is() -> None:
    assert cents(TOSCANA, "100", "100", full="104") == 50000
    assert worth(BARI, "60", "60", full="120") == Due("FLAT_THRESHOLD", 30000, 30000)


def test_no_planned_hours_no_amount() -> None:
    assert worth(BARI, "0", "0", full="120") == NotDue("NOT_ACTIVE")


def test_the_amount_rises_after_six_active_months() -> None:
    start = date(2024, 10, 14)
    assert not is_beyond(BARI, start, date(2025, 4, 13), 0)
    assert is_beyond(BARI, start, date(2025, 4, 14), 0)
    assert not is_beyond(BARI, start, date(2025, 4, 14), 35)
    assert not is_beyond(STAGE, start, date(2030, 1, 1), 0)
    assert worth(BARI, "120", "120", beyond=True) == Due("FLAT_THRESHOLD", 70000, 70000)


@pytest.mark.parametrize(("day", "months", "then"), [
    (date(2024, 8, 31), 6, date(2025, 2, 28)), (date(2024, 1, 31), 1, date(2024, 2, 29)), (date(2024, 12, 1), 12, date(2025, 12, 1))])
def test_months_end_where_the_calendar_ends_them(day: date, months: int, then: date) -> None:
    assert months_after(day, months) == then
