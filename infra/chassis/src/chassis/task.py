"""A task for a person: raised once, by whichever service sees the need."""
from __future__ import annotations

from datetime import date

from chassis.decide import OccurredOn, Task, TaskRaised
from chassis.kinds import Kind


def evolve(state: Task, event: TaskRaised) -> Task:
    return Task(True, event.case_id, event.programme_id, event.subject_id)


def raise_task(state: Task, *, task_id: str, kind: str, role: str, due: date, cause: str, done_by: str, case_id: str | None,
               programme_id: str | None, subject_id: str | None, on: OccurredOn) -> list[TaskRaised]:
    """Raise a task for a person, once."""
    return [] if state.raised else [TaskRaised(task_id, kind, role, due, cause, done_by, case_id, programme_id, subject_id)]


TASK = Kind("task", "task_id", TaskRaised, Task, evolve)

__all__ = ["TASK", "Task", "TaskRaised", "raise_task"]
