"""The people that histories are about: who they are, the ids of what is theirs, and who acts for them. None of them exists."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from uuid import NAMESPACE_OID, uuid5

from stdnum import luhn
from stdnum.iban import calc_check_digits
from stdnum.it import codicefiscale

from stipend.adapters.words import national_check

TENANT, PROGRAMME, CENTS = "esempio", "S02", 45000
ACTORS = {
    "reporter": ("REPORTING_OFFICER", "COMUNE_ESEMPIO"), "service": ("CASE_MANAGER", "COMUNE_ATS_SERVICE"),
    "case_manager": ("CASE_MANAGER", "COMUNE_ESEMPIO"), "educator": ("SOCIAL_EDUCATOR", "COMUNE_ESEMPIO"),
    "counsellor": ("ORIENTATORE", "COMUNE_ESEMPIO"), "admin": ("PARTNER_ADMIN", "COMUNE_ESEMPIO"),
    "tutor": ("TUTOR_PROMOTORE", "COMUNE_ESEMPIO"), "host_tutor": ("TUTOR_AZIENDALE", "VIVAIO_SINTETICO"),
    "officer": ("PAYMENT_OFFICER", "COMUNE_ESEMPIO"), "approver": ("PAYMENT_APPROVER", "COMUNE_ESEMPIO"),
    "treasurer": ("SYSTEM", "TESORERIA"), "auditor": ("AUDITOR", "AUTORITA_DI_AUDIT"), "guardian": ("DPO", "COMUNE_ESEMPIO")}
"""Role and organisation, by the name that a step uses."""
DAYS = (0, 2, 4, 7, 9, 11, 14, 16, 18, 21, 35, 37, 39, 42, 44, 46, 49, 51, 53, 56)
"""The planned days of an internship, after its first: ten in each of its two months, five hours each."""


@cache
def made(name: str) -> str:
    """An id, the same for the same name."""
    return str(uuid5(NAMESPACE_OID, name))


@dataclass
class Person:
    """`case`, `subject`: as the receipt of the referral names them. `at`: how many steps of the story were taken."""

    number: int
    start: date
    case: str = ""
    subject: str = ""
    at: int = 0
    operators: Mapping[str, str] = field(default_factory=dict)

    def id(self, name: str) -> str:
        """Of what is this person's, by a name that this file makes up."""
        return made(f"{self.number}/{name}")

    def accrual(self, period: int) -> str:
        """The id under which the reaction accrues a period."""
        return made(f"{self.id('entitlement')}/{period}")

    @property
    def end(self) -> date:
        """The last planned day of the internship: two months less a day."""
        month = self.start.month + 2
        return self.start.replace(year=self.start.year + (month > 12), month=(month - 1) % 12 + 1) - timedelta(days=1)

    @property
    def days(self) -> list[date]:
        return [self.start + timedelta(days=after) for after in DAYS]

    @property
    def identity(self) -> dict[str, str]:
        partial = f"TSTPRS90{'ABCDEHLMPRST'[self.number % 12]}{10 + self.number // 12:02}X{self.number:03}"
        month = "ABCDEHLMPRST".index(partial[8]) + 1
        return {"given_name": "Persona", "family_name": "Testini", "tax_code": partial + codicefiscale.calc_check_digit(partial),
                "birth_date": f"1990-{month:02}-{partial[9:11]}", "gender": "M"}

    @property
    def vat_number(self) -> str:
        partial = f"99999{self.number:02}001"
        return partial + luhn.calc_check_digit(partial)

    def iban(self, which: int = 0) -> str:
        bban = f"99999999990000{which:04}{self.number:04}"
        national = national_check(bban) + bban
        return f"IT{calc_check_digits('IT00' + national)}{national}"
