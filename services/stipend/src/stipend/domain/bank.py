"""Where a participant is paid (coordinate bancarie): registered by one person, verified by another."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Annotated, Literal

from chassis.decide import Actor, OccurredOn, Private, Refused, refuse
from contracts.words import Iban
from stipend.domain.known import Participant

HolderRole = Literal["PARTICIPANT", "GUARDIAN", "DELEGATE"]
Method = Literal["BANK_LETTER", "IBAN_CHECK_SERVICE", "VERIFICATION_OF_PAYEE", "DOCUMENT_SEEN", "OTHER"]
PayeeCheck = Literal["MATCH", "CLOSE", "NO_MATCH", "NOT_AVAILABLE"]


@dataclass(frozen=True)
class BankDetailsRegistered:
    """`holder` is empty where the participant holds the account: intake knows the name. `deed`: what makes a delegate one."""

    subject_id: str
    details_id: str
    holder_role: str
    registered_by: str
    iban: Annotated[str, Private("bank")]
    holder: Annotated[str, Private("bank")] = ""
    deed: Annotated[str, Private("bank")] = ""


@dataclass(frozen=True)
class BankDetailsVerified:
    subject_id: str
    details_id: str
    method: str
    verified_by: str
    verified_on: date
    payee_check: str | None = None


Event = BankDetailsRegistered | BankDetailsVerified


@dataclass(frozen=True)
class Account:
    iban: str
    holder: str
    registered_by: str
    verified_on: date | None = None
    holder_role: str = "PARTICIPANT"


@dataclass(frozen=True)
class BankDetails:
    subject_id: str | None = None
    current: str = ""
    accounts: Mapping[str, Account] = field(default_factory=dict)

    @property
    def account(self) -> Account | None:
        return self.accounts.get(self.current)


def evolve(state: BankDetails, event: Event) -> BankDetails:
    match event:
        case BankDetailsRegistered():
            holder = "" if event.holder_role == "PARTICIPANT" else event.holder  # early ones could name another
            account = Account(event.iban, holder, event.registered_by, None, event.holder_role)
            return BankDetails(event.subject_id, event.details_id, {**state.accounts, event.details_id: account})
        case BankDetailsVerified() if event.details_id in state.accounts:
            verified = replace(state.accounts[event.details_id], verified_on=event.verified_on)
            return replace(state, accounts={**state.accounts, event.details_id: verified})
        case _:
            return state


def register_bank_details(state: BankDetails, *, subject_id: str, details_id: str, iban: Iban, holder_role: HolderRole,
                          registered_on: OccurredOn, actor: Actor, participant: Participant,
                          holder: Annotated[str, Private("bank")] = "",
                          deed: Annotated[str, Private("bank")] = "") -> list[Event]:
    """Register the account a participant is paid on: their own, a minor's guardian's, or a delegate's with a deed. It waits to be verified.

    `holder`: the name of a guardian or a delegate; a participant's is intake's. `deed`: the reference of the delegate's deed.
    """
    known, holder, deed = state.account, holder.strip(), deed.strip()
    refuse(_named(holder_role, holder), _entitled(holder_role, deed, participant))
    if details_id in state.accounts or (known and (known.iban, known.holder, known.holder_role) == (iban, holder, holder_role)):
        return []
    return [BankDetailsRegistered(subject_id, details_id, holder_role, actor.user, iban, holder, deed)]


def _named(role: HolderRole, holder: str) -> Refused | None:
    if role == "PARTICIPANT" and holder:
        return Refused("INPUT_INVALID", "name no holder of the participant's own account: the name is intake's, corrected there")
    if role != "PARTICIPANT" and not holder:
        return Refused("INPUT_INVALID", "name the holder: the account is not the participant's")
    return None


def _entitled(role: HolderRole, deed: str, participant: Participant) -> Refused | None:
    """`domain.md` 3.4."""
    if role == "GUARDIAN" and not participant.minor:
        return Refused("HOLDER_NOT_ELIGIBLE", "a guardian is paid for a minor only: register the participant's account, or a delegate's")
    if role == "DELEGATE" and not deed:
        return Refused("HOLDER_NOT_ELIGIBLE", "a delegate is paid by a deed: give its reference")
    return None


def verify_bank_details(state: BankDetails, *, subject_id: str, details_id: str, method: Method, verified_on: OccurredOn,
                        actor: Actor, payee_check: PayeeCheck | None = None) -> list[Event]:
    """Confirm, as a second person, that the account is the participant's."""
    account = state.accounts.get(details_id)
    if account is None or details_id != state.current:
        raise Refused("IBAN_MISSING", "register these bank details first; only the last registered are verified")
    if account.verified_on:
        return []
    if account.registered_by == actor.user:
        raise Refused("SAME_APPROVER", "who registered the bank details does not verify them")
    return [BankDetailsVerified(subject_id, details_id, method, actor.user, verified_on, payee_check)]
