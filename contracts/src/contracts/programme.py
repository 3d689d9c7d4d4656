"""A programme's configuration as it is spoken: sources, teams, gates, policies, indicators (`domain.md` 1, 2.4, 4, 9.6).

Carried whole by ProgrammeActivated and ProgrammeConfigurationVersioned; four services know a programme only from there.
"""
from __future__ import annotations

from decimal import Decimal

from contracts.classes import Code, Day, Flag, Id, Money, Number, Title, Whole
from contracts.envelope import Part


class Source(Part):
    """A referral source (fonte di segnalazione). `sealed`: naming it would reveal a special category; only `kind` is spoken then."""

    code: Code
    kind: Code
    org: Code | None = None
    sealed: Flag = False


class Eligibility(Part):
    """Gates (requisiti): all of `all_of`, at least one of `any_of` if given, age in years, municipalities (empty: anywhere)."""

    rule_version: Code
    all_of: list[Code] = []
    any_of: list[Code] = []
    min_age: Whole = 16
    residence: list[Code] = []


class Team(Part):
    """A team template (équipe): the roles that must be present in a phase."""

    phase: Code
    template_version: Whole
    roles: list[Code]


class ActionPlanRule(Part):
    """Whether, and from when, a job-search action plan may be offered (piano d'azione)."""

    offered: Flag = False
    grace_days: Whole = 15
    stabilising_contracts: list[Code] = ["PERMANENT", "FIXED_TERM", "APPRENTICESHIP"]


class Parameters(Part):
    """Parameters with defaults (`domain.md` 13.7)."""

    backdate_limit_days: Whole = 400
    training_ratio: Number = Decimal("0.90")
    iban_cooling_days: Whole = 0
    measure_stale_days: Whole = 180
    case_manager_may_tutor: Flag = False
    household_registration: Code | None = None
    """The category whose households need the GePI registration before a first payment (R33)."""
    retention_years: Whole | None = None
    """How long a case is kept: whole years from 31 December of the year in which it was closed; 10 if nothing is said (`domain.md` 4.5)."""


class Extension(Part):
    max_months: Whole
    requires: Code


class Duration(Part):
    """R02 to R04. `max_months` by category, with DEFAULT."""

    min_days: Whole = 60
    min_days_seasonal: Whole = 30
    max_months: dict[Code, Whole]
    extension: Extension | None = None


class Hours(Part):
    """R05, hours a week and a day."""

    weekly_cap: Number = Decimal("40")
    daily_cap: Number = Decimal("8")
    weekly_min: Number | None = None
    night: Flag = False


class Step(Part):
    """Pay `pay` of the base from ratio `start` (included) to `end` (excluded)."""

    start: Number
    end: Number
    pay: Number


class Stipend(Part):
    """R06 to R10: how a month is paid (indennità). Amounts in cents, ratios as decimals."""

    mode: Code
    monthly_amount: Money | None = None
    beyond_months: Whole | None = None
    beyond_amount: Money | None = None
    min_monthly: Money | None = None
    max_monthly: Money | None = None
    hourly_rate: Money | None = None
    threshold: Number | None = None
    below: Code = "PRO_RATA"
    below_steps: list[Step] = []
    planned_hours_steps: list[Step] = []
    full_time_weekly_hours: Number | None = None
    period: Code = "INTERNSHIP_MONTH"
    justified_absence_counts: Flag = False


class Suspension(Part):
    """R11, R12. `min_days` by reason."""

    min_days: dict[Code, Whole]
    extends_end: Flag = True
    max_total_days: Whole | None = None


class QuotaStep(Part):
    from_employees: Whole
    to_employees: Whole
    places: Whole


class Quota(Part):
    """R14: places by open-ended employees of the unit; `above` a share of them; exempt categories and internship types."""

    table: list[QuotaStep]
    above: Number
    exempt: list[Code] = []


class Tutors(Part):
    """R18."""

    promoter_max: Whole = 20
    host_max: Whole = 3


class Training(Part):
    """R25, R26. Hours of general and specific safety training by risk class; `haccp`: NEVER, IF_FOOD, ALWAYS."""

    safety_general_h: Number
    safety_specific_h: dict[Code, Number]
    haccp: Code = "IF_FOOD"


class Policy(Part):
    """The rules of internships and stipends of one programme, dated, immutable once referenced (`domain.md` 2.4)."""

    policy_id: Code
    valid_from: Day
    internship_types: list[Code]
    duration: Duration
    hours: Hours
    stipend: Stipend
    suspension: Suspension
    quota: Quota
    tutors: Tutors
    training: Training
    changes_days: Whole = 5
    host_requirements: list[Code]
    """R15 checklist items."""
    documents: list[Code]
    same_host_repeat_allowed: Flag = True
    attestation_ratio: Number = Decimal("0.70")


class Condition(Part):
    """`field` of the entry data, compared: EQ, IN, GE, LE, GT."""

    field: Code
    op: Code
    values: list[Code]


class Indicator(Part):
    """One indicator of the catalogue (`domain.md` 4.1). Counted where all of `conditions` hold at ENTRY; the sum of `sum_of`; or,
    at IMMEDIATE and SIX_MONTH, where the result's codes name it.
    """

    code: Code
    title_it: Title
    title_en: Title
    moment: Code
    conditions: list[Condition] = []
    sum_of: list[Code] = []


class Catalogue(Part):
    version: Code
    indicators: list[Indicator]


class Funding(Part):
    """A source of money (fonte di finanziamento), and what it has programmed (`domain.md` 4.4).

    `chapters`: of the budget, whose commitments it carries; none: all that no other source carries.
    """

    code: Code
    programmed: Money
    chapters: list[Code] = []


class Configuration(Part):
    """All that the services need to know of a programme."""

    sources: list[Source]
    eligibility: Eligibility
    teams: list[Team]
    plan_signatures: list[Code]
    action_plan: ActionPlanRule = ActionPlanRule()
    parameters: Parameters = Parameters()
    policies: list[Policy]
    catalogue: Catalogue
    partners: list[Id] = []
    funding: list[Funding] | None = None
