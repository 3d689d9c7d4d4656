"""Money set aside by an act (impegno di spesa), and the share of it that each entitlement may draw."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from chassis.decide import OccurredOn, Refused
from contracts.words import Cup
from stipend.domain.forms import AccountingCode, ActNo
from stipend.domain.known import Programme


@dataclass(frozen=True)
class CommitmentRegistered:
    commitment_id: str
    programme_id: str
    act_no: str
    act_date: date
    amount_cents: int
    binding: bool
    cup: str | None = None
    chapter: str | None = None
    pdc_code: str | None = None
    for_case_id: str | None = None


@dataclass(frozen=True)
class ShareChanged:
    """What an entitlement has accrued and is projected to, in all. Not spoken: it makes two draws at once meet here."""

    commitment_id: str
    entitlement_id: str
    share_cents: int


Event = CommitmentRegistered | ShareChanged


@dataclass(frozen=True)
class Commitment:
    """`for_case_id`: the one case whose payments it bears, None where it bears any of the programme's."""

    commitment_id: str = ""
    programme_id: str | None = None
    amount_cents: int = 0
    binding: bool = False
    cup: str | None = None
    for_case_id: str | None = None
    shares: Mapping[str, int] = field(default_factory=dict)

    @property
    def left_cents(self) -> int:
        return self.amount_cents - sum(self.shares.values())

    def open_to(self, entitlement_id: str) -> int:
        """What this entitlement's share may be at most."""
        return self.left_cents + self.shares.get(entitlement_id, 0)

    def bears(self, programme_id: str, case_id: str) -> bool:
        return self.programme_id == programme_id and self.for_case_id in (None, case_id)


def evolve(state: Commitment, event: Event) -> Commitment:
    match event:
        case CommitmentRegistered():
            return replace(state, commitment_id=event.commitment_id, programme_id=event.programme_id,
                           amount_cents=event.amount_cents, binding=event.binding, cup=event.cup,
                           for_case_id=event.for_case_id or state.for_case_id)
        case ShareChanged():
            return replace(state, shares={**state.shares, event.entitlement_id: event.share_cents})


def register_commitment(state: Commitment, *, commitment_id: str, programme_id: str, act_no: ActNo, act_date: OccurredOn,
                        amount_cents: int, binding: bool, programme: Programme, cup: Cup | None = None,
                        chapter: AccountingCode | None = None, pdc_code: AccountingCode | None = None,
                        for_case_id: str | None = None) -> list[Event]:
    """Set money aside for stipends of a programme, or of one case (impegno). Given again, only to say that it has become binding."""
    if amount_cents <= 0 or (state.commitment_id and (state.programme_id, state.amount_cents) != (programme_id, amount_cents)):
        raise Refused("BUDGET_NOT_AVAILABLE", "a commitment is of a positive amount; its programme and its amount do not change")
    if state.commitment_id and for_case_id not in (None, state.for_case_id):
        raise Refused("BUDGET_NOT_AVAILABLE", "a commitment that is registered is not reserved anew: register another for the case")
    if state.commitment_id and (state.binding or not binding):
        return []
    return [CommitmentRegistered(commitment_id, programme_id, act_no, act_date, amount_cents, binding, cup, chapter, pdc_code,
                                 for_case_id or state.for_case_id)]


def share_changed(commitment: Commitment, entitlement_id: str, share_cents: int) -> list[ShareChanged]:
    """Nothing where the share stays as it is."""
    if commitment.shares.get(entitlement_id) == share_cents:
        return []
    return [ShareChanged(commitment.commitment_id, entitlement_id, share_cents)]
