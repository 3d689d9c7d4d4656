"""Programmes (programmi): the configuration in force, with the catalogue by which participations are counted."""
from __future__ import annotations

from reporting.views.fact import Fact
from reporting.views.view import Folded, Row, State

ABOUT = ("title", "fund", "cup", "clp", "start", "end")


def of(fact: Fact) -> bool:
    return fact.aggregatetype == "programme"


def key(fact: Fact) -> str | None:
    return fact.aggregate if of(fact) else None


def fold(state: State, fact: Fact) -> None:
    """The configuration spoken last holds."""
    state |= {name: fact.get(name) for name in ABOUT if fact.get(name) is not None}
    config = fact.get("config")
    if isinstance(config, dict):
        state |= {"config_version": fact.get("config_version") or fact.get("version"), "config_fact": fact.id,
                  "catalogue": config.get("catalogue") or {}, "action_plan": config.get("action_plan"),
                  "funding": config.get("funding"),
                  "policies": [policy.get("policy_id") for policy in config.get("policies") or () if isinstance(policy, dict)]}


def rows(state: State, programme: str) -> dict[str, Row]:
    return {"": {name: value for name, value in state.items() if value is not None} | {"programme": programme}}


VIEW = Folded("programmes", of, key, fold, rows)
