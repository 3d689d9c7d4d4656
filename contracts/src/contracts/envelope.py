"""The envelope of every fact: CloudEvents 1.0, structured mode, flat string attributes (`design.md` 5)."""
from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

ATTRIBUTES = ("specversion", "id", "source", "type", "subject", "time", "occurred", "tenant", "programme", "case", "aggregatetype",
              "aggregate", "sequence", "actor", "actorrole", "actororg", "correlation", "causation", "policyref", "rest")
"""What the service says. Absent where it has no value; never null."""
OPTIONAL = ("subject", "programme", "case", "causation", "policyref")
RELAYED = ("incarnation", "position", "after", "trailnumber", "trailhash")
"""What the relay adds at the end of the value, in this order."""

Count = Annotated[str, Field(pattern=r"^[1-9]\d*$")]
Stamp = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$")]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


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
    """A fact as it goes over the wire: CloudEvents 1.0, structured mode. All attributes are strings; absent where without a value."""

    model_config = ConfigDict(frozen=True, extra="ignore", use_attribute_docstrings=True)

    specversion: Literal["1.0"]
    id: str
    """The fact's own id, a UUID; the same however often the fact is delivered."""
    source: str
    """The service that speaks."""
    type: str
    """`service.Name.v1`; `service.Private.v1` for an event that is not spoken of, without `data`."""
    time: Stamp
    """When it was recorded, UTC; rises with the position."""
    occurred: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")]
    """The date on which it happened, in Rome."""
    tenant: str
    aggregatetype: str
    aggregate: str
    """The aggregate's id."""
    sequence: Count
    """The fact's number within its aggregate, from 1."""
    actor: str
    """Who acted, by pseudonym."""
    actorrole: str
    actororg: str
    correlation: str
    """The same in everything that one request led to."""
    rest: Sha256
    """SHA-256 of a salt and of what the service keeps to itself of the event."""
    subject: str | None = None
    """The person, by pseudonym."""
    programme: str | None = None
    case: str | None = None
    causation: str | None = None
    """The id of the fact that this one is a reaction to."""
    policyref: str | None = None
    """The policy it was decided under: `policy_id@` and the first 16 hexadecimal digits of its SHA-256."""
    data: dict[str, Any] = {}
    """The payload, by the schema of `type`."""
    incarnation: Count | None = None
    """The life of the log, from 1; one more after each readmission. Positions compare as (incarnation, position)."""
    position: Count | None = None
    """The place in the service's log; rises, with holes."""
    after: Annotated[str, Field(pattern=r"^\d+$")] | None = None
    """The position of the previous record of the same partition; 0 for the first."""
    trailnumber: Count | None = None
    """The fact's number in its trail: of its source, tenant and programme, or of none."""
    trailhash: Sha256 | None = None
    """The hash of its trail up to it."""


def spoken(service: str, *facts: type[Fact]) -> dict[str, type[Fact]]:
    """The facts of one service under their names on the wire: `service.Name.v1`."""
    return {f"{service}.{fact.__name__.removesuffix(f'V{fact.fact_version}')}.v{fact.fact_version}": fact for fact in facts}
