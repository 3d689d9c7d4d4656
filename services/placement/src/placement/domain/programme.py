"""What placement knows of a programme (programma) from its heard configuration: its window and the rules of its policies."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from chassis.decide import Refused


@dataclass(frozen=True)
class Rules:
    """One policy (`domain.md` 2.4), as far as placement decides by it. Hours and ratios are decimals, amounts cents."""

    ref: str
    internship_types: tuple[str, ...] = ()
    min_days: int = 0
    min_days_seasonal: int = 0
    max_months: Mapping[str, int] = field(default_factory=dict)
    extension_months: int | None = None
    extension_requires: str | None = None
    weekly_cap: Decimal = Decimal(40)
    weekly_min: Decimal | None = None
    daily_cap: Decimal = Decimal(8)
    night: bool = False
    stipend_mode: str = ""
    monthly_cents: int | None = None
    min_monthly_cents: int | None = None
    max_monthly_cents: int | None = None
    period: str = "INTERNSHIP_MONTH"
    justified_counts: bool = False
    suspension_days: Mapping[str, int] = field(default_factory=dict)
    suspension_extends: bool = True
    suspension_max_days: int | None = None
    quota: tuple[tuple[int, int, int], ...] = ()
    quota_above: Decimal = Decimal(0)
    quota_exempt: frozenset[str] = frozenset()
    promoter_max: int = 20
    host_max: int = 3
    safety_general_h: Decimal = Decimal(0)
    safety_specific_h: Mapping[str, Decimal] = field(default_factory=dict)
    haccp: str = "IF_FOOD"
    changes_days: int = 5
    host_requirements: tuple[str, ...] = ()
    documents: frozenset[str] = frozenset()
    same_host_repeat_allowed: bool = True
    attestation_ratio: Decimal = Decimal("0.70")
    valid_from: date = date.min

    def places(self, employees: int) -> int:
        """How many interns a unit with so many open-ended employees may have at once (R14)."""
        for least, most, places in self.quota:
            if least <= employees <= most:
                return places
        return int(employees * self.quota_above)

    def months(self, categories: frozenset[str], sealed: int | None) -> int:
        """The longest duration for a person of these categories; `sealed`: what is allowed for those not spoken (R03)."""
        spoken = (months for name, months in self.max_months.items() if name == "DEFAULT" or name in categories)
        return max(*spoken, sealed or 0, 0)


@dataclass(frozen=True)
class Version:
    """A version of a programme's configuration, in force from `since`. An absent date means open."""

    since: date = date.min
    start: date | None = None
    end: date | None = None
    action_plan: bool = False
    grace_days: int = 0
    stabilising: frozenset[str] = frozenset()
    training_ratio: Decimal = Decimal("0.90")
    case_manager_may_tutor: bool = False
    household_registration: str | None = None


@dataclass(frozen=True)
class Programme:
    """`versions` in the order in which they were said; `policies` by their reference (`policy_id@digest`), those of all of them."""

    versions: tuple[Version, ...] = ()
    policies: Mapping[str, Rules] = field(default_factory=dict)

    def on(self, day: date) -> Version:
        """The version in force on that day: of those effective by then, the last that was said."""
        return next((version for version in reversed(self.versions) if version.since <= day), Version())

    def rules(self, ref: str) -> Rules:
        """The policy of a reference, as it was when it was referred to."""
        if ref not in self.policies:
            raise Refused("PROGRAMME_NOT_HEARD_YET", f"policy {ref} is not known here yet: try again shortly")
        return self.policies[ref]
