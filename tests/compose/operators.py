"""The operator's command line, beside the services: it reaches the store and the topics of each."""
from __future__ import annotations

from compose.stack import Stack, Wrong
from percorso.suite import SERVICES

LOOK = "for service in {services}; do percorso parked list --service $service && percorso store foreign --service $service || exit 1; done"
NOTHING = "Nothing is parked.\nNothing foreign is open.\n"


def reach_each(stack: Stack) -> str:
    """In a container of its own, that ends."""
    look = LOOK.format(services=" ".join(SERVICES))
    came = stack.compose("--profile", "operator", "run", "--rm", "-T", "--entrypoint", "sh", "operator", "-c", look)
    if came != NOTHING * len(SERVICES):
        raise Wrong(f"the operator is told: {came}")
    return f"`parked list` and `store foreign` of {len(SERVICES)} services"
