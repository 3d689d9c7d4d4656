"""What a decision of assessment may look at: the case and the programme as heard, an instrument, an evaluation."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from assessment.adapters.kinds import EVALUATION, INSTRUMENT
from assessment.domain.evaluation import Evaluation
from assessment.domain.instrument import Instrument
from assessment.domain.known import Case, Programme, fold_case, fold_programme
from chassis.declare import Ask, Look
from contracts.backdating import backdate_limit_days
from contracts.policyref import policy_ref


def case(ask: Ask) -> Case:
    """The case of the command, or of its aggregate; nothing is known of an aggregate that does not exist."""
    case_id = ask.value("case_id")
    return ask.known(case_id, Case(), fold_case, missing="CASE_NOT_HEARD_YET") if case_id else Case()


def programme(ask: Ask) -> Programme:
    programme_id = ask.args.get("programme_id") or case(ask).programme_id
    if not programme_id:
        return Programme()
    known = ask.known(programme_id, Programme(), fold_programme, missing="PROGRAMME_NOT_HEARD_YET")
    return replace(known, policy_refs={
        policy["policy_id"]: policy_ref(policy) for version in known.versions for policy in version.config.get("policies", [])})


def instrument(ask: Ask) -> Instrument:
    found: Instrument = ask.aggregate(INSTRUMENT, ask.value("instrument_code"))
    return found


def evaluation(ask: Ask) -> Evaluation:
    found: Evaluation = ask.aggregate(EVALUATION, ask.value("evaluation_id"))
    return found


def backdating(ask: Ask, programme_id: str) -> int | None:
    return backdate_limit_days(fact.data for fact in ask.heard(programme_id))


LOOKS: Mapping[Any, Look] = {Case: case, Programme: programme, Instrument: instrument, Evaluation: evaluation}
