"""IBANs: the vectors of `domain.md` 7, and what is near them."""
from __future__ import annotations

import pytest

from chassis.given import refused
from stipend.adapters.words import act_no, cup, digest, iban, reference


@pytest.mark.parametrize("value", [
    "IT60X0542811101000000123456", "IT56B9999999999000000000001", "IT33C9999999999000000000002", "IT10D9999999999000000000003",
    "IT84E9999999999000000000004", "IT61F9999999999000000000005", "IT38G9999999999000000000006", "DE89370400440532013000"])
def test_an_iban_of_the_sepa_area_is_taken(value: str) -> None:
    assert iban(value) == value
    assert iban(f" {value[:4]} {value[4:]} ".lower()) == value


@pytest.mark.parametrize("value", [
    "IT84E9999999999000000000005", "IT84E999999999900000000000", "", "IT", "BR1800360305000010009795493C1", "IT84E99999999990000000000؀4"])
def test_what_is_no_such_iban_is_refused(value: str) -> None:
    with refused("IBAN_INVALID"):
        iban(value)


def test_an_italian_iban_whose_check_digits_hold_is_refused_for_its_national_check_character() -> None:
    bban = "F9999999999000000000004"
    number = int("".join(str(int(c, 36)) for c in f"{bban}IT00"))
    with refused("IBAN_INVALID"):
        iban(f"IT{98 - number % 97:02}{bban}")


def test_the_other_forms() -> None:
    assert cup(" f74h24002780007 ") == "F74H24002780007"
    assert (act_no(" SYN-DET-1 "), reference("002-A1-1"), digest("0" * 64)) == ("SYN-DET-1", "002-A1-1", "0" * 64)
    for check, wrong in ((cup, "F74"), (act_no, " "), (act_no, "x" * 61), (reference, "x" * 36), (reference, "a b"), (digest, "0" * 63)):
        with refused("INPUT_INVALID"):
            check(wrong)


@pytest.mark.parametrize("value", [
    "SYN-DET-1", "SYN-LIQ-12", "SYN-M-6", "DD 1", "4711", "DD 2024/160/00123", "2024/DD/00123", "Determinazione dirigenziale n. 123",
    "PROT. GEN. 45-2024", "BARI_DET_7", "DET.123.2024"])
def test_the_number_of_an_act_is_taken_as_it_is_published(value: str) -> None:
    assert act_no(f" {value} ") == value


@pytest.mark.parametrize("value", [
    "", "DET", "SYN--", "-1", "DD 1;2", "DD  ..1", "Anna Rossini 1", "1/Rossini", "Rossini1", "LEA NERI 3", "RSSNNA85T55X000W",
    "DD RSS NNA 85T55 X000W 1", "BNCLRALQMQMXLLLV 1", "DD №1", "DD ١"])
def test_what_could_name_a_person_or_has_no_number_is_not_taken_for_an_act_s(value: str) -> None:
    with refused("INPUT_INVALID"):
        act_no(value)
