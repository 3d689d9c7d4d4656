"""The envelope of every fact: CloudEvents 1.0, structured mode, flat string attributes (`design.md` 5)."""
from __future__ import annotations

from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict

ATTRIBUTES = ("specversion", "id", "source", "type", "subject", "time", "occurred", "tenant", "programme", "case", "aggregatetype",
              "aggregate", "sequence", "actor", "actorrole", "actororg", "correlation", "causation", "policyref", "rest")
"""What the service says. Absent where it has no value; never null."""
OPTIONAL = ("subject", "programme", "case", "causation", "policyref")
RELAYED = ("incarnation", "position", "after", "trailnumber", "trailhash")
"""What the relay adds at the end of the value, in this order."""


class Fact(BaseModel):
    """A payload. Unknown fields are ignored; a version only gains optional fields, anything else is a new version."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    fact_version: ClassVar[int] = 1


class Part(BaseModel):
    """An object inside a payload."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Private(Fact):
    """An event that is not spoken of: its envelope alone, so that the trail stays whole."""


class Envelope(BaseModel):
    """A fact as it goes over the wire. All attributes are strings; `time` is when it was recorded, `occurred` a date in Rome."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    specversion: str
    id: str
    source: str
    type: str
    time: str
    occurred: str
    tenant: str
    aggregatetype: str
    aggregate: str
    sequence: str
    actor: str
    actorrole: str
    actororg: str
    correlation: str
    rest: str
    subject: str | None = None
    programme: str | None = None
    case: str | None = None
    causation: str | None = None
    policyref: str | None = None
    data: dict[str, Any] = {}
    incarnation: str | None = None
    position: str | None = None
    after: str | None = None
    trailnumber: str | None = None
    trailhash: str | None = None


def spoken(service: str, *facts: type[Fact]) -> dict[str, type[Fact]]:
    """The facts of one service under their names on the wire: `service.Name.v1`."""
    return {f"{service}.{fact.__name__.removesuffix(f'V{fact.fact_version}')}.v{fact.fact_version}": fact for fact in facts}
