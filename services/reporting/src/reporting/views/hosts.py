"""Hosts (soggetti ospitanti): what they declared, the agreements and places they have, how many internships were planned there."""
from __future__ import annotations

from reporting.views.fact import Fact
from reporting.views.view import Folded, Row, State

PROFILE = ("body_name", "sole_trader", "legal_nature", "ateco", "ateco_version", "risk_class", "units")


def of(fact: Fact) -> bool:
    return fact.source == "placement"


def key(fact: Fact) -> str | None:
    return fact.named("host_id") or None if of(fact) else None


def fold(state: State, fact: Fact) -> None:
    match fact.name:
        case "HostRegistered":
            state |= {name: fact.get(name) for name in PROFILE if fact.get(name) is not None}
            state |= {"registered_on": fact.occurred, "registered_fact": fact.id}
        case "HostRequirementsDeclared":
            items = [one for one in fact.get("checklist") or () if isinstance(one, dict)]
            state["requirements"] = {"declared_on": fact.get("declared_on"), "valid_to": fact.get("valid_to"),
                                     "all_met": all(one.get("met") for one in items), "fact": fact.id}
        case "AgreementSigned":
            state.setdefault("agreements", {})[fact.aggregate] = {"kind": fact.get("kind"), "signed_on": fact.get("signed_on"),
                                                                  "valid_to": fact.get("valid_to"), "fact": fact.id}
        case "OpportunityPublished":
            state.setdefault("opportunities", {})[fact.aggregate] = {
                "unit_id": fact.get("unit_id"), "places": fact.get("places"), "weekly_hours": fact.get("weekly_hours"),
                "starts": fact.get("starts"), "fact": fact.id}
        case "InternshipPlanned":
            state.setdefault("planned", {})[fact.aggregate] = fact.id
        case "InternshipStarted":
            state.setdefault("started", {})[fact.aggregate] = fact.id


def rows(state: State, host: str) -> dict[str, Row]:
    row = {name: value for name, value in state.items() if name not in ("planned", "started")}
    return {"": row | {"host_id": host, "internships_planned": len(state.get("planned", ())),
                       "internships_started": len(state.get("started", ()))}}


VIEW = Folded("hosts", of, key, fold, rows)
