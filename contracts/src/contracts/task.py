"""A task for a person: an event of the service that raises it, the same in all."""
from __future__ import annotations

from contracts.classes import Code, Day, Id
from contracts.envelope import Fact


class TaskRaised(Fact):
    """Something a person has to do (attività da svolgere), once a cause; open until a fact of type `done_by` is known of the case.

    Source: `design.md` 5.
    """

    task_id: Id
    kind: Code
    role: Code
    due: Day
    cause: Id
    done_by: Code
