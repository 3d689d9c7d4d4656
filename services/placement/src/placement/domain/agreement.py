"""The convention between promoter and host (convenzione; `domain.md` 2.5 CONVENZIONE)."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal, NewType

from chassis.decide import OccurredOn, Private, Refused
from placement.domain.host import Host

DocumentDigest = NewType("DocumentDigest", str)
"""HMAC-SHA-256 of a document under a random key, 64 hexadecimal digits; the key is sealed with it."""


@dataclass(frozen=True)
class AgreementSigned:
    agreement_id: str
    host_id: str
    promoter: str
    kind: str
    signed_on: date
    valid_to: date
    document_digest: str
    document_key: Annotated[str | None, Private("documents")]


Event = AgreementSigned


@dataclass(frozen=True)
class Agreement:
    kind: str = ""
    host_id: str = ""
    signed_on: date = date.max
    valid_to: date = date.min

    def binds(self, host_id: str, on: date) -> bool:
        """A convention with this host is in force on that day."""
        return self.kind == "CONVENZIONE" and self.host_id == host_id and self.signed_on <= on <= self.valid_to


def evolve(state: Agreement, event: Event) -> Agreement:
    return Agreement(event.kind, event.host_id, event.signed_on, event.valid_to)


def sign_agreement(state: Agreement, *, agreement_id: str, host_id: str, promoter: str, kind: Literal["CONVENZIONE", "PROTOCOLLO"],
                   signed_on: OccurredOn, valid_to: date, document_digest: DocumentDigest, host: Host,
                   document_key: Annotated[str | None, Private("documents")] = None) -> list[Event]:
    """Record a signed convention (convenzione firmata). `promoter`: the promoting body's id."""
    if state.kind:
        return []
    if not host.registered:
        raise Refused("INVALID_TRANSITION", "register the host first")
    return [AgreementSigned(agreement_id, host_id, promoter, kind, signed_on, valid_to, document_digest, document_key)]
