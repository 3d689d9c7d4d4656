"""What a period is worth (maturazione), as an expression: `domain.md` 3.2 over the policy as the programme's facts spell it."""
from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from contracts.policyref import policy_ref
from reporting.explain.figure import Expression, leaf, number, op, total
from reporting.views.fact import Fact

CONFIGURES = ("ProgrammeActivated", "ProgrammeConfigurationVersioned")
NOTHING = number(0, "nothing is due")


@dataclass(frozen=True)
class Rules:
    """A policy where a fact of the programme spells it."""

    ref: str
    fact: Fact
    pointer: str
    stipend: Mapping[str, Any]

    def __getitem__(self, name: str) -> Expression:
        """A parameter of the stipend's rules; 0 where the policy has none."""
        if self.stipend.get(name) is None:
            return number(0, f"the policy has no {name}")
        return leaf(self.fact, f"{self.pointer}/stipend/{name}")

    def has(self, *names: str) -> bool:
        return all(self.stipend.get(name) is not None for name in names)

    def place(self) -> Expression:
        return {"ref": self.ref, **leaf(self.fact, self.pointer)}


@dataclass(frozen=True)
class Period:
    """Hours of a period, where facts say them; and its first day."""

    starts: Expression
    planned_full: Expression
    planned: Expression
    recognised: Expression


@dataclass(frozen=True)
class Internship:
    """How an internship was planned, and its suspensions: (from, resumed), where facts say the days; None while it lasts."""

    planned: Fact
    suspended: tuple[tuple[Expression, Expression | None], ...] = ()


def rules_of(ref: str | None, programme: Iterable[Fact]) -> Rules | None:
    """The policy of a reference, in the first fact of the programme that names it."""
    for fact in programme:
        policies = (fact.get("config") or {}).get("policies") or () if fact.name in CONFIGURES else ()
        for at, policy in enumerate(policies):
            if isinstance(policy, dict) and "policy_id" in policy and policy_ref(policy) == ref:
                return Rules(ref, fact, f"/data/config/policies/{at}", policy.get("stipend") or {})
    return None


def internship_of(facts: Sequence[Fact]) -> Internship | None:
    """From the facts of one internship, in the order of its log."""
    planned = next((fact for fact in facts if fact.name == "InternshipPlanned"), None)
    found: list[tuple[Expression, Expression | None]] = []
    for fact in facts:
        if fact.name == "InternshipSuspended":
            found.append((leaf(fact, "/data/suspended_from"), None))
        elif fact.name == "InternshipResumed" and found:
            found[-1] = (found[-1][0], leaf(fact, "/data/resumed_on"))
    return Internship(planned, tuple(found)) if planned else None


def worth(rules: Rules, period: Period, internship: Internship) -> Expression:
    """Cents, rounded half up at each step that the rules round."""
    if rules.stipend.get("mode") == "HOURLY_CAPPED":
        worked = op("half_up", op("product", period.recognised, rules["hourly_rate"]))
        return op("minimum", worked, rules["max_monthly"]) if rules.has("max_monthly") else worked
    base = _base(rules, period, internship)
    in_proportion = op("half_up", op("ratio", op("product", base, period.recognised), period.planned))
    if rules.stipend.get("mode") == "PRO_RATA_HOURS":
        return in_proportion
    threshold = rules["threshold"] if rules.has("threshold") else number("0.70", "the threshold of a policy that gives none")
    below = {"PRO_RATA": in_proportion, "STEP": _steps(rules, "below_steps", period.recognised, period.planned, base, NOTHING)}
    return op("if_at_least", period.recognised, op("product", threshold, period.planned), base,
              below.get(str(rules.stipend.get("below", "PRO_RATA")), NOTHING))


def nothing_if_not_active(period: Period, due: Expression) -> Expression:
    """0 for a period without planned hours, before anything is divided by them."""
    return op("if_at_least", number(0, "no hours"), period.planned, NOTHING, due)


def _base(rules: Rules, period: Period, internship: Internship) -> Expression:
    base = rules["monthly_amount"]
    if rules.has("beyond_months", "beyond_amount"):
        active = op("subtract", op("day", period.starts), total("sum", _suspended_before(period, internship)))
        beyond = op("day_after_months", leaf(internship.planned, "/data/start"), rules["beyond_months"])
        base = op("if_at_least", active, beyond, rules["beyond_amount"], base)
    if rules.stipend.get("planned_hours_steps") and rules.has("full_time_weekly_hours"):
        weekly = leaf(internship.planned, "/data/weekly_hours")
        base = _steps(rules, "planned_hours_steps", weekly, rules["full_time_weekly_hours"], base, base)
    partial = op("half_up", op("ratio", op("product", base, period.planned), period.planned_full))
    return op("if_at_least", period.planned, period.planned_full, base, partial)


def _suspended_before(period: Period, internship: Internship) -> Iterable[Expression]:
    """Days, of each suspension, before the period begins."""
    begins = op("day", period.starts)
    for since, until in internship.suspended:
        ends = op("minimum", op("day", until), begins) if until else begins
        yield op("maximum", number(0, "a suspension after the period's first day"), op("subtract", ends, op("day", since)))


def _steps(rules: Rules, name: str, part: Expression, whole: Expression, base: Expression, other: Expression) -> Expression:
    """`pay` of the base by the first step from `start` (included) to `end` (excluded) of the whole; `other` where none fits."""
    found = other
    for at in reversed(range(len(rules.stipend.get(name) or ()))):
        step = {field: leaf(rules.fact, f"{rules.pointer}/stipend/{name}/{at}/{field}") for field in ("start", "end", "pay")}
        paid = op("half_up", op("product", base, step["pay"]))
        within = op("if_at_least", part, op("product", step["end"], whole), found, paid)
        found = op("if_at_least", part, op("product", step["start"], whole), within, found)
    return found
