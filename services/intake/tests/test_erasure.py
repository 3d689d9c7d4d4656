"""When a person's data may be erased, and what stands in the way."""
from __future__ import annotations

from datetime import date

import pytest

from chassis.decide import Actor, Refused
from intake.domain.erasure import Keeping, Kept, erase_subject, kept_until, place_legal_hold, release_legal_hold
from intake.domain.referral import Brought
from intake.domain.subject import LegalHoldPlaced, LegalHoldReleased, Subject, SubjectErased, evolve

DPO = Actor("op-dpo", "DPO", "comune-bari", "bari")
DAY = date(2031, 1, 1)
BROUGHT = Brought(("R-1",))
ENDED = Keeping((Kept(date(2030, 12, 31)),))
ERASED = SubjectErased("S-1", "NO_LONGER_NECESSARY", "op-dpo", DAY)


def erase(state: Subject, keeping: Keeping = ENDED, on: date = DAY) -> list[object]:
    return list(erase_subject(state, subject_id="S-1", legal_ground="NO_LONGER_NECESSARY", erased_on=on, keeping=keeping, actor=DPO))


def codes(state: Subject, keeping: Keeping = ENDED, on: date = DAY) -> list[str]:
    with pytest.raises(Refused) as no:
        erase(state, keeping, on)
    return [one.code for one in (no.value, *no.value.also)]


@pytest.mark.parametrize(("ended", "years", "until"), [
    (date(2025, 12, 30), 5, date(2030, 12, 31)), (date(2025, 12, 31), 5, date(2030, 12, 31)), (date(2026, 1, 1), 5, date(2031, 12, 31)),
    (date(2024, 2, 29), 0, date(2024, 12, 31)), (date(2025, 12, 30), 10**9, date(9999, 12, 31)),
    (date(2025, 12, 30), -1, date(2025, 12, 31))])
def test_a_period_runs_from_the_end_of_the_year_in_which_a_case_was_closed(ended, years, until):
    assert kept_until(ended, years) == until


def test_on_the_day_after_its_last_period_a_person_is_erased_and_the_caller_has_approved(person):
    assert erase(person) == [ERASED]


@pytest.mark.parametrize("until", [(DAY,), (None,), (date(2030, 12, 31), date(2035, 12, 31))])
def test_an_open_case_or_the_longest_period_keeps_a_person(person, until):
    assert codes(person, Keeping(tuple(map(Kept, until)))) == ["RETENTION_ACTIVE"]


def test_one_who_was_only_referred_is_erased_too_and_one_who_is_unknown_is_not():
    assert erase(Subject()) == [ERASED]
    assert codes(Subject(), Keeping()) == ["SUBJECT_UNKNOWN"]


def test_a_hold_keeps_a_person_until_it_is_released_and_all_that_stands_in_the_way_is_said(person):
    placed, = place_legal_hold(person, subject_id="S-1", hold_id="H-1", reason="AUDIT", placed_on=DAY, brought=BROUGHT)
    held = evolve(person, placed)
    assert placed == LegalHoldPlaced("S-1", "H-1", DAY, "AUDIT")
    assert codes(held) == ["LEGAL_HOLD"]
    assert codes(held, Keeping((Kept(),))) == ["RETENTION_ACTIVE", "LEGAL_HOLD"]
    released, = release_legal_hold(held, subject_id="S-1", hold_id="H-1", released_on=DAY)
    assert released == LegalHoldReleased("S-1", "H-1", DAY)
    free = evolve(held, released)
    assert erase(free) == [ERASED]
    assert release_legal_hold(free, subject_id="S-1", hold_id="H-1", released_on=DAY) == []
    with pytest.raises(Refused, match="HOLD_UNKNOWN"):
        release_legal_hold(free, subject_id="S-1", hold_id="H-2", released_on=DAY)


def test_a_hold_is_released_on_the_day_it_was_placed_at_the_earliest(person):
    held = evolve(person, LegalHoldPlaced("S-1", "H-1", DAY, "AUDIT"))
    assert release_legal_hold(held, subject_id="S-1", hold_id="H-1", released_on=DAY) == [LegalHoldReleased("S-1", "H-1", DAY)]
    with pytest.raises(Refused, match="INTERVAL_INVALID"):
        release_legal_hold(held, subject_id="S-1", hold_id="H-1", released_on=date(2030, 12, 31))


def test_erased_twice_is_erased_once_and_nothing_more_is_recorded(person):
    gone = evolve(person, ERASED)
    assert erase(gone) == []
    with pytest.raises(Refused, match="SUBJECT_ERASED"):
        place_legal_hold(gone, subject_id="S-1", hold_id="H-1", reason="AUDIT", placed_on=DAY, brought=BROUGHT)


def test_a_hold_that_was_released_is_not_placed_again_under_its_id(person):
    held = evolve(person, LegalHoldPlaced("S-1", "H-1", DAY, "AUDIT"))
    assert place_legal_hold(held, subject_id="S-1", hold_id="H-1", reason="AUDIT", placed_on=DAY, brought=BROUGHT) == []
    free = evolve(held, LegalHoldReleased("S-1", "H-1", DAY))
    with pytest.raises(Refused, match="HOLD_RELEASED"):
        place_legal_hold(free, subject_id="S-1", hold_id="H-1", reason="AUDIT", placed_on=DAY, brought=BROUGHT)
