"""Facts as they come over the bus, made from a few words."""
from __future__ import annotations

import json
import uuid
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

TENANT = "bari"


@dataclass(frozen=True)
class Said:
    """A record: all that the archive asks for is its value."""

    value: bytes


@dataclass
class Speaker:
    """Speaks facts of all sources, in the order of its calls; positions, sequences, trails and recorded instants follow."""

    tenant: str = TENANT
    positions: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    sequences: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    trails: dict[tuple[str, str, str], int] = field(default_factory=lambda: defaultdict(int))
    spoken: list[Said] = field(default_factory=list)
    ticks: int = 0

    def say(self, kind: str, of: str, aggregate: str, data: Mapping[str, Any], *, occurred: str = "2025-01-10", **attributes: str) -> str:
        """Say a fact of a type without version, of an aggregate; its id."""
        source = kind.split(".")[0]
        self.ticks += 1
        self.positions[source] += 1
        self.sequences[of, aggregate] += 1
        trail = (self.tenant, source, attributes.get("programme", ""))
        self.trails[trail] += 1
        fact = {"specversion": "1.0", "id": str(uuid.UUID(int=self.ticks)), "source": source, "type": f"{kind}.v1",
                "time": f"2025-01-10T{self.ticks // 3600:02d}:{self.ticks // 60 % 60:02d}:{self.ticks % 60:02d}.000000Z",
                "occurred": occurred, "tenant": self.tenant, "aggregatetype": of, "aggregate": aggregate,
                "sequence": str(self.sequences[of, aggregate]), "actor": "op-1", "actorrole": "SYSTEM", "actororg": "comune",
                "correlation": "c", "rest": "0" * 64, "data": dict(data), **attributes,
                "incarnation": "1", "position": str(self.positions[source]), "after": "0",
                "trailnumber": str(self.trails[trail]), "trailhash": "a" * 64}
        self.spoken.append(Said(json.dumps(fact).encode()))
        return str(fact["id"])
