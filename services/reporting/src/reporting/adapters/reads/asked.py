"""Asking for a moment: what had been recorded by an instant, what was true on a date, or exactly what an earlier answer rested on."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from fastapi import Depends, Query

from chassis.clock import stamp
from chassis.database import Tx
from chassis.web.instants import Instant
from chassis.web.problems import Problem
from reporting import basis
from reporting.moment import Moment

RecordedAsOf = Annotated[Instant | None, Query(description="what had been recorded by this instant")]
TrueOn = Annotated[date | None, Query(description="what was true on this date")]
Token = Annotated[str, Query(alias="basis", max_length=20_000, description="`basis_token` of an answer: exactly that answer again")]


@dataclass(frozen=True)
class Asked:
    """What a reader asks for; `live`: what is known now."""

    recorded_as_of: str | None = None
    true_on: str | None = None
    token: str = ""

    @property
    def live(self) -> bool:
        return self == Asked()

    def moment(self, tx: Tx, tenant: str) -> Moment:
        """The facts to answer from: those in the basis that is given, else in that of the live views. 422 or 409 where it is none."""
        if not self.token:
            return Moment(basis.current(tx, tenant), self.recorded_as_of, self.true_on)
        try:
            given, (recorded_as_of, true_on) = basis.unpacked(self.token)
        except ValueError:
            raise Problem(422, "INPUT_INVALID", "the basis is not one that an answer gave",
                          errors=[("query/basis", "take `basis_token` of an answer, whole")]) from None
        if not basis.is_held(tx, tenant, given):
            raise Problem(409, "BASIS_NOT_HELD", "this archive does not hold all facts of that basis",
                          next="ask again once the sources are heard that far (GET /completeness), or ask the suite that gave it")
        return Moment(given, recorded_as_of, true_on)


async def asked(recorded_as_of: RecordedAsOf = None, true_on: TrueOn = None, token: Token = "") -> Asked:
    """What a request asks for; nothing is waited for, and a thread is not gone to for it."""
    if token and (recorded_as_of or true_on):
        raise Problem(422, "INPUT_INVALID", "a basis says itself as of when it is",
                      errors=[("query/basis", "give it without recorded_as_of and true_on")])
    return Asked(stamp(recorded_as_of) if recorded_as_of else None, true_on.isoformat() if true_on else None, token)


AsOf = Annotated[Asked, Depends(asked)]


def rests_on(tx: Tx, tenant: str, moment: Moment, programme: str | None) -> dict[str, Any]:
    """What every answer says of itself: as of when, the heads it rests on, how far each source was complete, its basis as one word."""
    assert moment.basis is not None
    return {**moment.said, "basis": basis.heads(tx, tenant, moment.basis, programme, moment.recorded_as_of),
            "basis_token": moment.token, "complete": basis.complete(tx, tenant, moment.basis)}
