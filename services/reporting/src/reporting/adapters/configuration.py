"""What can be wrong with a programme's configuration: its form, its words, figures that lack or contradict each other."""
from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, get_args

from pydantic import ValidationError

from contracts.programme import Configuration, Funding, Indicator, Policy, Stipend
from contracts.words import Role

Fault = tuple[tuple[str | int, ...], str]
"""Where, as keys and indexes from the configuration's root, and what is wrong there."""

ROLES = frozenset(get_args(Role))
PHASES = frozenset({"EVALUATION", "PLANNING", "COMPLEX"})
NEEDED = {"FLAT_THRESHOLD": ("monthly_amount", "threshold"), "HOURLY_CAPPED": ("hourly_rate", "max_monthly"),
          "PRO_RATA_HOURS": ("monthly_amount",), "NONE": ()}
"""The figures without which a stipend of this mode cannot be computed."""
STIPEND_WORDS = {"mode": frozenset(NEEDED), "below": frozenset({"PRO_RATA", "STEP", "ZERO"}),
                 "period": frozenset({"INTERNSHIP_MONTH", "CALENDAR_MONTH"})}
EXTENDED_BY = frozenset({"CPI_VALIDATION", "SERVICE_ATTESTATION"})
HACCP = frozenset({"NEVER", "IF_FOOD", "ALWAYS"})
RISKS = frozenset({"LOW", "MEDIUM", "HIGH"})
CONTRACTS = frozenset({"PERMANENT", "FIXED_TERM", "APPRENTICESHIP", "OTHER"})
MOMENTS = frozenset({"ENTRY", "IMMEDIATE", "SIX_MONTH"})
OPERATORS = frozenset({"EQ", "IN", "GE", "LE", "GT", "LT"})
ENTRY_FIELDS = frozenset({"gender", "age", "labour_status", "unemployment_months", "isced", "in_education", "third_country",
                          "foreign_background", "homeless", "degurba", "complete"})


def read(given: Any) -> tuple[Configuration | None, list[Fault]]:
    """The configuration and everything that is wrong with it; None where its form does not hold."""
    faults = list(_floats(given, ()))
    if faults:
        return None, faults
    try:
        config = Configuration.model_validate(given, extra="forbid")
    except ValidationError as wrong:
        return None, [(error["loc"], error["msg"]) for error in wrong.errors(include_url=False, include_input=False)]
    return config, list(_faults(config))


def _floats(value: Any, at: tuple[str | int, ...]) -> Iterator[Fault]:
    if isinstance(value, float):
        yield at, "write the number in quotes, as a decimal string"
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _floats(inner, (*at, str(key)))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _floats(inner, (*at, index))


def _faults(config: Configuration) -> Iterator[Fault]:
    yield from _twice("sources", (source.code for source in config.sources))
    yield from _twice("teams", (team.phase for team in config.teams))
    yield from _funding(config.funding or ())
    yield from _twice("policies", (policy.policy_id for policy in config.policies))
    for index, team in enumerate(config.teams):
        yield from _words(("teams", index, "phase"), [team.phase], PHASES)
        yield from _each(("teams", index, "roles"), team.roles, ROLES)
    yield from _each(("plan_signatures",), config.plan_signatures, ROLES)
    yield from _each(("action_plan", "stabilising_contracts"), config.action_plan.stabilising_contracts, CONTRACTS)
    if (config.parameters.retention_years or 0) < 0:
        yield ("parameters", "retention_years"), "is less than 0"
    for index, policy in enumerate(config.policies):
        yield from _policy(("policies", index), policy)
    yield from _twice("catalogue", (one.code for one in config.catalogue.indicators), "indicators")
    known = {one.code for one in config.catalogue.indicators}
    for index, one in enumerate(config.catalogue.indicators):
        yield from _indicator(("catalogue", "indicators", index), one, known)


def _funding(sources: Sequence[Funding]) -> Iterator[Fault]:
    yield from _twice("funding", (source.code for source in sources))
    yield from _twice("funding", (chapter for source in sources for chapter in source.chapters))
    if len([source for source in sources if not source.chapters]) > 1:
        yield ("funding",), "one source at most is without chapters: it carries what no other does"
    yield from (((("funding", index, "programmed"), "is less than zero")) for index, one in enumerate(sources) if one.programmed < 0)


def _policy(at: tuple[str | int, ...], policy: Policy) -> Iterator[Fault]:
    duration, training = policy.duration, policy.training
    if "DEFAULT" not in duration.max_months:
        yield (*at, "duration", "max_months"), "DEFAULT is missing"
    if duration.extension:
        yield from _words((*at, "duration", "extension", "requires"), [duration.extension.requires], EXTENDED_BY)
    yield from _words((*at, "training", "haccp"), [training.haccp], HACCP)
    yield from (((*at, "training", "safety_specific_h"), f"{risk} is missing") for risk in sorted(RISKS - set(training.safety_specific_h)))
    yield from _stipend((*at, "stipend"), policy.stipend)


def _stipend(at: tuple[str | int, ...], stipend: Stipend) -> Iterator[Fault]:
    for field, words in STIPEND_WORDS.items():
        yield from _words((*at, field), [getattr(stipend, field)], words)
    for field in NEEDED.get(stipend.mode, ()):
        if getattr(stipend, field) is None:
            yield (*at, field), f"{stipend.mode} needs it"
    if stipend.below == "STEP" and not stipend.below_steps:
        yield (*at, "below_steps"), "STEP needs them"
    least, most = stipend.min_monthly, stipend.max_monthly
    if least is not None and most is not None and least > most:
        yield (*at, "min_monthly"), "is greater than max_monthly"
    if stipend.monthly_amount is not None and not (least or 0) <= stipend.monthly_amount <= (most or stipend.monthly_amount):
        yield (*at, "monthly_amount"), "is not between min_monthly and max_monthly"


def _indicator(at: tuple[str | int, ...], one: Indicator, known: set[str]) -> Iterator[Fault]:
    yield from _words((*at, "moment"), [one.moment], MOMENTS)
    yield from _each((*at, "sum_of"), one.sum_of, known)
    for index, condition in enumerate(one.conditions):
        yield from _words((*at, "conditions", index, "field"), [condition.field], ENTRY_FIELDS)
        yield from _words((*at, "conditions", index, "op"), [condition.op], OPERATORS)
    if one.moment == "ENTRY" and bool(one.conditions) == bool(one.sum_of):
        yield at, "at ENTRY an indicator has either conditions or sum_of"


def _each(at: tuple[str | int, ...], given: Iterable[str], words: frozenset[str] | set[str]) -> Iterator[Fault]:
    for index, word in enumerate(given):
        yield from _words((*at, index), [word], words)


def _words(at: tuple[str | int, ...], given: Iterable[str], words: frozenset[str] | set[str]) -> Iterator[Fault]:
    for word in given:
        if word not in words:
            yield at, f"{word} is none of {', '.join(sorted(words))}"


def _twice(name: str, codes: Iterable[str], *below: str) -> Iterator[Fault]:
    for code, times in Counter(codes).items():
        if times > 1:
            yield (name, *below), f"{code} is given {times} times"
