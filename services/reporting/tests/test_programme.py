"""Programmes: activated once, changed by versions, policies never."""
from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from chassis.decide import Refused
from chassis.given import given, refused
from chassis.record import Codec
from contracts.words import Configuration, Cup
from reporting.adapters.kinds import KINDS, PROGRAMME
from reporting.adapters.outbound import SILENT, SPOKEN
from reporting.adapters.words import configuration, cup
from reporting.domain.programme import ProgrammeActivated, ProgrammeConfigurationVersioned, activate_programme, version_configuration

DAY = date(2024, 7, 1)
CONFIG = Configuration({"policies": [{"policy_id": "P", "changes_days": 5}]})
CONTENT: dict[str, Any] = {"programme_id": "002", "title": "Bari", "fund": "PN", "cup": Cup("Z99Z99000000002"), "start": DAY,
                           "end": date(2026, 12, 31), "config_version": 1, "config": CONFIG}
ACTIVE = ProgrammeActivated("002", "Bari", "PN", "Z99Z99000000002", None, None, None, DAY, date(2026, 12, 31), 1, CONFIG)


def activate(*before: Any, **changes: Any) -> list[Any]:
    return activate_programme(given(PROGRAMME, *before), **(CONTENT | changes))


def version(*before: Any, **changes: Any) -> list[Any]:
    return version_configuration(given(PROGRAMME, *before), **(CONTENT | changes), today=DAY)


def test_every_event_is_spoken_and_each_contract_finds_its_fields() -> None:
    Codec("reporting", KINDS, SPOKEN, SILENT, None)  # type: ignore[arg-type]


def test_a_programme_is_activated_with_its_configuration_once() -> None:
    assert activate() == [ACTIVE]
    assert activate(ACTIVE) == []
    with refused("PROGRAMME_ALREADY_ACTIVE"):
        activate(ACTIVE, title="Bari 2")


def test_a_programme_does_not_end_before_it_starts_but_may_last_a_day_or_stay_open() -> None:
    with refused("PROGRAMME_ENDS_BEFORE_START"):
        activate(end=date(2024, 6, 30))
    assert activate(end=DAY)
    assert activate(start=None, end=None)


def test_a_next_version_says_from_when_it_holds() -> None:
    more = Configuration({"policies": [*CONFIG["policies"], {"policy_id": "Q"}]})
    (versioned,) = version(ACTIVE, config_version=2, config=more, effective_from=date(2025, 1, 1))
    assert isinstance(versioned, ProgrammeConfigurationVersioned)
    assert (versioned.config_version, versioned.config, versioned.effective_from) == (2, more, date(2025, 1, 1))
    assert version(ACTIVE, config_version=2, config=more)[0].effective_from == DAY
    assert version(ACTIVE, versioned, config_version=2, config=more) == []


def test_it_runs_by_the_version_in_force_on_the_day() -> None:
    (longer,) = version(ACTIVE, config_version=2, end=None, effective_from=date(2026, 6, 1))
    (shorter,) = version(ACTIVE, longer, config_version=3, end=DAY, effective_from=date(2099, 1, 1))
    programme = given(PROGRAMME, ACTIVE, longer, shorter)
    assert [programme.runs(day) for day in (date(2024, 6, 30), DAY, date(2027, 1, 1), date(2099, 1, 1))] == [False, True, True, False]


def test_the_same_file_twice_changes_nothing() -> None:
    assert version(ACTIVE) == []


def test_a_version_says_one_thing_and_versions_rise() -> None:
    with refused("VERSION_IMMUTABLE"):
        version(ACTIVE, title="Bari 2")
    with refused("STALE_VERSION"):
        version(ACTIVE, config_version=0, title="Bari 2")


@pytest.mark.parametrize("policies", [[{"policy_id": "P", "changes_days": 6}], []])
def test_a_policy_neither_changes_nor_goes_away(policies: list[Any]) -> None:
    with refused("POLICY_IMMUTABLE:P"):
        version(ACTIVE, config_version=2, config=Configuration({"policies": policies}))


def test_a_programme_that_is_not_active_has_no_versions() -> None:
    with refused("PROGRAMME_NOT_ACTIVE"):
        version()


def test_it_runs_from_its_first_to_its_last_day() -> None:
    programme = given(PROGRAMME, ACTIVE)
    days = [date(2024, 6, 30), DAY, date(2026, 12, 31), date(2027, 1, 1)]
    assert [programme.runs(day) for day in days] == [False, True, True, False]


@pytest.mark.parametrize("wrong", ["Z99Z9900000002", "z99Z99000000002", "999Z99000000002", "Z99Z990000000021"])
def test_a_cup_has_its_pattern(wrong: str) -> None:
    assert cup("F74H24002780007") == "F74H24002780007"
    with refused("CUP_INVALID"):
        cup(wrong)


def test_a_configuration_is_told_which_fields_are_wrong() -> None:
    with pytest.raises(Refused, match=r"sources: .*; .*catalogue: ") as no:
        configuration({"eligibility": {"rule_version": "1", "min_agee": 16}, "teams": [], "plan_signatures": [], "policies": []})
    assert no.value.code == "CONFIGURATION_INVALID"
    assert "eligibility.min_agee" in no.value.detail


def test_a_configuration_has_no_floats() -> None:
    with pytest.raises(Refused, match=r"policies\.0\.stipend\.threshold: write the number in quotes"):
        configuration({"policies": [{"stipend": {"threshold": 0.7}}]})


@pytest.mark.parametrize(("funding", "wrong"), [
    ([{"code": "FSE", "programmed": 1}, {"code": "FSE", "programmed": 1, "chapters": ["1"]}], "FSE is given 2 times"),
    ([{"code": "FSE", "programmed": 1, "chapters": ["1"]}, {"code": "FSC", "programmed": 1, "chapters": ["1"]}], "1 is given 2 times"),
    ([{"code": "FSE", "programmed": 1}, {"code": "FSC", "programmed": 1}], "one source at most is without chapters"),
    ([{"code": "FSE", "programmed": -1}], r"funding\.0\.programmed: is less than zero")])
def test_funding_sources_do_not_share_what_they_carry(funding: list[Any], wrong: str) -> None:
    plain = {"sources": [], "eligibility": {"rule_version": "1"}, "teams": [], "plan_signatures": [], "policies": [],
             "catalogue": {"version": "1", "indicators": []}}
    with pytest.raises(Refused, match=wrong):
        configuration({**plain, "funding": funding})
    assert "funding" not in configuration(plain)
