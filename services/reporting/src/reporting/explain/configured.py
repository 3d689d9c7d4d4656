"""The facts that spell a programme's configuration."""
from __future__ import annotations

from chassis.database import Tx
from reporting import archive
from reporting.explain.accrual import CONFIGURES
from reporting.views.fact import Fact


def configuration_facts(tx: Tx, tenant: str, programme: str, upto: int) -> list[Fact]:
    """In canonical order, up to an archive sequence."""
    return [fact for fact in archive.about(tx, tenant, [programme], upto)[programme] if fact.name in CONFIGURES]
